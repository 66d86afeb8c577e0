"""The desktop's keyring, through the library `keyring`: every call ends within seconds, or is given up.

A back end may hang for ever: a D-Bus that is not answered, a dialogue that nobody sees. Each call is made by
a thread that neither the caller nor the end of the process waits for. The library is imported there, too.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, TypeVar

from nucliactl.forks import in_every_child
from nucliactl.secret import Secret
from nucliactl.signals import start_quiet
from nucliactl.text import printable

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")
SERVICE = "nucliactl"
SECONDS = 3.0
"""How long a keyring may leave a call without an answer. What this process works meanwhile is not counted: on
a busy machine each of many takes its time."""
_LONGEST = 30.0
_LOOK = 0.1
_REST = 30.0  # so long a keyring that hung is not asked again: of ten profiles each would wait
_INSTALL = "Install it: python -m pip install 'nucliactl[keyring]'"
_UNLOCK = "Unlock it (log in to the desktop, or open its password manager), then try again."


class KeyringFailed(Exception):
    """Why the keyring cannot be used: a clause for a sentence, and what helps. `unsafe`: it would keep a
    secret where others may read it."""

    def __init__(self, clause: str, remedy: str, *, unsafe: bool = False) -> None:
        super().__init__(clause)
        self.clause, self.remedy, self.unsafe = clause, remedy, unsafe


class _Hung:
    """When a call was last given up here (monotonic seconds)."""

    at: float | None = None


@in_every_child
def _forked() -> None:
    _Hung.at = None


def read(account: str) -> Secret | None:
    """Return what the keyring has for an account, None where it has nothing. Raises KeyringFailed."""

    def work(keyring: "KeyringBackend") -> Secret | None:
        found = keyring.get_password(SERVICE, account)
        return None if found is None else Secret(found)

    return _asked(work)


def write(account: str, secret: Secret) -> None:
    """Keep a secret for an account, and read it back. Raises KeyringFailed."""

    def work(keyring: "KeyringBackend") -> None:
        keyring.set_password(SERVICE, account, secret.reveal())
        if keyring.get_password(SERVICE, account) != secret.reveal():
            _fail(f"{_name(keyring)} did not keep it", "Use another keyring, or a file.")

    _asked(work)


def remove(account: str) -> bool:
    """Remove what the keyring has for an account; say whether there was anything. Raises KeyringFailed."""

    def work(keyring: "KeyringBackend") -> bool:
        if keyring.get_password(SERVICE, account) is None:
            return False
        keyring.delete_password(SERVICE, account)
        return True

    return _asked(work)


def probe(size: int) -> None:
    """Raise KeyringFailed where something of that size could not be kept now."""
    account = f"a test of nucliactl {os.urandom(8).hex()}"
    write(account, Secret("0" * size))
    remove(account)


def _asked(work: Callable[["KeyringBackend"], T]) -> T:
    if _Hung.at is not None and time.monotonic() < _Hung.at + _REST:
        _silent()
    outcome: list[T] = []
    failure: list[KeyringFailed] = []
    ended, worked = threading.Event(), _Work()

    def whole() -> None:
        try:
            worked.begins()
            outcome.append(work(_backend()))
        except KeyringFailed as error:
            failure.append(error)
        except BaseException as error:  # a foreign one has secrets in its frames: it stays here
            failure.append(_failed(error))
        ended.set()

    try:
        start_quiet(threading.Thread(target=whole, name="nucliactl-keyring", daemon=True))
    except RuntimeError:
        _fail("the system lets this process start no further thread", "Look at the limits (ulimit -u).")
    if not _ends(ended, worked):
        _Hung.at = time.monotonic()
        _silent()
    _Hung.at = None
    if failure:
        raise failure.pop()
    return outcome[0]


def _ends(ended: threading.Event, worked: Callable[[], float]) -> bool:
    """Wait for a call; False once it has neither ended nor worked for so long (`worked`: its seconds)."""
    began = moved = time.monotonic()
    before = worked()
    while not ended.wait(_LOOK):
        now = time.monotonic()
        if before != (before := worked()):
            moved = now
        if now > moved + SECONDS or now > began + _LONGEST:
            return False
    return True


class _Work:
    """How long a thread has worked, which does not count its waiting; 0 where the system does not tell."""

    def __init__(self) -> None:
        self._clock: int | None = None

    def begins(self) -> None:
        """Measure the thread that calls this: that of another one may have ended."""
        find = getattr(time, "pthread_getcpuclockid", None)
        self._clock = find(threading.get_ident()) if find else None

    def __call__(self) -> float:
        if sys.platform == "win32":
            return 0.0
        try:
            return time.clock_gettime(self._clock) if self._clock is not None else 0.0
        except OSError:  # it has just ended
            return 0.0


def _fail(clause: str, remedy: str, *, unsafe: bool = False) -> NoReturn:
    raise KeyringFailed(clause, remedy, unsafe=unsafe)


def _silent() -> NoReturn:
    _fail(f"it did not answer within {SECONDS:g} seconds", f"It may wait for its password. {_UNLOCK}")


def _backend() -> "KeyringBackend":
    """Return the keyring to use: the one that the library finds or was told, but none that is unsafe."""
    try:
        import keyring
        from keyring.backends import chainer, fail, null
    except ImportError:
        _fail("the Python package keyring is not installed", _INSTALL)
    found = keyring.get_keyring()
    if isinstance(found, chainer.ChainerBackend):  # it would go on to the next one, whatever that is
        fit = (one for one in found.backends if _is_safe(one) and not _asks(one))
        found = next(fit, found.backends[0])
    if isinstance(found, fail.Keyring):
        _fail("there is none here", _absent_remedy())
    if isinstance(found, null.Keyring):
        _fail(f"{_name(found)} keeps nothing", "Use another keyring (PYTHON_KEYRING_BACKEND), or a file.")
    if not _is_safe(found):
        _fail(
            f"{_name(found)} keeps secrets in a plain file",
            "Nothing was written. Start the desktop's keyring, or choose the file that nucliactl guards.",
            unsafe=True,
        )
    if _asks(found):
        _fail(
            f"{_name(found)} would ask for its password on the terminal",
            "Use another keyring (PYTHON_KEYRING_BACKEND), or a file.",
        )
    return found


def _is_safe(keyring: "KeyringBackend") -> bool:
    """Say whether a keyring protects what it holds: those of the operating systems do, others say it by
    their priority, and those of keyrings.alt do not."""
    modules = {base.__module__ for base in type(keyring).__mro__}
    if any(module.startswith("keyrings.alt") for module in modules):
        return False
    return type(keyring).__module__.startswith("keyring.backends.") or keyring.priority >= 1


def _asks(keyring: "KeyringBackend") -> bool:
    """Say whether a keyring in a file would ask for its password: where standard input is, a key may come."""
    return hasattr(type(keyring), "keyring_key") and getattr(keyring, "_keyring_key", None) is None


def _absent_remedy() -> str:
    if sys.platform == "linux" and os.geteuid() == 0:
        return "The session of a user has it, and root is not that user: do it without sudo."
    return "It belongs to a desktop's session (D-Bus and a Secret Service): do it there, or use a file."


def _name(keyring: "KeyringBackend") -> str:
    return f"{type(keyring).__module__}.{type(keyring).__qualname__}"


def _failed(error: BaseException) -> KeyringFailed:
    """What a foreign exception means; of its text nothing is kept, which may hold anything."""
    from keyring import errors

    if isinstance(error, errors.KeyringLocked):
        return KeyringFailed("it is locked", _UNLOCK)
    if isinstance(error, errors.NoKeyringError):
        return KeyringFailed("there is none here", _absent_remedy())
    if isinstance(error, errors.InitError):
        return KeyringFailed("it cannot be opened", _UNLOCK)
    if isinstance(error, ImportError | AttributeError) and (
        named := os.environ.get("PYTHON_KEYRING_BACKEND")
    ):
        text = printable(named, 100)
        return KeyringFailed(f"{text} cannot be loaded", "Correct PYTHON_KEYRING_BACKEND, or unset it.")
    return KeyringFailed(f"it failed ({type(error).__name__})", f"Is it running? {_UNLOCK}")
