"""The official SDK, the package `nuclia`, with the active profile's credential.

    from nuclia import sdk
    from nucliactl.adapters import nuclia

    nuclia.configure()
    print(sdk.NucliaKB().list())

The credential is given through `nuclia.data.set_config`, in this process only: no file is read or written,
not even where the SDK would save what it learned.

The SDK asks for the credential each time it makes a client, at each call of `sdk.NucliaKB()` and
`sdk.NucliaNUA()`: a rotated key and a renewed session are used by the next call. What holds a client longer
(`ndb=`, `nc=`, a stream under way) keeps the key it was made with, and a token that the service rejects
before its time is not renewed at once: the package has no place to ask in. It follows redirects of its own.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from nucliactl.adapters.packages import imported
from nucliactl.api import Profile, here, resolve
from nucliactl.errors import NucliactlError, Refused
from nucliactl.model.kinds import KINDS
from nucliactl.model.profile import Definition
from nucliactl.profiles.handing import active_definitions
from nucliactl.profiles.official_entry import IDS, OfficialEntry, entry_of
from nucliactl.profiles.official_file import merged
from nucliactl.records import log
from nucliactl.secret import Secret, Untraced
from nucliactl.store.sessions import session_owner

__all__ = ["configure"]

_DISTRIBUTION = "nuclia"


class _Given(NamedTuple):
    """A profile's entry, and what asks for it again."""

    entry: OfficialEntry
    ask: Callable[[], OfficialEntry]


def configure(profile: str | Profile | None = None) -> Profile:
    """Give the official SDK the credential of a profile, in place of what it had; return the profile.

    `profile` is a name, several of different kinds (`"acme-kb,acme-nua"`), or a resolved one. Without it the
    active profile is given, and that of each other kind; a signed-in user's only where it is the active one.

    Raises NotInstalled without the package, Ambiguous for two names of one kind, Refused where the SDK would
    send a user's token to another service than its own, Incomplete for a NUA key or an agent whose account is
    not known, and what `resolve` and opening a secret raise.
    """
    with Untraced():
        package, config = imported("nuclia", _DISTRIBUTION), imported("nuclia.config", _DISTRIBUTION)
        data = imported("nuclia.data", _DISTRIBUTION)
        profiles = _profiles(profile)
        given: list[_Given] = []
        for number, one in enumerate(profiles):
            try:
                found = _given(one, package.GLOBAL_BASE)
            except NucliactlError as error:
                if number == 0 or profile is not None:
                    raise
                log.warning("%s was not given to the official SDK: %s", one.name, error.message)
                continue
            if not any(found.entry.clashes(other.entry) for other in given):
                given.append(found)
        data.set_config(_live(config.Config, data, given))
        data.DATA.auth = data.DATA.async_auth = None  # they hold the configuration they were made with
        return profiles[0]


def _profiles(profile: str | Profile | None) -> list[Profile]:
    if isinstance(profile, Profile):
        return [profile]
    if profile is not None:
        return [resolve(profile), *(resolve(name.strip()) for name in profile.split(",")[1:])]
    others = active_definitions(here())[1:]
    return [resolve(), *(resolve(kind=other.kind) for other in others)]


def _given(profile: Profile, service: str) -> _Given:
    connection = profile.connection()
    definition, provider = connection.definition, connection.provider
    values = {value.key: value.value for value in profile.values}
    _check_service(definition, service)

    def ask() -> OfficialEntry:
        with Untraced():
            return entry_of(definition, values, provider.get() if provider else None)

    return _Given(ask(), ask)


def _check_service(definition: Definition, service: str) -> None:
    """Raise Refused where the SDK would send a user's token to another service than its own."""
    owner = session_owner(definition) or definition
    if KINDS[owner.kind].signed_in and owner.global_url != service:
        raise Refused(
            f"The token of {owner.name!r} is for {owner.global_url}, and the official SDK of this process "
            f"would send it to {service}.",
            hint="Set BASE_NUCLIA_DOMAIN to its domain before nuclia is imported.",
        )


def _live(base: Any, data: Any, given: list[_Given]) -> Any:
    """Return the SDK's configuration, of a class that saves nothing and asks for each credential anew."""
    signed_in = [one.ask for one in given if one.entry.token is not None]

    class Live(base):  # type: ignore[misc]
        def save(self) -> None:
            data.DATA.config = self

        def get_kb(self, kbid: str) -> Any:
            return fresh(super().get_kb(kbid))

        def get_nua(self, nua_id: str) -> Any:
            return fresh(super().get_nua(nua_id))

        def get_agent(self, agent_id: str) -> Any:
            return fresh(super().get_agent(agent_id))

        def __getattribute__(self, name: str) -> Any:
            return (
                _plain(signed_in[0]().token)
                if name == "token" and signed_in
                else super().__getattribute__(name)
            )

        def __setattr__(self, name: str, value: Any) -> None:
            if name == "token":  # the program signs in by itself
                signed_in.clear()
            super().__setattr__(name, value)

    def fresh(row: Any) -> Any:
        ask = asks.get(id(row))
        if ask is not None:
            row.token = _plain(ask().row["token"])
        return row

    made = Live(**_plain(merged({}, [one.entry for one in given])))
    asks = dict(_rows(made, given))
    return made


def _rows(config: Any, given: list[_Given]) -> Iterator[tuple[int, Callable[[], OfficialEntry]]]:
    """The rows that are ours, by what they are and not by their id: the program may put others there."""
    for one in given:
        if one.entry.rows is not None:
            rows = {getattr(row, IDS[one.entry.rows]): row for row in getattr(config, one.entry.rows)}
            yield id(rows[one.entry.id]), one.ask


def _plain(value: Any) -> Any:
    """Open the secrets in what the SDK is given."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.reveal() if isinstance(value, Secret) else value
