"""Handing over what was just made, on standard output: the one copy there is."""

import os
import sys
from typing import Any, TypeVar

from nucliactl.cli.arguments import Arguments
from nucliactl.cli.output import emit_data
from nucliactl.cli.progress import waiting
from nucliactl.errors import Malformed, NotKept, NucliactlError
from nucliactl.http.flow import Flow
from nucliactl.http.whole import perform_whole
from nucliactl.secret import Secret

T = TypeVar("T")


def check_stdout() -> None:
    """Raise Malformed where there is no standard output that anything could be printed on."""
    if sys.stdout is None or getattr(sys.stdout, "name", None) == os.devnull:  # the stand-in for a closed one
        raise Malformed(
            "Standard output is closed, and a new secret is printed there once.",
            hint="Nothing was changed. Send it to a file: > FILE",
        )


def hand_over(args: Arguments, secret: Secret, shape: dict[str, Any]) -> None:
    """Print a secret alone, or as JSON with what belongs to it. Raises NucliactlError where nobody can
    read it."""
    try:
        if not emit_data(args, {**shape, "token": secret.reveal()}):
            print(secret.reveal())
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the last flush is quiet
        raise NucliactlError(f"Standard output cannot be written: {error.strerror}.") from None


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
