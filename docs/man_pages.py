"""The manual: nucliactl(1) and one page a command, made of what docs/reference/commands is made of.

They are written in man(7), in ASCII only, so that any `man` shows them.
"""

import argparse
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

from nucliactl.cli.flags import GLOBAL_FLAGS
from nucliactl.cli.registry import ALIASES, COMMANDS
from nucliactl.model.tool_variables import TOOL_VARIABLES

_ESCAPED = {"\\": r"\e", "-": r"\-", "'": r"\(aq", "^": r"\(ha", "~": r"\(ti", '"': r"\(dq"}
_RELEASED = re.compile(r"^## \S+ - (\d{4}-\d{2}-\d{2})$", re.MULTILINE)
_FILES = (
    ("~/.config/nucliactl/profiles/NAME.toml", "the definition of a profile, without its secret"),
    ("~/.config/nucliactl/credentials/NAME.json", "its secret, where a file keeps it"),
    ("~/.config/nucliactl/config.toml", "settings"),
    ("/etc/nucliactl", "the same of the whole machine"),
    (".nuclia-profile", "the profile of a project directory"),
)


def pages(exit_codes: Sequence[Sequence[str]]) -> dict[str, str]:
    """Return each page's text by its name below docs/. `exit_codes` are codes and what they mean."""
    found = {f"man/{_name(path)}.1": _page(path) for path in COMMANDS}
    return {"man/nucliactl.1": _overview(exit_codes), **found}


def _name(path: tuple[str, ...]) -> str:
    return "-".join(("nucliactl", *path))


def _overview(exit_codes: Sequence[Sequence[str]]) -> str:
    commands = [(f"nucliactl {' '.join(path)}", entry.summary) for path, entry in COMMANDS.items()]
    flags = [
        (
            ", ".join(flag.names) + (f" {flag.options['metavar']}" if flag.takes_value else ""),
            flag.options["help"],
        )
        for flag in GLOBAL_FLAGS
    ]
    return "\n".join(
        (
            *_head("nucliactl", "named credential profiles for Nuclia (Progress Agentic RAG)"),
            *_synopsis("nucliactl", "[options] COMMAND [arguments]"),
            ".SH DESCRIPTION",
            *_text(
                "It gives every credential a name, finds profiles in variables, files and mounted secrets, "
            ),
            *_text("and hands the active one to people and programs. Each command has a page of its own."),
            ".SH COMMANDS",
            *_list(commands),
            ".SH GLOBAL OPTIONS",
            *_text("They stand before or after the command."),
            *_list(flags),
            ".SH EXIT STATUS",
            *_list(exit_codes),
            ".SH ENVIRONMENT",
            *_list(TOOL_VARIABLES),
            ".SH FILES",
            *_list(_FILES),
            ".SH SEE ALSO",
            *_see(("nucliactl-use", "nucliactl-auth-kb", "nucliactl-auth-login", "nucliactl-explain")),
            "",
        )
    )


def _page(path: tuple[str, ...]) -> str:
    entry = COMMANDS[path]
    parser = import_module(f"nucliactl.cli.commands.{entry.module}").parser(path)
    own = [action for action in parser._actions if action not in parser.common]
    formatter = argparse.HelpFormatter("nucliactl", width=10_000)
    formatter.add_usage(None, own, parser._mutually_exclusive_groups, "")
    usage = " ".join(formatter.format_help().split()).removeprefix("nucliactl")
    _, _, examples = parser.epilog.partition("examples:\n")
    others = [f"nucliactl {' '.join(words)}" for words, meant in ALIASES.items() if meant == path]
    shown = [
        (formatter._format_action_invocation(action), formatter._expand_help(action) if action.help else "")
        for action in own
    ]
    return "\n".join(
        (
            *_head(_name(path), entry.summary),
            *_synopsis(f"nucliactl {' '.join(path)}", usage),
            ".SH DESCRIPTION",
            *_text(f"{entry.description[0].upper()}{entry.description[1:]}."),
            *([".PP", *_text(f"Also: {', '.join(others)}.")] if others else []),
            *([".SH OPTIONS", *_list(shown)] if shown else []),
            ".PP",
            *_text("Every command also takes the global options of"),
            ".BR nucliactl (1).",
            ".SH EXAMPLES",
            *_example(line.strip().removeprefix("$ ") for line in examples.strip().splitlines()),
            ".SH SEE ALSO",
            *_see(("nucliactl",)),
            "",
        )
    )


def _head(name: str, summary: str) -> Iterator[str]:
    [date] = _RELEASED.findall((Path(__file__).parents[1] / "CHANGELOG.md").read_text())[:1]
    yield r".\" Made by docs/generate.py; edit the code instead."
    yield f'.TH {_plain(name.upper())} 1 {date} nucliactl "nucliactl manual"'
    yield ".SH NAME"
    yield f"{_plain(name)} \\- {_plain(summary)}"


def _synopsis(command: str, rest: str) -> Iterator[str]:
    yield ".SH SYNOPSIS"
    yield f".B {_plain(command)}"
    yield from _text(rest)


def _list(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for term, meaning in rows:
        yield from (".TP", f".B {_plain(term)}", *_text(meaning))


def _example(lines: Iterable[str]) -> Iterator[str]:
    yield from (".nf", *(_kept(_plain(line)) for line in lines), ".fi")


def _see(names: Sequence[str]) -> Iterator[str]:
    for number, name in enumerate(names, 1):
        yield f".BR {_plain(name)} (1){',' if number < len(names) else ''}"


def _text(text: str) -> list[str]:
    """Return a text as lines, each sentence on its own."""
    sentences = re.split(r"(?<=\.) +", _plain(text.strip()))
    lines = [line for one in sentences for line in textwrap.wrap(one, 78, break_on_hyphens=False)]
    return list(map(_kept, lines))


def _kept(line: str) -> str:
    """Return a line that is no macro, whatever it begins with."""
    return rf"\&{line}" if line.startswith((".", "\\(aq")) else line


def _plain(text: str) -> str:
    """Return a text without the marks of Markdown, in ASCII, as it is shown."""
    text = text.replace("`", "")
    return "".join(_ESCAPED.get(c, c if c.isascii() else f"\\[u{ord(c):04X}]") for c in text)
