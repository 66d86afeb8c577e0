"""Signing in by a browser: the attempt, the wait, and what becomes of the code."""

import contextlib
import time
from collections.abc import Callable
from typing import TypeVar

from nucliactl import hints
from nucliactl.credentials.renewal import Tokens
from nucliactl.errors import LoginNeeded, Malformed, NucliactlError, TooLate
from nucliactl.http.client import Connection
from nucliactl.http.flow import Flow
from nucliactl.layers import seconds_of
from nucliactl.login import pkce
from nucliactl.login.draft import Draft, signed_in, validate
from nucliactl.login.listener import Listener
from nucliactl.login.pkce import PORTS, Attempt
from nucliactl.login.save import STAND_IN, save
from nucliactl.model.kinds import USER
from nucliactl.model.profile import Definition
from nucliactl.model.words import StoreName
from nucliactl.secret import Secret
from nucliactl.service.check import Identity
from nucliactl.service.oauth import exchange, revoke, server_of
from nucliactl.sources.sources import Sources

Typed = Callable[[float], str | None]
"""Waits at most that many seconds for a line a person pastes; None without one."""
Say = Callable[[str], None]
Show = Callable[[str, int | None], None]
"""Is told the address to open, and the port of this machine that the browser comes back to, if to any."""
K = TypeVar("K")
_STEP, _LONG_STEP = 0.1, 0.5


def await_code(
    owner: Definition, seconds: float, show: Show, typed: Typed | None, say: Say
) -> Flow[tuple[Secret, Attempt]]:
    """Show the sign-in's address and wait for its code: from the browser, or pasted.

    `typed` is None where nobody can paste. It asks the service nothing; it yields so that an async caller
    can be cancelled. Raises TooLate after `seconds`, Denied for a no.
    """
    listener = None
    try:
        listener = Listener()
    except OSError:
        if typed is None:
            raise LoginNeeded(
                f"All ports from {PORTS[0]} to {PORTS[-1]} are busy here, and nobody can paste.",
                hint="Free one of them, or sign in from a terminal.",
            ) from None
        say(f"all ports from {PORTS[0]} to {PORTS[-1]} are busy: paste the address the browser ends at")
    tried = pkce.attempt(listener.port if listener else PORTS[0])
    with listener or contextlib.nullcontext():
        if listener:
            listener.expect(lambda found: pkce.is_ours(found, tried))
        show(pkce.address(owner, tried), listener.port if listener else None)
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            step = min(_STEP if typed else _LONG_STEP, left)
            found = listener.wait(step if typed is None else 0) if listener else None
            if found is not None:
                return pkce.code_of(found, owner), tried
            line = typed(step) if typed else None
            if line is not None and line.strip():
                try:
                    return pkce.pasted(line, tried, owner), tried
                except Malformed as error:
                    say(f"{error.message} {error.hint or ''}")
            yield ()
    raise TooLate(
        f"Nobody signed in within {seconds:g} seconds.",
        hint=f"Try again, with more time: {hints.LOG_IN_LONGER}",
    )


def rehearse(
    owner: Definition,
    sources: Sources,
    *,
    name: str | None = None,
    force: bool = False,
    storage: StoreName | None = None,
) -> None:
    """Raise what would keep a session from being kept: before a person signs in for nothing."""
    tokens = Tokens(STAND_IN, STAND_IN, None)
    drafted = Draft(owner, STAND_IN, tokens)
    save(sources, drafted, Identity(), name=name, force=force, rehearsal=True, storage=storage)


def finish_sign_in(
    owner: Definition, code: Secret, tried: Attempt, sources: Sources, keep: Callable[[Draft, Identity], K]
) -> Flow[K]:
    """Exchange the code, ask who signed in, and keep the session; revoke it where it cannot be kept.

    Raises Rejected, Unreachable, or what `keep` raises.
    """
    server = server_of(owner, seconds_of(owner, sources))
    tokens = yield from exchange(server, code, tried.verifier, tried.redirect_uri)
    try:
        draft = signed_in(USER.name, tokens.access, sources)._replace(tokens=tokens)
        found = yield from validate(draft, sources)
        return keep(draft, found)
    except Exception as error:
        failed = error
    yield from _ended(tokens, server, failed)
    raise failed


def _ended(tokens: Tokens, server: Connection, failed: Exception) -> Flow[None]:
    """End a session at the service, and let the error say whether it was."""
    try:
        yield from revoke(server, tokens.refresh or tokens.access)
        said = "The session was ended again at the service."
    except NucliactlError:
        said = "The session may live on at the service until it expires."
    if isinstance(failed, NucliactlError):
        failed.hint = f"{said} {failed.hint or 'Begin again: {hints.LOG_IN}'}"
