"""`nucliactl profile export`: profiles as a document on stdout, or in the official client's own file."""

import time

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import chosen, sources_from
from nucliactl.cli.output import emit_json, note
from nucliactl.cli.streams import print_bytes
from nucliactl.errors import Malformed, NotWritable
from nucliactl.model.profile import Definition
from nucliactl.profiles.document import FORMATS, written
from nucliactl.profiles.exporting import Exported, exported
from nucliactl.profiles.handing import active_definitions, hand_to_official, left_out, named_definitions
from nucliactl.profiles.official_file import write_official
from nucliactl.programs.formats import encoded
from nucliactl.sources.sources import Sources


def parser(path: tuple[str, ...]) -> Parser:
    examples = [
        "nucliactl profile export --to-nuclia",
        "nucliactl profile export handbook -o json",
        "nucliactl profile export handbook --with-secrets > handbook.toml",
    ]
    made = new_parser(path, *examples, formats=FORMATS)
    made.add_argument("name", nargs="*", metavar="NAME", help="the profiles")
    made.add_argument("--with-secrets", action="store_true", help="print their secrets too")
    made.add_argument(
        "--to-nuclia",
        action="store_true",
        help="write them into ~/.nuclia/config as its defaults (without NAME: the active ones)",
    )
    made.add_argument("--file", metavar="FILE", help="with --to-nuclia: another file than ~/.nuclia/config")
    return made


def run(args: Arguments) -> None:
    names = args.name or ([args.profile] if args.profile else [])
    if args.to_nuclia:
        _to_nuclia(args, names)
        return
    if args.file is not None:
        raise Malformed("--file belongs to --to-nuclia.", hint="A document goes to stdout: … > FILE")
    if not names:
        raise Malformed(
            "profile export needs the name of a profile.",
            hint=f"{hints.EXPORT.format('NAME')}   or, for the official client: {hints.EXPORT_TO_NUCLIA}",
        )
    form = args.output if args.output in FORMATS else FORMATS[0]
    found = exported(names, sources_from(args), with_secrets=args.with_secrets, as_variables=form == "dotenv")
    print_bytes(encoded(written(found.profiles, form)))
    _say(found)


def _say(found: Exported) -> None:
    for text in found.said:
        note(text)


def _to_nuclia(args: Arguments, names: list[str]) -> None:
    if args.output in FORMATS and args.output != "json":
        raise Malformed("The official client's file is JSON.", hint="Leave out -o.")
    sources = sources_from(args)
    path = sources.official_path if args.file is None else args.file
    if not path:
        missing = (
            "--file is empty." if args.file == "" else "There is no home directory for ~/.nuclia/config."
        )
        raise NotWritable(missing, hint="Name a file: --file FILE") if path is None else Malformed(missing)
    definitions = named_definitions(names, sources) if names else _active(sources)
    handed = hand_to_official(definitions, sources, time.time(), named=bool(names))
    result = write_official(path, handed.entries)
    for text in handed.said:
        note(text)
    if not names and (user := left_out(sources, definitions)):
        note(
            f"{user.name} was left out; to hand over its token: {hints.EXPORT_TO_NUCLIA_AS.format(user.name)}"
        )
    if result.signed_out:
        note("the client's own sign-in was replaced; to get it back: nuclia auth login")
    if args.output == "json":
        rows = [{"name": entry.profile, "kind": entry.kind} for entry in handed.entries]
        emit_json({"path": result.path, "profiles": rows, "default": result.default})
    names = [f"{entry.profile} ({entry.kind})" for entry in handed.entries]
    note(f"wrote {', '.join(names)} to {result.path}; the official client uses them")


def _active(sources: Sources) -> tuple[Definition, ...]:
    chosen(sources)  # says what a person should know of the choice
    return active_definitions(sources)
