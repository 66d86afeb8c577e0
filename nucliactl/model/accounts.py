"""Whose a profile is: the account that people name by its slug or its id."""

from __future__ import annotations

from collections.abc import Iterable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol, TypeVar

    class Owned(Protocol):
        @property
        def account(self) -> str | None: ...

        @property
        def account_slug(self) -> str | None: ...

    T = TypeVar("T", bound=Owned)


def of_account(profiles: Iterable[T], wanted: str) -> list[T]:
    """Return what belongs to an account. One profile that knows the slug of an id speaks for all of that
    id: a key alone does not tell its account's slug."""
    known = list(profiles)
    ids = {wanted, *(one.account for one in known if one.account_slug == wanted and one.account)}
    return [one for one in known if one.account_slug == wanted or one.account in ids]


def ids_of(profiles: Iterable[Owned], wanted: str) -> list[str]:
    """Return the ids of the accounts that `wanted` stands for among profiles that belong to it."""
    return sorted({one.account for one in profiles if one.account and one.account != wanted})


def slug_of(profiles: Iterable[Owned], account: str) -> str | None:
    """Return the slug of an account's id, where a profile knows it; None where they know several."""
    slugs = {one.account_slug for one in profiles if one.account == account and one.account_slug}
    return slugs.pop() if len(slugs) == 1 else None


def names_of_accounts(profiles: Iterable[Owned]) -> set[str]:
    """Return the name of every account there is: its slug where a profile knows it, else its id."""
    known = list(profiles)
    slugs = {one.account: one.account_slug for one in known if one.account_slug}
    return {name for one in known if (name := one.account_slug or slugs.get(one.account) or one.account)}
