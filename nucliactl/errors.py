"""Every error this package raises on purpose: one family with an exit code and a next step.

The message is one sentence that names what and where. `hint` says what to do next. Neither ever
holds a secret. As text (`str`, a traceback, a log) both are printable; `message` and `hint` are as
they were written.
"""

from nucliactl.text import printable, printable_lines

LONGEST = 4000
"""Characters of a message that are shown."""


class NucliactlError(Exception):
    """Base of the family. `exit_code` is what the command line ends with. `hint` is the next step, None
    where there is none to name; a traceback shows it below the message, as a note.
    `lost`: what was sent may have been done, and only the answer is missing."""

    exit_code = 1
    lost = False
    _hint: str | None = None

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    @property
    def hint(self) -> str | None:
        return self._hint

    @hint.setter
    def hint(self, hint: str | None) -> None:
        before = _note(self._hint)
        self._hint = hint
        others = [note for note in getattr(self, "__notes__", ()) if note not in before]
        self.__notes__ = others + _note(hint)  # a new list: a copy of the error keeps its own

    def __str__(self) -> str:
        return printable(self.message, LONGEST)


def _note(hint: str | None) -> list[str]:
    return ["\n".join(printable_lines(hint))] if hint else []


class NotThere(NucliactlError):
    """The service answered, and what was asked for is not there."""


class NotInstalled(NucliactlError):
    """A package that an adapter is for is not installed in this Python."""


class NotWritable(NucliactlError):
    """The store cannot be written here (read-only file system, no home directory, full disk)."""


class Unreadable(NucliactlError):
    """A file is there and cannot be read."""


class NoThread(NucliactlError):
    """The system starts no more threads, or the interpreter is ending."""


class Malformed(NucliactlError):
    """Something a person typed or set is not well formed: usage, a URL, a name, a key."""

    exit_code = 2


class Fixed(NucliactlError):
    """A key that makes a profile what it is cannot be changed."""

    exit_code = 2


class UnknownProfile(NucliactlError):
    """A profile was named that does not exist."""

    exit_code = 3


class NameTaken(NucliactlError):
    """The name already belongs to another identity."""

    exit_code = 3


class Ambiguous(NucliactlError):
    """More than one answer is possible, and none is guessed."""

    exit_code = 3


class LoginNeeded(NucliactlError):
    """There is no usable credential: none configured, half of one, expired or rejected."""

    exit_code = 4


class NothingConfigured(LoginNeeded):
    """No source offers a profile."""


class Incomplete(LoginNeeded):
    """A source offers half a credential."""


class NotASecret(LoginNeeded):
    """What stands where a secret belongs is recognisably none."""


class Rejected(LoginNeeded):
    """The service refused the credential."""


class Forbidden(LoginNeeded):
    """A team's store accepted the login, and does not let it do what was asked."""


class SessionEnded(LoginNeeded):
    """A user's session cannot be renewed any more."""


class Denied(LoginNeeded):
    """The person, or the service, said no to a sign-in."""


class TooLate(LoginNeeded):
    """Nobody signed in in time."""


class Unreachable(NucliactlError):
    """The service cannot be reached, is too slow, or answers nonsense."""

    exit_code = 5


class Refused(NucliactlError):
    """Refused for safety: a foreign origin, a file anyone may write, a secret others can read."""

    exit_code = 6


class Damaged(NucliactlError):
    """A stored file cannot be understood. It is never overwritten silently."""

    exit_code = 7


class Newer(Damaged):
    """A newer version of the tool wrote the file."""


class GrantEnded(NucliactlError):
    """The server says `invalid_grant`: the refresh token is spent, revoked or too old."""


class GrantBusy(NucliactlError):
    """The server saw two refreshes at once and asks for another try."""


class NotKept(NucliactlError):
    """Something was created at the service that can be neither kept nor deleted again. `secret`, a
    `Secret`, is it: the command line prints it, alone, and nothing else ever shows it."""

    secret: object = None


def unclear(message: str, *, hint: str | None = None) -> Unreachable:
    """Return the error of an answer that does not say whether what was asked has been done."""
    error = Unreachable(message, hint=hint)
    error.lost = True
    return error
