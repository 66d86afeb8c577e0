"""Definitions and credentials exactly as this program writes them, told at one look.

What is None here is not wrong: the readers that check each value read it.
"""

from __future__ import annotations

from functools import lru_cache

from nucliactl.json_writing import PLAIN
from nucliactl.model.fields import FIELDS
from nucliactl.model.jwt import as_expiry
from nucliactl.secret import Secret
from nucliactl.store.credentials import Credential, credential_bytes
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.model.words import KindName

_LINE = b'""\n'
_KEYS = {f"\n{declared.name} = ": declared.name for declared in FIELDS}
_LONGEST = 12


def stated(data: bytes) -> dict[str, str] | None:
    """Return what a definition states whose every line is a declared key, ` = ` and a text in double quotes:
    printable ASCII, nothing escaped, none empty, no key twice. None for any other."""
    marks = data.translate(None, PLAIN)
    if marks != _LINE * (len(marks) // 3):
        return None
    parts = data.decode("ascii").split('"')
    names, values = _names(tuple(parts[::2])), parts[1::2]
    return None if names is None or "" in values else dict(zip(names, values, strict=True))


@lru_cache
def _names(parts: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the keys of a definition by what stands before, between and behind its texts; None where one is
    not declared, or stands there twice."""
    first, *others = parts
    if not others or others.pop() != "\n":
        return None
    names = [_KEYS[part] for part in ("\n" + first, *others) if part in _KEYS]
    return tuple(names) if len({*names}) == len(parts) - 1 else None


class Frame(NamedTuple):
    """What stands around the secret in the file of a credential, and around its end where that is noted."""

    before: bytes
    after: bytes
    noted: bytes

    def ends(self, data: bytes) -> tuple[int | None] | None:
        """Return when the credential in a file ends (epoch seconds, None where that is not noted), as the one
        item of a tuple; None for a file in which anything else is not as it was written."""
        if not data.startswith(self.before) or not data.endswith(self.after):
            return None
        held = data[len(self.before) : -len(self.after)]
        secret, noted, number = held.partition(self.noted)
        if not noted:
            secret = held.removesuffix(b'"')
        if not secret or secret == held or secret.translate(None, PLAIN):
            return None
        if not noted:
            return (None,)
        plain = number.isdigit() and len(number) <= _LONGEST and number[:1] != b"0"
        return (as_expiry(int(number)),) if plain else None


@lru_cache
def frame(kind: KindName, origins: tuple[str, ...]) -> Frame:
    """Return the frame of a credential of a kind, which is not a user's, for those origins."""
    secret, end = "SECRET", 123456789
    whole = credential_bytes(Credential(kind, origins, Secret(secret), end))
    before, _, rest = whole.partition(secret.encode())
    noted, _, after = rest.partition(str(end).encode())
    return Frame(before, after, noted)
