"""Runs the command as on Windows or macOS, as far as one process here can pretend it:

    python pretended.py windows|macos WORDS…      python pretended.py windows|macos -c PROGRAM

Only the package's own modules see the other system: what they import is handed out here, less what that system
lacks, by the documentation of Python's library. The library itself, and other packages, stay as they are.
Paths keep their slashes. `msvcrt` does what its documentation says, with the kernel's locks of this machine.
"""

import atexit
import builtins
import contextlib
import errno
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

PACKAGE = "nucliactl"
POSIX_MODULES = (
    "crypt",
    "curses",
    "fcntl",
    "grp",
    "nis",
    "posix",
    "pty",
    "pwd",
    "readline",
    "resource",
    "spwd",
    "syslog",
)
LACKING: dict[str, dict[str, tuple[str, ...]]] = {
    "windows": {
        "os": (
            *[
                "chown",
                "chroot",
                "confstr",
                "ctermid",
                "eventfd",
                "fchdir",
                "fchmod",
                "fchown",
                "fdatasync",
                "fork",
                "forkpty",
                "fpathconf",
                "fstatvfs",
            ],
            *[
                "getegid",
                "geteuid",
                "getgid",
                "getgrouplist",
                "getgroups",
                "getloadavg",
                "getpgid",
                "getpgrp",
                "getpriority",
                "getrandom",
            ],
            *[
                "getresgid",
                "getresuid",
                "getsid",
                "getuid",
                "getxattr",
                "initgroups",
                "killpg",
                "lchown",
                "listxattr",
                "lockf",
                "major",
            ],
            *[
                "makedev",
                "memfd_create",
                "minor",
                "mkfifo",
                "mknod",
                "nice",
                "openpty",
                "pathconf",
                "pidfd_open",
                "pipe2",
                "plock",
            ],
            *[
                "posix_fadvise",
                "posix_fallocate",
                "posix_spawn",
                "posix_spawnp",
                "pread",
                "preadv",
                "pwrite",
                "pwritev",
                "readv",
            ],
            *[
                "register_at_fork",
                "removexattr",
                "sched_yield",
                "sendfile",
                "set_blocking",
                "setegid",
                "seteuid",
                "setgid",
            ],
            *[
                "setgroups",
                "setpgid",
                "setpriority",
                "setsid",
                "setuid",
                "setxattr",
                "splice",
                "statvfs",
                "sync",
                "sysconf",
                "tcgetpgrp",
            ],
            *[
                "tcsetpgrp",
                "ttyname",
                "uname",
                "wait",
                "wait3",
                "wait4",
                "waitid",
                "writev",
                "get_blocking",
                "unshare",
                "setns",
            ],
            *[
                "O_ASYNC",
                "O_CLOEXEC",
                "O_DIRECT",
                "O_DIRECTORY",
                "O_DSYNC",
                "O_NDELAY",
                "O_NOATIME",
                "O_NOCTTY",
                "O_NOFOLLOW",
            ],
            *[
                "O_NONBLOCK",
                "O_PATH",
                "O_SYNC",
                "O_TMPFILE",
                "WNOHANG",
                "WUNTRACED",
                "WIFSTOPPED",
                "WSTOPSIG",
                "WIFEXITED",
                "WEXITSTATUS",
            ],
            *["WIFSIGNALED", "WTERMSIG", "WCONTINUED", "P_PID", "P_ALL", "SCHED_OTHER"],
        ),
        "signal": (
            *[
                "SIGHUP",
                "SIGQUIT",
                "SIGKILL",
                "SIGUSR1",
                "SIGUSR2",
                "SIGPIPE",
                "SIGALRM",
                "SIGCHLD",
                "SIGCLD",
                "SIGCONT",
                "SIGSTOP",
                "SIGTSTP",
            ],
            *[
                "SIGTTIN",
                "SIGTTOU",
                "SIGBUS",
                "SIGTRAP",
                "SIGWINCH",
                "SIGXCPU",
                "SIGXFSZ",
                "SIGIO",
                "SIGPOLL",
                "SIGPROF",
                "SIGSYS",
                "SIGURG",
            ],
            *[
                "SIGVTALRM",
                "SIGPWR",
                "SIGRTMIN",
                "SIGRTMAX",
                "SIG_BLOCK",
                "SIG_UNBLOCK",
                "SIG_SETMASK",
                "alarm",
                "getitimer",
            ],
            *[
                "setitimer",
                "siginterrupt",
                "pause",
                "pthread_kill",
                "pthread_sigmask",
                "sigpending",
                "sigwait",
                "sigwaitinfo",
            ],
            *["sigtimedwait", "pidfd_send_signal"],
        ),
        "select": ("poll", "epoll", "POLLIN", "POLLOUT", "POLLHUP", "PIPE_BUF"),
        "socket": ("AF_UNIX", "socketpair_unix", "SO_REUSEPORT", "sethostname"),
        "time": (
            "clock_gettime",
            "clock_gettime_ns",
            "clock_settime",
            "clock_getres",
            "pthread_getcpuclockid",
            "tzset",
        ),
        "stat": (),
        "modules": (*POSIX_MODULES, "termios", "tty"),
    },
    "macos": {
        "os": (
            *[
                "eventfd",
                "fdatasync",
                "getrandom",
                "getresgid",
                "getresuid",
                "getxattr",
                "listxattr",
                "memfd_create",
                "pidfd_open",
            ],
            *[
                "pipe2",
                "posix_fadvise",
                "posix_fallocate",
                "removexattr",
                "sched_getaffinity",
                "sched_setaffinity",
            ],
            *[
                "setns",
                "setxattr",
                "splice",
                "unshare",
                "O_DIRECT",
                "O_NOATIME",
                "O_PATH",
                "O_TMPFILE",
                "P_PIDFD",
            ],
        ),
        "signal": (
            "SIGPWR",
            "SIGRTMIN",
            "SIGRTMAX",
            "SIGPOLL",
            "sigtimedwait",
            "sigwaitinfo",
            "pidfd_send_signal",
        ),
        "select": ("epoll", "EPOLLIN"),
        "socket": ("AF_NETLINK", "AF_PACKET", "SO_PEERCRED"),
        "time": ("CLOCK_BOOTTIME", "CLOCK_TAI"),
        "stat": (),
        "modules": ("msvcrt", "spwd"),
    },
}
_real = builtins.__import__


class Pretended(ModuleType):
    """A module less some names, and with others in their place; what is set goes to the real one."""

    def __init__(self, real: ModuleType, lacking: Sequence[str], instead: dict[str, Any]) -> None:
        super().__init__(real.__name__, real.__doc__)
        self.__dict__.update(_real_module=real, _lacking=frozenset(lacking), _instead=instead)

    def __getattr__(self, name: str) -> Any:
        if name in self._instead:
            return self._instead[name]
        if name in self._lacking:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r} on this system")
        return getattr(self._real_module, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._real_module, name, value)


def gone(path: Any) -> bool:
    """Say whether a path is one of Linux alone."""
    return isinstance(path, str) and (
        path.startswith("/proc") or (path == "/dev/tty" and system == "windows")
    )


class Windows:
    """What `os` does otherwise there."""

    BINARY = 0x8000

    def __init__(self) -> None:
        self.text: set[int] = set()

    def functions(self) -> dict[str, Any]:
        names = "open read write close stat lstat fstat replace rename unlink remove chmod access execve symlink fsync"
        instead = {name: getattr(self, name) for name in names.split()}
        nothing = {f"supports_{what}": set() for what in ("dir_fd", "fd", "effective_ids", "follow_symlinks")}
        return {
            **instead,
            **nothing,
            "name": "nt",
            "pathsep": ";",
            "O_BINARY": self.BINARY,
            "O_NOINHERIT": 0x80,
        }

    def open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        if os.path.isdir(path):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        if gone(path):
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)
        fd = os.open(path, flags & ~(self.BINARY | 0x80), mode)
        (self.text.discard if flags & self.BINARY else self.text.add)(fd)
        return fd

    def close(self, fd: int) -> None:
        self.text.discard(fd)
        os.close(fd)

    def read(self, fd: int, size: int) -> bytes:
        data = os.read(fd, size)
        return data.replace(b"\r\n", b"\n").partition(b"\x1a")[0] if fd in self.text else data

    def write(self, fd: int, data: Any) -> int:
        if fd in self.text:
            os.write(fd, bytes(data).replace(b"\n", b"\r\n"))
            return len(data)
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        import fcntl

        if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, "Bad file descriptor")
        os.fsync(fd)

    def stat(self, path: Any, **options: Any) -> os.stat_result:
        if gone(path):
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", path)
        return self.without_owner(os.stat(path, **options))

    def lstat(self, path: Any) -> os.stat_result:
        return self.without_owner(os.lstat(path))

    def fstat(self, fd: int) -> os.stat_result:
        return self.without_owner(os.fstat(fd))

    @staticmethod
    def without_owner(found: os.stat_result) -> os.stat_result:
        seen: list[Any] = [*found][:10]
        kind = found.st_mode & 0o170000
        seen[0] = kind | (0o777 if kind == 0o040000 else 0o666 if found.st_mode & 0o200 else 0o444)
        seen[4] = seen[5] = 0
        more = {name: getattr(found, name) for name in ("st_atime_ns", "st_mtime_ns", "st_ctime_ns")}
        return os.stat_result(seen, more)

    def replace(self, source: str, target: str) -> None:
        self.check_shared(source, target)
        os.replace(source, target)

    def rename(self, source: str, target: str) -> None:
        self.check_shared(source, target)
        if os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, "File exists", target)
        os.rename(source, target)

    def unlink(self, path: str) -> None:
        self.check_shared(path)
        os.unlink(path)

    remove = unlink

    @staticmethod
    def check_shared(*paths: str) -> None:
        """What anything has open can be neither replaced nor removed: Python opens without sharing that."""
        held = set()
        for fd in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                held.add(os.readlink(f"/proc/self/fd/{fd}"))
        for path in paths:
            if os.path.realpath(path) in held:
                raise PermissionError(errno.EACCES, "The process cannot access the file", path)

    def chmod(self, path: str, mode: int, **_: Any) -> None:
        os.chmod(path, 0o600 if mode & 0o200 else 0o400)

    def access(self, path: str, mode: int, **options: Any) -> bool:
        if options.get("effective_ids"):
            raise NotImplementedError("access: effective_ids unavailable on this platform")
        return os.access(path, mode)

    def execve(self, *_: Any) -> None:
        raise AssertionError(
            "the caller would go on as if the program had ended: Windows replaces no process"
        )

    def symlink(self, source: str, target: str, **_: Any) -> None:
        raise OSError(errno.EPERM, "A required privilege is not held by the client", target)


def windows_signal(number: int, handler: Any) -> Any:
    import signal

    allowed = ("SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM")
    if number not in [getattr(signal, name) for name in allowed] and number != 21:
        raise ValueError("signal number out of range")
    return signal.signal(number, handler) if number != 21 else signal.SIG_DFL


def windows_select(readers: Any, writers: Any, others: Any, timeout: Any = None) -> Any:
    import select
    import socket

    for one in (*readers, *writers, *others):
        if not isinstance(one, socket.socket):
            raise OSError(10038, "An operation was attempted on something that is not a socket")
    return select.select(readers, writers, others, timeout)


def console() -> ModuleType:
    """`msvcrt`: locks of a file's bytes, which belong to the descriptor, and a console's keys."""
    import fcntl
    import struct
    import termios
    import time
    import tty

    made = ModuleType("msvcrt")
    raw: list[object] = []
    LK_UNLCK, LK_LOCK, LK_NBLCK = 0, 1, 2

    def locking(fd: int, mode: int, size: int) -> None:
        if fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_APPEND:
            raise AssertionError("not used by us")
        at = os.lseek(fd, 0, os.SEEK_CUR)
        kind = fcntl.F_UNLCK if mode == LK_UNLCK else fcntl.F_WRLCK
        writable = fcntl.fcntl(fd, fcntl.F_GETFL) & os.O_ACCMODE != os.O_RDONLY
        again = (
            None if writable else os.open(f"/proc/self/fd/{fd}", os.O_RDWR)
        )  # Windows locks what is open to read, too
        asked = struct.pack("hhqqi", kind, os.SEEK_SET, at, size, 0)
        for tries in range(10 if mode == LK_LOCK else 1):
            try:
                fcntl.fcntl(fd if again is None else again, fcntl.F_OFD_SETLK, asked)
                return
            except BlockingIOError:
                if mode == LK_LOCK and tries < 9:
                    time.sleep(1)
            finally:
                if again is not None:
                    os.close(again)
        raise OSError(errno.EDEADLOCK if mode == LK_LOCK else errno.EACCES, "Permission denied")

    def getwch() -> str:
        if not raw:  # a console shows nothing by itself, and makes no signal of Ctrl-C here
            atexit.register(termios.tcsetattr, 0, termios.TCSADRAIN, termios.tcgetattr(0))
            raw.append(tty.setraw(0, termios.TCSADRAIN))
        return os.read(0, 1).decode("latin-1")

    made.__dict__.update(
        LK_UNLCK=LK_UNLCK, LK_LOCK=LK_LOCK, LK_NBLCK=LK_NBLCK, locking=locking, getwch=getwch
    )
    return made


class Finder(importlib.abc.MetaPathFinder):
    """Lets the package's modules begin with the pretended system's `import` and `open`."""

    def __init__(self, seen: dict[str, Any]) -> None:
        self.builtins = {**vars(builtins), **seen}

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name.partition(".")[0] != PACKAGE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            run, given = spec.loader.exec_module, self.builtins

            def exec_module(module: ModuleType) -> None:
                module.__dict__["__builtins__"] = given
                run(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def pretend(system: str) -> None:
    lacking = LACKING[system]
    windows = Windows()
    instead: dict[str, dict[str, Any]] = {
        "sys": {"platform": {"windows": "win32", "macos": "darwin"}[system]},
        "os": {}, "signal": {}, "select": {}, "socket": {}, "time": {},
    }  # fmt: skip
    if system == "windows":
        instead["os"] = windows.functions()
        instead["signal"] = {"signal": windows_signal, "SIGBREAK": 21, "CTRL_C_EVENT": 0}
        instead["select"] = {"select": windows_select}
    shown = {
        name: Pretended(_real(name), lacking.get(name, ()), others) for name, others in instead.items()
    }  # fmt: skip
    if system == "windows":
        shown["msvcrt"] = console()

    def imported(name: str, names: Any = None, own: Any = None, fromlist: Any = (), level: int = 0) -> Any:
        if level == 0:
            if name in lacking["modules"]:
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
            if name in shown:
                return shown[name]
        return _real(name, names, own, fromlist, level)

    def opened(file: Any, *args: Any, **options: Any) -> Any:
        if gone(file):
            raise FileNotFoundError(errno.ENOENT, "No such file or directory", file)
        return open(file, *args, **options)

    sys.meta_path.insert(0, Finder({"__import__": imported, "open": opened}))


system = sys.argv[1]
if __name__ == "__main__":
    pretend(system)
    if sys.argv[2:3] == ["-c"]:
        program, sys.argv[1:] = sys.argv[3], sys.argv[4:]
        exec(program)
    else:
        del sys.argv[1]
        sys.argv[0] = PACKAGE
        from nucliactl.cli.start import program as command

        sys.exit(command())
