"""What the commands share that speak to a team's store: opening it, and saying what of it is wrong."""

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from nucliactl import hints
from nucliactl.cli.output import note
from nucliactl.errors import NucliactlError, UnknownProfile
from nucliactl.fleet.access import Access, access_of, advice
from nucliactl.fleet.contract import Records
from nucliactl.fleet.looking import Look
from nucliactl.fleet.opening import records
from nucliactl.sources.sources import Sources

_SHOWN = 3


class Store(NamedTuple):
    """The records of an address, and how it was opened."""

    records: Records
    access: Access

    @property
    def place(self) -> str:
        return self.access.address.place


@contextlib.contextmanager
def store_at(flag: str | None, what: str, sources: Sources, *, default: bool = False) -> Iterator[Store]:
    """Open the store that a flag (`what`) names, for the block; `default`: else NUCLIA_PROFILES_URL."""
    access = access_of(flag, os.environ, what, default=default)
    if text := advice(access):
        note(text)
    found = records(access, sources)
    try:
        yield Store(found, access)
    finally:
        found.close()


def say_problems(seen: Look, *, but: NucliactlError | None = None) -> None:
    """Say what is wrong with each record, but for the one that ends the command."""
    for error in seen.problems.values():
        if error is not but:
            note(error.message)
    if seen.nameless:
        more = len(seen.nameless) - _SHOWN
        named = ", ".join(key[:100] for key in seen.nameless[:_SHOWN]) + (
            f" and {more} more" if more > 0 else ""
        )
        note(f"no profile can be called so, left out: {named}")


def first_problem(seen: Look, names: Sequence[str], store: Store) -> NucliactlError | None:
    """Return what a command that wanted these records (none: all) ends with."""
    if not seen.found and not names:
        key = store.records.key("NAME")
        hint = f"Look at the address, or write one: {hints.PUSH.format('NAME')}"
        return UnknownProfile(f"There is no record at {store.place}; each would be {key}.", hint=hint)
    return next(iter(seen.problems.values()), None)
