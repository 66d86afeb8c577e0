"""How a program of the user's ended, whatever ran it."""

from typing import NamedTuple

from nucliactl.credentials.stream import LIMIT

TOO_MUCH = f"printed more than {LIMIT // 1024} KiB"
LATE = "did not end within {:g} seconds"


class Ended(NamedTuple):
    """Its code (negative: a signal), what it printed, what was wrong with it."""

    code: int
    out: bytes
    err: bytes
    problem: str | None
