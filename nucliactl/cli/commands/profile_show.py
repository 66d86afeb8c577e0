"""`nucliactl profile show`: one profile, its values with their sources, and where it may go."""

from nucliactl.cli import shapes
from nucliactl.cli.arguments import Arguments, Parser, add_profile_argument, new_parser
from nucliactl.cli.context import active_definition, sources_from, stated_profile
from nucliactl.cli.output import data, emit_data, emit_lines, wants_data
from nucliactl.layers import effective
from nucliactl.listing import active_choice, is_choice, listing_of
from nucliactl.model.kinds import KINDS
from nucliactl.resolver.named import named_definition


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl profile show handbook", "nucliactl profile show -o json")
    add_profile_argument(made)
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    name = stated_profile(args)
    definition = named_definition(name, sources) if name is not None else active_definition(sources)
    values = list(effective(definition, sources).values())
    if wants_data(args):
        active = is_choice(definition, active_choice(sources))
        found = shapes.row(listing_of(definition, active, sources.files.read))
        found["values"] = shapes.values(values)
        found["origins"] = list(definition.origins)
        found["opens"] = KINDS[definition.kind].opens
        emit_data(args, found)
    elif args.output == "name":
        emit_lines([definition.name])
    else:
        data(f"{definition.name}: {KINDS[definition.kind].title}, {definition.target}")
        data(f"it opens {KINDS[definition.kind].opens}")
        data(f"its credential may go to {', '.join(definition.origins) or 'its issuer'}")
        print()
        shapes.emit_values(args, values)
