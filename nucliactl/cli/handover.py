"""Handing over what was just made, on standard output: the one copy there is."""

import os
import sys
from typing import Any, TypeVar

from nucliactl.cli.flags import Arguments
from nucliactl.cli.output import emit_data, note, wants_data
from nucliactl.cli.progress import waiting
from nucliactl.cli.query import current, querying
from nucliactl.cli.streams import is_closed
from nucliactl.errors import Malformed, NotKept, NucliactlError
from nucliactl.http.flow import Flow
from nucliactl.http.whole import perform_whole
from nucliactl.secret import Secret

T = TypeVar("T")


def check_stdout() -> None:
    """Raise Malformed where there is no standard output that anything could be printed on."""
    if is_closed(sys.stdout):
        raise Malformed(
            "Standard output is closed, and a new secret is printed there once.",
            hint="Nothing was changed. Send it to a file: > FILE",
        )


def hand_over(args: Arguments, secret: Secret, shape: dict[str, Any]) -> None:
    """Print a secret alone, or as JSON with what belongs to it: all of it where --query would leave the
    secret out. Raises NucliactlError where nobody can read it."""
    try:
        if wants_data(args):
            whole = {**shape, "token": secret.reveal()}
            with querying(current() if _keeps(secret, whole) else None):
                emit_data(args, whole)
        else:
            print(secret.reveal())
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the last flush is quiet
        raise NucliactlError(f"Standard output cannot be written: {error.strerror}.") from None


def _keeps(secret: Secret, whole: dict[str, Any]) -> bool:
    """Say whether what --query picks holds the secret, which is shown this once; say on stderr if not."""
    query = current()
    try:
        if query is None or secret.reveal() in query.text(whole):
            return True
    except Malformed:
        pass
    note("--query leaves out the new secret, which is shown this once: all of it is printed")
    return False


def make(args: Arguments, flow: Flow[T], text: str) -> T:
    """Run a flow that makes something to its end, whatever signals come; say `text` meanwhile. What can be
    neither kept nor deleted again is printed."""
    try:
        with waiting(text):
            return perform_whole(flow)
    except NotKept as error:
        assert isinstance(error.secret, Secret)
        try:
            hand_over(args, error.secret, {})
        except NucliactlError:
            error.hint = "Standard output cannot be written either: its secret is lost."
        raise
