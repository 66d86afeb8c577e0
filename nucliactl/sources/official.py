"""The official client's `~/.nuclia/config`, read only and tolerantly. It is never written or refreshed.

The format and its generations are those of nuclia.py 4.x: lists may be null, fields may be missing,
`region` of a NUA key is its issuer (in older files a zone), locality is judged by the host.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nucliactl import hints
from nucliactl.disk.reading import read_file
from nucliactl.errors import Damaged, Malformed, NucliactlError
from nucliactl.model.definition import define
from nucliactl.model.endpoint import parse_kb_url
from nucliactl.model.jwt import check_issuer, read_nua
from nucliactl.model.kinds import KB, NUA, NUCLIADB, USER
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.model.shared_fields import ROLES
from nucliactl.secret import Secret, printable
from nucliactl.store.formats import parse_json
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nucliactl.disk.reading import Read
    from nucliactl.model.words import KindName


_THEIRS = f"It is the official client's file; correct it there, or log in here: {hints.LOGINS}"
ORDER = (KB.name, NUA.name, NUCLIADB.name, USER.name)


class Entry(NamedTuple):
    """One credential of the file: a definition or the reason why it is none. `default`: the client
    would use it. `label`: a slug or title to name an imported profile by."""

    kind: KindName
    definition: Definition | None
    problem: NucliactlError | None
    default: bool
    label: str | None


def read_official(path: str | None, read: Read = read_file) -> tuple[Entry, ...]:
    """Return what the file offers, in the order kb, nua, nucliadb, user; () if there is none.

    Its token belongs to the client's own domain: a variable of ours cannot lead it to another one.
    Raises Damaged, or Refused by its mode.
    """
    contents = read(path) if path else None
    if contents is None or path is None:
        return ()
    return tuple(_entries(parse_json(contents.data, path, "It is the official client's file."), path))


def _entries(found: dict[str, Any], path: str) -> Iterator[Entry]:
    default = found.get("default") if isinstance(found.get("default"), dict) else {}
    assert isinstance(default, dict)
    slugs = {_text(row, "id"): _text(row, "slug") for row in _rows(found, "accounts")}

    def words(row: dict[str, Any]) -> dict[str, str]:
        """What only informs of a row, printable: it is anybody's text."""
        known = {"title": _text(row, "title"), "account_slug": slugs.get(_text(row, "account"))}
        return {key: printable(value) for key, value in known.items() if value}

    for box in _rows(found, "kbs_token"):
        chosen = _text(box, "id") is not None and box.get("id") == default.get("kbid")
        label = _text(box, "slug") or _text(box, "title")
        yield _entry(KB.name, lambda box=box: _kb(box, words(box), path), path, chosen, label)
    for key in _rows(found, "nuas_token"):
        chosen = _text(key, "client_id") is not None and key.get("client_id") == default.get("nua")
        yield _entry(NUA.name, lambda key=key: _nua(key, words(key), path), path, chosen, None)
    if url := _text(default, "nucliadb"):
        yield _entry(
            NUCLIADB.name, lambda: _define(NUCLIADB.name, {"url": url}, path, None), path, True, "local"
        )
    if token := _text(found, "token"):
        yield _entry(USER.name, lambda: _define(USER.name, {}, path, token), path, True, None)


def _entry(kind: KindName, make: Any, path: str, default: bool, label: str | None) -> Entry:
    try:
        return Entry(kind, make(), None, default, label)
    except Malformed as error:  # nobody typed it: it stands in a file
        return Entry(kind, None, Damaged(f"{path}: {error.message}", hint=_THEIRS), default, label)
    except NucliactlError as error:
        return Entry(kind, None, error, default, label)


def _define(kind: KindName, given: Mapping[str, Any], path: str, secret: str | None) -> Definition:
    ref = SecretRef("inline", path, Secret(secret)) if secret else SecretRef("none")
    return define(f"nuclia:{kind}", kind, given, Source("official", path), ref)


def _kb(box: dict[str, Any], words: dict[str, str], path: str) -> Definition:
    url, token = _text(box, "url") or "", _text(box, "token")
    found = parse_kb_url(url, f"The url of a KB in {path}", plain_http=token is None)
    given: dict[str, Any] = {"url": found.url, **words}
    if account := _text(box, "account"):
        given["account"] = account
    if token is None and not found.loopback:
        raise Damaged(
            f"The Knowledge Box {found.url} of {path} has no key of its own: it uses a session there.",
            hint=f"Give it one: {hints.BOX} -",
        )
    if token is None:
        given["roles"] = ROLES
    return _define(KB.name, given, path, token)


def _nua(key: dict[str, Any], words: dict[str, str], path: str) -> Definition:
    token = _text(key, "token")
    if token is None:
        raise Damaged(f"A NUA key of {path} is missing.")
    claims = read_nua(Secret(token), path)
    given: dict[str, Any] = {"issuer": claims.issuer, **words}
    for name, wanted in (("origin", "origin"), ("account", "account"), ("client_id", "identity")):
        if value := _text(key, name):
            given[wanted] = value
    check_issuer(claims.issuer, given.get("origin"), path)
    return _define(NUA.name, given, path, token)


def _rows(found: dict[str, Any], key: str) -> list[dict[str, Any]]:
    rows = found.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _text(found: Mapping[str, Any], key: str) -> str | None:
    value = found.get(key)
    return value if isinstance(value, str) and value else None
