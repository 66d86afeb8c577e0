"""`nucliactl prompt`: the active name for a shell prompt; nothing where there is none, and `!` where a
choice is refused."""

from __future__ import annotations

from nucliactl.cli.context import sources_from
from nucliactl.cli.flags import Arguments
from nucliactl.cli.output import data, emit_data
from nucliactl.errors import NucliactlError, Refused
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.cli.arguments import Parser


def parser(path: tuple[str, ...]) -> Parser:
    from nucliactl.cli.arguments import new_parser
    from nucliactl.shells.known import SHELLS

    made = new_parser(path, "nucliactl prompt", "nucliactl prompt --shell bash")
    made.add_argument(
        "--shell",
        choices=SHELLS,
        help="print a function that keeps the name in $nucliactl_ps1; without a change it starts no process",
    )
    return made


def run(args: Arguments) -> None:
    if args.shell is not None:
        from nucliactl.shells.prompt import function_for

        print(function_for(args.shell), end="")
        return
    try:
        found = resolve(sources_from(args), Query(definition=False))
        choice, error = found.choice, found.error
    except NucliactlError as problem:
        choice, error = None, problem
    several = {"names": list(choice.names)} if choice and len(choice.names) > 1 else {}
    if emit_data(args, {"name": choice.name if choice else None} | several):
        return
    if choice is not None:
        data(choice.name)
    elif isinstance(error, Refused):
        data("!")
