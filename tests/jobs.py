"""A program as a job of a shell, which says how the job left the terminal."""

import sys

from support import COMMAND, Home, Terminal

# A shell with job control, as far as this needs one: it says how its job left the terminal.
SHELL = """
import os, signal, sys, termios
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGQUIT, signal.SIG_IGN)
ahead = sys.argv[1] == "fg"
job = os.fork()
if job == 0:
    os.setpgid(0, 0)
    if ahead:
        os.tcsetpgrp(0, os.getpid())
    for number in (signal.SIGTTOU, signal.SIGINT, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)
    os.execv(sys.argv[2], sys.argv[2:])
print(f"job {job} begins", flush=True)
while True:
    _, status = os.waitpid(job, os.WUNTRACED)
    returned = os.tcgetpgrp(0) == (job if ahead else os.getpgrp())
    os.tcsetpgrp(0, os.getpgrp())
    echo = bool(termios.tcgetattr(0)[3] & termios.ECHO)
    what = "stopped" if os.WIFSTOPPED(status) else f"ended {os.waitstatus_to_exitcode(status)}"
    print(what, "echo" if echo else "no echo", "returned" if returned else "not returned", flush=True)
    if not os.WIFSTOPPED(status):
        break
    sys.stdin.readline()
    os.tcsetpgrp(0, job)
    os.killpg(job, signal.SIGCONT)
"""


class Job(Terminal):
    """`nucliactl`, or another program, as a job of a shell."""

    def __init__(self, home: Home, *words: str, where: str = "fg", program: str = COMMAND) -> None:
        super().__init__(home, "-c", SHELL, where, program, *words, program=sys.executable, columns=80)
        self.expect("begins")
        self.job = int(self.seen.split("job ")[1].split()[0])

    def is_silent(self) -> bool:
        import termios

        return not termios.tcgetattr(self.fd)[3] & termios.ECHO
