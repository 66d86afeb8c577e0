"""`nucliactl completion`: the set-up of completion for a shell, printed or put where the shell finds it."""

from __future__ import annotations

import os

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.output import emit_data, note
from nucliactl.cli.query import nothing_to_pick
from nucliactl.errors import Malformed
from nucliactl.shells.known import SHELLS, used_shell

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.shells.install import Place

INSTALL = "install"
_BASH_COMPLETION = (
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/opt/homebrew/share/bash-completion/bash_completion",
    "/etc/bash_completion",
)
_REGISTER = """if (( ${+functions[compdef]} )); then
            REGISTER
        else
            __nucliactl_register() {
                (( ${+functions[compdef]} )) && REGISTER
                add-zsh-hook -d precmd __nucliactl_register
                unfunction __nucliactl_register
            }
            autoload -Uz add-zsh-hook && add-zsh-hook precmd __nucliactl_register
        fi"""


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        "nucliactl completion install bash",
        "nucliactl completion install bash --uninstall",
        "nucliactl completion bash",
        "nucliactl completion fish",
    )
    made.intermixed = True
    made.add_argument(
        "what", choices=(INSTALL, *SHELLS), help="print what sets it up (in fish: … | source), or install it"
    )
    made.add_argument("shell", nargs="?", choices=SHELLS, help="with install: the shell (default: yours)")
    made.add_argument("--uninstall", action="store_true", help="with install: take it away again")
    return made


def run(args: Arguments) -> None:
    if args.what == INSTALL:
        _install(args)
        return
    if args.shell is not None or args.uninstall:
        raise Malformed(
            f"completion {args.what} only prints.",
            hint=f"To take it away: {hints.uninstall_completion(args.what)}"
            if args.uninstall
            else f"To install it: {hints.install_completion(args.what)}",
        )
    if args.query is not None:
        raise nothing_to_pick(f"completion {args.what}")
    print(_code(args.what))


def _install(args: Arguments) -> None:
    from nucliactl.shells.install import install, uninstall

    shell = args.shell or used_shell(os.environ)
    if shell is None:
        raise Malformed(
            "Which shell? Neither what started this nor SHELL is one of " + ", ".join(SHELLS) + ".",
            hint=f"Name it: {hints.install_completion(SHELLS[0])}",
        )
    place = (uninstall if args.uninstall else install)(shell, _code(shell), os.environ)
    _say(place, gone=args.uninstall)
    emit_data(args, {"shell": shell, "path": place.path, "changed": place.changed})


def _say(place: Place, *, gone: bool) -> None:
    part = "the block in " if place.shell == "zsh" else ""
    link = f", a link: {place.written} was written" if place.changed and place.written != place.path else ""
    if gone:
        note(f"removed {part}{place.path}{link}" if place.changed else f"nothing of it in {place.path}")
        return
    note(f"{'wrote' if place.changed else 'unchanged:'} {part}{place.path}{link}")
    if place.shell == "bash" and not any(map(os.path.exists, _BASH_COMPLETION)):
        note(
            "bash reads it by the package bash-completion, which is not here: install that, or add to "
            f'~/.bashrc: eval "$({hints.COMPLETION})"'
        )
    elif place.mute:
        note(
            "zsh completes once compinit has run: unless a framework of yours runs it, put above the block: "
            "autoload -Uz compinit && compinit"
        )
    note(f"a new {place.shell} has it; in this one type: exec {place.shell}")


def _code(shell: str) -> str:
    from nucliactl.cli.completion import set_up

    code = set_up(shell)
    return _registered_late(code) if shell == "zsh" else code


def _registered_late(code: str) -> str:
    """Let zsh's code wait for the completion system: a start file may begin that (`compinit`) after it."""
    register = next(line.strip() for line in code.splitlines() if line.strip().startswith("compdef "))
    return code.replace(register, _REGISTER.replace("REGISTER", register))
