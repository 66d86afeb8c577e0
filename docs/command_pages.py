"""The pages of the commands: an overview, and one page a command, from their parsers."""

import argparse
from importlib import import_module

from markup import MADE, code, table

from nucliactl.cli.flags import GLOBAL_FLAGS
from nucliactl.cli.registry import ALIASES, COMMANDS, Entry

GROUPS = {
    "Log in, and what the service knows": ("auth",),
    "What you have access to": ("accounts", "zones", "kbs", "agents"),
    "Which profile": ("list", "current", "use", "explain", "prompt"),
    "Profiles": ("profile",),
    "Other programs": ("run", "env", "api"),
    "The tool": (),
}
"""The overview's headings, and the first words of the commands below each; the last has the rest."""


def pages() -> dict[str, str]:
    """Return each page's text by its name below docs/."""
    found = {_file(path): _page(path, entry) for path, entry in COMMANDS.items()}
    return {
        "reference/commands.md": _overview(),
        **{f"reference/{name}": text for name, text in found.items()},
    }


def _file(path: tuple[str, ...]) -> str:
    return f"commands/{'-'.join(path)}.md"


def _overview() -> str:
    text = f"{MADE}# Commands\n\n`nucliactl COMMAND --help` says the same as these pages.\n"
    for heading in GROUPS:
        paths = [path for path in COMMANDS if _group(path) == heading]
        text += f"\n## {heading}\n\n"
        text += table(
            ["command", "what it does"],
            [[f"[`{' '.join(path)}`]({_file(path)})", COMMANDS[path].description] for path in paths],
        )
    flags = [
        [code(*f.names) + (f" {f.options['metavar']}" if f.takes_value else ""), f.options["help"]]
        for f in GLOBAL_FLAGS
    ]
    text += "\n## Global options\n\nThey stand before or after the command.\n\n"
    return text + table(["option", "meaning"], flags)


def _group(path: tuple[str, ...]) -> str:
    return next((heading for heading, firsts in GROUPS.items() if path[0] in firsts), "The tool")


def _page(path: tuple[str, ...], entry: Entry) -> str:
    parser = import_module(f"nucliactl.cli.commands.{entry.module}").parser(path)
    parser.description = None  # it stands above
    group = next(g for g in parser._action_groups if g.title == "global options")
    parser._action_groups.remove(group)
    for action in group._group_actions:
        action.help = argparse.SUPPRESS
    usage, _, examples = parser.format_help().partition("\nexamples:\n")
    others = [" ".join(words) for words, meant in ALIASES.items() if meant == path]
    text = f"{MADE}# {' '.join(path)}\n\n{entry.description[0].upper()}{entry.description[1:]}.\n\n"
    text += f"Also: {code(*others)}.\n\n" if others else ""
    text += f"```text\n{usage.strip()}\n```\n\n"
    text += "Every command also takes the [global options](../commands.md#global-options).\n\n"
    commands = "\n".join(line.strip().removeprefix("$ ") for line in examples.strip().splitlines())
    return f"{text}## Examples\n\n```sh\n{commands}\n```\n"
