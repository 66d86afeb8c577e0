"""Writing the official client's `~/.nuclia/config`: entries are put into what stands there, and whatever
nucliactl does not know stays."""

import json
import os
from collections.abc import Sequence
from copy import deepcopy
from typing import Any, NamedTuple

from nucliactl.disk.atomic import Batch
from nucliactl.disk.lock import locked_directory
from nucliactl.disk.reading import read_file
from nucliactl.errors import Damaged, Malformed, NotWritable
from nucliactl.profiles.official_entry import IDS, OfficialEntry
from nucliactl.secret import Secret

_LISTS = ("accounts", "kbs", "kbs_token", "agents", "agents_token", "nuas_token", "zones")
_SESSION = ("refresh_token", "token_expires_at")


class Written(NamedTuple):
    """What was written where. `signed_out`: the client's own sign-in was replaced by another's token."""

    path: str
    default: dict[str, Any]
    signed_out: bool


def write_official(path: str, entries: Sequence[OfficialEntry]) -> Written:
    """Put entries into the official client's file: 0600, all or nothing. A link is written through.

    Where several would be its default the first one is. Raises Damaged for a file that cannot be understood,
    which stays as it is, Refused for one that everybody can write, NotWritable.
    """
    path = os.path.realpath(path)
    if os.path.isdir(path):
        raise Malformed(f"{path} is a directory.", hint="Give a file: --file FILE")
    try:
        with locked_directory(os.path.dirname(path)), Batch() as batch:
            before = _read(path)
            after = merged(before, entries)
            batch.write(path, _encoded(after))
            batch.commit()
    except NotWritable as error:
        error.hint = "The file is as it was. Another one: --file FILE"
        raise
    had = before.get("refresh_token")
    return Written(path, after["default"], bool(had) and not after.get("refresh_token"))


def merged(before: dict[str, Any], entries: Sequence[OfficialEntry]) -> dict[str, Any]:
    """Return the file's contents with entries in it."""
    after = deepcopy(before)
    for name in _LISTS:
        if after.get(name) is None:  # null stops the client
            after[name] = []
    after["default"] = after.get("default") or {}
    default: dict[str, Any] = {}
    signed_in: OfficialEntry | None = None
    for entry in entries:
        if entry.rows is not None:
            _put(after[entry.rows], entry, IDS[entry.rows])
        if entry.token is not None and signed_in is None:
            signed_in = entry
            _sign_in(after, entry.token)
        default = {**entry.default, **default}
    after["default"] |= default
    return after


def _put(rows: list[Any], entry: OfficialEntry, key: str) -> None:
    """Put an entry in the place of those of its id; what they know and it does not say stays."""
    same = [row for row in rows if isinstance(row, dict) and row.get(key) == entry.id]
    row = {**(same[0] if same else _unstated(entry)), **entry.row}
    if same and not entry.row.get("account_type", True):
        row["account_type"] = same[0].get("account_type") or ""
    position = rows.index(same[0]) if same else len(rows)
    rows[:] = [other for other in rows if other not in same]
    rows.insert(position, row)


def _unstated(entry: OfficialEntry) -> dict[str, Any]:
    return {"slug": None, "title": None, "account": None} if entry.rows == "kbs_token" else {}


def _sign_in(after: dict[str, Any], token: Secret) -> None:
    """Make a token the client's. A refresh token beside it belongs to the one that is replaced: the client
    would go back to that."""
    if after.get("token") != token.reveal():
        after.update(dict.fromkeys(_SESSION))
    after["token"] = token


def _read(path: str) -> dict[str, Any]:
    contents = read_file(path)
    if contents is None or not contents.data.strip():
        return {}
    hint = "It was left as it is. Mend it, or move it away; another file: --file FILE"
    try:
        found = json.loads(contents.data)
    except (ValueError, RecursionError):
        raise Damaged(f"{path} is not valid JSON.", hint=hint) from None
    if not isinstance(found, dict):
        raise Damaged(f"{path} is not a JSON object.", hint=hint)
    forms = {**dict.fromkeys(_LISTS, list), "default": dict}
    wrong = [name for name, form in forms.items() if not isinstance(found.get(name), form | None)]
    wrong = wrong or [name for name in IDS if not all(isinstance(row, dict) for row in found.get(name) or [])]
    if wrong:
        raise Damaged(f"{path} is not the official client's: {wrong[0]} is not of its form.", hint=hint)
    return found


def _encoded(found: dict[str, Any]) -> bytes:
    return json.dumps(found, indent=1, default=_revealed).encode() + b"\n"


def _revealed(value: object) -> str:
    assert isinstance(value, Secret)
    return value.reveal()
