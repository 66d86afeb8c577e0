"""`nucliactl current`: the name of the active profile."""

from __future__ import annotations

from nucliactl.cli.context import chosen, sources_from
from nucliactl.cli.flags import Arguments
from nucliactl.cli.output import data, emit_data, wants_data
from nucliactl.resolver.result import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.cli.arguments import Parser


def parser(path: tuple[str, ...]) -> Parser:
    from nucliactl.cli.arguments import new_parser

    return new_parser(path, "nucliactl current", "nucliactl current -o json")


def run(args: Arguments) -> None:
    choice = chosen(sources_from(args), Query(definition=wants_data(args)))
    if wants_data(args):
        assert choice.definition is not None
        kind = choice.definition.kind
        several = {"names": list(choice.names)} if len(choice.names) > 1 else {}
        emit_data(args, {"name": choice.name, "kind": kind, "source": str(choice.source)} | several)
    else:
        data(choice.name)
