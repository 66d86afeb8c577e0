"""Credential files: `credentials/<name>.json`, written by the tool only, 0600."""

from __future__ import annotations

import os

from nucliactl import hints
from nucliactl.disk import witness
from nucliactl.disk.judging import judge_private
from nucliactl.disk.modes import modes_ignored
from nucliactl.disk.reading import read_file
from nucliactl.errors import Damaged, LoginNeeded, Newer, NucliactlError, Refused, SessionEnded
from nucliactl.json_writing import indented
from nucliactl.lean import suppress
from nucliactl.model.endpoint import DEFAULT_DOMAIN
from nucliactl.model.endpoint_rules import filled, with_other_name
from nucliactl.model.jwt import as_expiry
from nucliactl.model.kinds import KINDS, LOGIN_ADDRESSES, USER
from nucliactl.model.profile import Definition
from nucliactl.model.trust import Trust
from nucliactl.patterns import pattern
from nucliactl.secret import Secret
from nucliactl.store.definitions import store_of
from nucliactl.store.formats import parse_json
from nucliactl.store.layout import MARK, Store
from nucliactl.text import quoted
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from typing import Any, TypeVar

    from nucliactl.disk.reading import Read
    from nucliactl.model.words import KindName

    T = TypeVar("T")

_STORED = pattern(r"(.+)\.json(?:\.damaged(?:-\d+)?)?")
_MARKED = pattern(r"(.+)" + MARK.replace(".", "[.]"))

VERSION = 1


class Credential(NamedTuple):
    """A stored credential and what it was made for. Times are epoch seconds UTC.

    For a `user`, `secret` is the session's access token.
    """

    kind: KindName
    origins: tuple[str, ...]
    secret: Secret
    expires_at: int | None = None
    issued_at: int | None = None
    refresh_token: Secret | None = None
    login_required: bool = False


def read_credential(path: str, trust: Trust | None, read: Read = read_file) -> Credential | None:
    """Return the credential in a file of a place, or None if there is none.

    Raises Damaged if it cannot be understood, Refused if others may read or write it.
    """

    def work() -> Credential | None:
        contents = read(path, trust)
        if contents is None:
            return None
        judge_private(path, contents.mode, trust)
        return _parsed(contents.data, path)

    return _without_frames(work)


def parse_credential(text: Secret, path: str) -> Credential:
    """Return the credential that `credential_bytes` wrote. Raises Damaged naming the place, which is
    `path`."""
    return _without_frames(lambda: _parsed(text.reveal().encode(), path))


def _without_frames(work: Callable[[], T]) -> T:
    """Do what has open secrets in its frames; what it raises comes without those."""
    try:
        return work()
    except NucliactlError as error:
        error.__context__ = None
        failed = error.with_traceback(None)
    raise failed


def _parsed(data: bytes, path: str) -> Credential:
    hint = "Log in again to replace it."
    found = parse_json(data, path, hint)
    if not isinstance(found.get("version"), int):
        raise Damaged(f"{path} is not a credential file.", hint=hint)
    if found["version"] > VERSION:
        raise Newer(
            f"{path} was written by a newer nucliactl (version {found['version']}).",
            hint="Upgrade nucliactl.",
        )
    kind, origins = found.get("kind"), found.get("origins")
    key = "access_token" if kind == USER.name else "secret"
    secret, refresh = found.get(key), found.get("refresh_token")
    if (
        kind not in KINDS
        or not isinstance(origins, list)
        or not all(isinstance(origin, str) for origin in origins)
        or not isinstance(secret, str)
        or not secret
        or not (refresh is None or isinstance(refresh, str))
    ):
        raise Damaged(f"{path} lacks its kind, origins or secret.", hint=hint)
    return Credential(
        kind,
        tuple(origins),
        Secret(secret),
        as_expiry(found.get("expires_at")),
        as_expiry(found.get("issued_at")),
        Secret(refresh) if refresh else None,
        found.get("login_required") is True,
    )


def credential_bytes(credential: Credential) -> bytes:
    """Return the contents of a credential file."""
    found: dict[str, Any] = {"version": VERSION, "kind": credential.kind, "origins": credential.origins}
    if credential.kind == USER.name:
        found["access_token"] = credential.secret.reveal()
        refresh = credential.refresh_token
        found["refresh_token"] = refresh.reveal() if refresh else None
        found["issued_at"] = credential.issued_at
        found["expires_at"] = credential.expires_at
        found["login_required"] = credential.login_required
    else:
        found["secret"] = credential.secret.reveal()
        if credential.expires_at is not None:
            found["expires_at"] = credential.expires_at
    return indented(found, " ").encode() + b"\n"


def credential_names(store: Store) -> list[str]:
    """Return the names something is stored for, those without a definition too; sorted."""
    return sorted({*credential_files(store), *_by_name(store, _MARKED)})


def credential_files(store: Store) -> dict[str, list[str]]:
    """Return the paths of what is stored for each name: its credential, and copies of damaged ones."""
    return _by_name(store, _STORED)


def _by_name(store: Store, form: re.Pattern[str]) -> dict[str, list[str]]:
    folder = store.credentials
    paths: dict[str, list[str]] = {}
    with suppress(FileNotFoundError):
        for file in witness.names(folder):
            if found := form.fullmatch(file):
                paths.setdefault(found[1], []).append(os.path.join(folder, file))
    return paths


def fitting(definition: Definition, credential: Credential | None) -> Credential:
    """Return the stored credential of a definition, where it may serve it.

    Raises LoginNeeded when there is none or it is spent, Refused when it was made for another kind
    or other origins than the definition now states.
    """
    if credential is None:
        hint = _elsewhere(definition) or _again(definition)
        raise LoginNeeded(f"The profile {definition.name!r} has no credential.", hint=hint)
    if credential.kind != definition.kind:
        raise Refused(
            f"The credential of {definition.name!r} was made for the kind {credential.kind}, but its "
            f"definition now says {definition.kind}.",
            hint=_again(definition),
        )
    if KINDS[definition.kind].signed_in:
        credential = credential._replace(origins=with_other_name(credential.origins, definition.values))
    foreign = [origin for origin in definition.origins if origin not in credential.origins]
    if foreign:
        raise Refused(
            f"The credential of {definition.name!r} was made for {', '.join(credential.origins)}, but "
            f"its definition now leads to {', '.join(foreign)}.",
            hint=f"Correct {definition.source.location}, or log in again: {login_command(definition)}",
        )
    if credential.login_required:
        raise SessionEnded(f"The session of {definition.name!r} has ended.", hint=_again(definition))
    return credential


def _again(definition: Definition) -> str:
    return f"Log in again: {login_command(definition)}"


def _elsewhere(definition: Definition) -> str | None:
    """Say what helps where the credential is in the other place than the definition says."""
    store, name = store_of(definition), definition.name
    in_file = definition.secret.kept == "keyring"
    place = store.credential(name) if in_file else store.mark(name)
    if not witness.is_there(place):
        return None
    now, wanted = (place, "keyring") if in_file else ("the keyring", "file")
    return f"There is one in {now}; move it: {hints.SET_KEY.format(name, 'storage', wanted)}"


def shared_with_group(definition: Definition) -> str | None:
    """Say where the group can read the secret of a definition in a store that was named; None where
    it cannot."""
    ref, trust = definition.secret, definition.trust
    if definition.source.kind != "store" or trust is None or not trust.named or os.name != "posix":
        return None
    path = {"store": ref.where, "inline": definition.source.location}.get(ref.way)
    try:
        mode = witness.status(path).mode if path else 0
    except OSError:
        return None
    if not mode & 0o070 or modes_ignored():
        return None
    return f"{path} is open to its group (as fsGroup makes it); to close it: chmod 600 {quoted(path or '')}"


def login_command(definition: Definition) -> str:
    """Return the command that renews the credential of a profile, where it was made."""
    kind = KINDS[definition.kind]
    words = [kind.login, *(filled(given, definition.values) or "" for given in kind.arguments)]
    for key in LOGIN_ADDRESSES if kind.signed_in else ():
        if (value := definition.get(key)) and value != DEFAULT_DOMAIN:
            words.insert(0, f"{kind.variables(key)[0]}={quoted(value)}")
    if kind is not USER and kind.secret and definition.secret.way != "none":
        words.append("-")
    if definition.source.kind == "store":
        words += ["--name", definition.name]
    return " ".join(words)
