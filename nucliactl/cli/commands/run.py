"""`nucliactl run`: a program, or a shell, that gets the credential of one profile."""

import contextlib
import os
import sys
import time

from nucliactl import hints
from nucliactl.children import thawed
from nucliactl.cli.arguments import Arguments, Parser, add_address_argument, new_parser
from nucliactl.cli.context import active_definition, provider_of, sources_from
from nucliactl.cli.output import note
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.model.names import check_name, is_name
from nucliactl.model.profile import Definition
from nucliactl.model.tool_variables import RUN_VARIABLE
from nucliactl.programs.opening import open_for_program
from nucliactl.programs.start import NoProgram, become, found_program, marked_shell, shell_of
from nucliactl.programs.variables import child_environment
from nucliactl.sources.sources import Sources


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        "nucliactl run -- sh -c 'echo $NUCLIA_KB_URL'",
        "nucliactl run --profile handbook -- env",
        "nucliactl run -- nucliactl current",
        "nucliactl run --from rediss://reader@redis.example.com:6379/0 --profile handbook -- env",
    )
    add_address_argument(made, "--from", "take --profile from a team's Redis or Vault, once")
    made.add_argument("words", nargs="*", metavar="CMD", help="the program and its arguments; none: a shell")
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    definition, used = (active_definition(sources), ()) if args.address is None else _fetched(args, sources)
    words = args.words
    path = _found(words[0], sources) if words else shell_of(os.environ)
    handed = open_for_program(definition, sources, provider_of(definition, sources), time.time())
    for text in handed.said:
        note(text)
    environ = child_environment(thawed(os.environ), handed.variables, used) | {RUN_VARIABLE: definition.name}
    if not words:
        note(f"a shell with {definition.name} ({definition.kind}, {definition.target}); exit leaves it")
        words, environ = marked_shell(path, environ, definition.name, os.environ.get(RUN_VARIABLE))
    sys.stdout.flush()
    sys.stderr.flush()
    become(path, words, environ)


def _fetched(args: Arguments, sources: Sources) -> tuple[Definition, tuple[str, ...]]:
    """Return the profile of a record, and the variables that opened the store it is in."""
    from nucliactl.cli.fleet import store_at
    from nucliactl.fleet.looking import look

    if args.profile is None:
        raise Malformed("run --from needs --profile.", hint=hints.RUN_FROM)
    name = check_name(args.profile)
    with store_at(args.address, "--from", sources) as store:
        seen = look(store.records, [name])
        if name in seen.problems:
            raise seen.problems[name]
        definition = seen.records[name].definition
        for text in definition.told:
            note(text)
        return definition, store.access.used()


def _found(name: str, sources: Sources) -> str:
    try:
        return found_program(name, os.environ)
    except NoProgram as error:
        with contextlib.suppress(NucliactlError):
            if is_name(name) and sources.directories.has(name):
                error.hint = f"To use the profile of that name: {hints.RUN_AS.format(name)}"
        raise
