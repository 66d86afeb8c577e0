"""What a server of records does, whichever it is."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from nucliactl import hints
from nucliactl.errors import Forbidden, NucliactlError, UnknownProfile
from nucliactl.secret import Secret

Fields = Mapping[str, Secret]
"""A record as it is kept: any of its fields may be the secret one."""

MOST_RECORDS = 10_000
MOST_FIELDS = 64
LONGEST_VALUE = 64 * 1024
LONGEST_RECORD = 256 * 1024
LONGEST_KEY = 256


class Records(Protocol):
    """The records of one address. Each method raises Unreachable where the server does not answer as one
    does, Rejected where it refuses the login, and nothing of a record is in an error."""

    def key(self, name: str) -> str:
        """Return the key of a record, as people find it there."""
        ...

    def place(self, name: str) -> str:
        """Return the server and the key of a record."""
        ...

    def names(self) -> list[str]:
        """Return the last parts of all keys, whether a profile can be called so or not; Forbidden where they
        may not be listed."""
        ...

    def read(self, names: Sequence[str]) -> dict[str, Fields | NucliactlError]:
        """Return each record, or why there is none: UnknownProfile where nothing is there, Forbidden where it
        may not be read, Damaged where it is none."""
        ...

    def write(self, name: str, fields: Fields) -> None:
        """Put a record in place of what is there, all of it in one step. Raises Forbidden."""
        ...

    def listen(self, names: Sequence[str]) -> None:
        """Begin to hear of changes of these records, where the server tells of them. Raises nothing."""
        ...

    def wait(self, seconds: float) -> None:
        """Return after some seconds, or as soon as a change is heard of. Raises nothing."""
        ...

    def close(self) -> None: ...


def not_there(place: str, key: str, name: str) -> UnknownProfile:
    return UnknownProfile(
        f"There is no record {key} at {place}.",
        hint=f"To write it from a profile of that name: {hints.PUSH.format(name)}",
    )


def not_listed(place: str) -> Forbidden:
    return Forbidden(
        f"This login may not list the records at {place}.", hint=f"Name the profiles: {hints.PULL}"
    )


def too_many(place: str) -> NucliactlError:
    return NucliactlError(
        f"There are more than {MOST_RECORDS} records at {place}.", hint=f"Name the profiles: {hints.PULL}"
    )
