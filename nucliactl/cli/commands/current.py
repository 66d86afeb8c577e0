"""`nucliactl current`: the name of the active profile."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import chosen, sources_from
from nucliactl.cli.output import data, emit_json
from nucliactl.resolver.result import Query


def parser(path: tuple[str, ...]) -> Parser:
    return new_parser(path, "nucliactl current", "nucliactl current -o json")


def run(args: Arguments) -> None:
    as_json = args.output == "json"
    choice = chosen(sources_from(args), Query(definition=as_json))
    if as_json:
        assert choice.definition is not None
        kind = choice.definition.kind
        emit_json({"name": choice.name, "kind": kind, "source": str(choice.source)})
    else:
        data(choice.name)
