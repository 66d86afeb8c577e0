"""Writes docs/reference/ and docs/man/ from the code: commands from the parsers, fields and variables from
their one declaration, errors from their classes, the SDK from its signatures; the index of decisions, and
the times on the front page.

`generate.py --check` says whether the pages are up to date.
"""

import ast
import inspect
import os
import re
import sys
import textwrap
from dataclasses import fields, is_dataclass
from pathlib import Path

os.environ["COLUMNS"] = "100"

import command_pages
import man_pages
from markup import MADE, code, table
from measured import front_page

import nucliactl
from nucliactl import errors, sdk, testing
from nucliactl.http.options import ClientOptions
from nucliactl.model.fields import FIELDS, REFERENCE_SUFFIXES
from nucliactl.model.kinds import KINDS
from nucliactl.model.tool_variables import TOOL_VARIABLES
from nucliactl.sdk.stored import Stored
from nucliactl.sources.environment.variables import FILE

DOCS = Path(__file__).parent


_ERRORS = """Every error is one sentence, a next step, and an exit code. In a program it is a `NucliactlError`
with `.exit_code` and `.hint`; with `-o json` a command prints `{"error", "hint", "exit_code"}` on stderr.

"""


EXIT_CODES = [
    ["0", "done"],
    ["1", "another error: something that is not there, a store that cannot be written"],
    ["2", "usage: a malformed argument, URL, name or key"],
    ["3", "no such profile, the name is taken, or more than one answer is possible"],
    ["4", "login needed: nothing configured, half a credential, expired or rejected"],
    ["5", "the service cannot be reached or is broken"],
    ["6", "refused for safety: a foreign origin, a file others may write or read, a command"],
    ["7", "a stored file is damaged"],
    [
        "126, 127",
        "`run`: the program cannot be started, or is not there; else the program's own code",
    ],
    ["130", "interrupted"],
]


HANDED_OVER = """`run` and `env` first take all variables above away, then set these, where there is a value.
A Knowledge Box on a NucliaDB (`roles`) gets what a `nucliadb` gets, and `BASE_NUCLIA_DOMAIN` is set where the
domain is not the usual one.

"""


def profiles() -> str:
    text = f"{MADE}# Profiles and variables\n\n## Kinds\n\n"
    kinds = [
        [f"`{k.name}`", k.title, f"`{k.header}`", f"`{k.secret.name}`" if k.secret else "none"]
        for k in KINDS.values()
    ]
    text += table(["kind", "what it is", "header", "secret"], kinds)
    text += "\n## Keys of a definition\n\nOne file a profile: `profiles/<name>.toml`. "
    suffixes = code(*("X" + suffix for suffix in REFERENCE_SUFFIXES))
    text += f"A secret X may also be given as {suffixes}; at most one of them.\n\n"
    rows = [
        [
            f"`{f.name}`" + (" (secret)" if f.secret else ""),
            f.summary,
            "all" if len(f.kinds) == len(KINDS) else code(*f.kinds),
        ]
        for f in FIELDS
        if f.in_file
    ]
    text += table(["key", "meaning", "kinds"], rows)
    text += "\n## Environment variables\n\nThe first spelling is ours, the others are in use elsewhere. "
    text += f"Each secret has a twin that names a file: `NUCLIA_API_KEY{FILE}`.\n\n"
    rows = [
        [
            code(*f.variables),
            f.summary,
            "all" if len(f.kinds) == len(KINDS) else code(*f.kinds),
            "yes" if f.secret else "",
        ]
        for f in FIELDS
        if f.variables
    ]
    text += table(["variables", "meaning", "kinds", "secret"], rows)
    text += "\n## Variables that other programs get\n\n" + HANDED_OVER
    rows = [[f"`{k.name}`", code(*dict(k.hands_over))] for k in KINDS.values()]
    text += table(["kind", "variables"], [*rows, ["all", code("NUCLIA_PROFILE", "NUCLIA_KIND")]])
    text += "\n## Variables of the tool\n\n"
    return text + table(["variable", "meaning"], [[f"`{name}`", meaning] for name, meaning in TOOL_VARIABLES])


def error_pages() -> str:
    text = f"{MADE}# Errors and exit codes\n\n{_ERRORS}## Exit codes\n\n"
    text += table(
        ["code", "meaning"],
        EXIT_CODES,
    )
    found = [
        c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.NucliactlError)
    ]
    rows = [
        [
            f"`{c.__name__}`",
            f"`{c.__base__.__name__}`" if c.__base__ is not Exception else "",
            str(c.exit_code),
            " ".join((inspect.getdoc(c) or "").split()),
        ]
        for c in sorted(found, key=lambda c: (c.exit_code, c.__name__))
    ]
    text += "\n## Classes\n\n" + table(["class", "is a", "code", "meaning"], rows)
    return f"{text}\n{EXAMPLES['NucliactlError'].rstrip()}\n"


def signature(name: str, thing: object) -> str:
    """Return a function's signature as it is written, without `self` and quotes."""
    node = ast.parse(textwrap.dedent(inspect.getsource(thing))).body[0]  # type: ignore[arg-type]
    assert isinstance(node, ast.FunctionDef) and node.returns
    node.args.args = [one for one in node.args.args if one.arg != "self"]
    text = f"{name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}".replace("'", "").replace(
        "objects.", ""
    )
    return re.sub(r"(?<=[\w\]])=(?=\w)", " = ", text)


def examples() -> dict[str, str]:
    """Return the sections of the example file by the name that each begins with."""
    _, *parts = re.split(r"^# ([\w.]+)$", (DOCS / "examples/sdk.py").read_text(), flags=re.MULTILINE)
    return {
        name: f"```python\n{body.strip()}\n```\n\n" for name, body in zip(*[iter(parts)] * 2, strict=True)
    }


EXAMPLES = examples()


def described(owner: str, name: str, thing: object) -> str:
    """Return the section of a function, or of a method of `owner`. KeyError: it has no example."""
    prefix = {"": "nucliactl.", "Profile": "profile."}.get(owner, f"{owner}().")
    text = f"### {name}\n\n```text\n{prefix}{signature(name, thing)}\n```\n\n{inspect.getdoc(thing)}\n\n"
    return text + EXAMPLES[f"{owner}.{name}".lstrip(".")]


def sdk_page() -> str:
    text = f"{MADE}# SDK\n\n## nucliactl\n\n`Kind` is one of {code(*KINDS)}.\n\n"
    for name in ("resolve", "client", "async_client", "override", "reset", "warm"):
        text += described("", name, getattr(nucliactl, name))
    text += f"The options of `client` and `async_client`: {code(*ClientOptions.__annotations__)}; "
    text += "each as in httpx.\n\n"
    text += f"## Profile\n\n{inspect.getdoc(nucliactl.Profile)}\n\n"
    for name, member in vars(nucliactl.Profile).items():
        if isinstance(member, property):
            text += f"- `{name}`: {' '.join((inspect.getdoc(member) or '').split())}\n"
    text += f"\n{EXAMPLES['Profile']}"
    for name in ("client", "async_client", "auth", "connection"):
        text += described("Profile", name, getattr(nucliactl.Profile, name))
    text += f"## sdk.NucliaAuth\n\n{inspect.getdoc(sdk.NucliaAuth)}\n\n{EXAMPLES['NucliaAuth']}"
    text += "`sdk.AsyncNucliaAuth` has the same methods; those that ask the service are awaited:\n\n"
    text += EXAMPLES["AsyncNucliaAuth"]
    for name, method in {**vars(sdk.NucliaAuth), **vars(Stored)}.items():
        if not name.startswith("_"):
            text += described("NucliaAuth", name, method)
    text += "## What the methods return\n\n"
    rows = [
        [
            f"`{name}`",
            (inspect.getdoc(thing) or "").replace("\n", " "),
            code(*(f.name for f in fields(thing))),
        ]
        for name, thing in ((name, getattr(sdk, name)) for name in sdk.__all__)
        if is_dataclass(thing)
    ]
    text += table(["class", "is", "attributes"], rows)
    return f"{text}\n## nucliactl.testing\n\n{inspect.getdoc(testing)}\n"


def decisions() -> str:
    text = f"{MADE}# Decisions\n\nWhat was decided, when, and why: one decision a page. "
    text += "Numbers 1 and 2 held several decisions each; they are 10 to 38 now.\n\n"
    for path in sorted((DOCS / "decisions").glob("0*.md")):
        title, _, status, *_ = path.read_text().splitlines()
        text += f"- [{title.removeprefix('# ')}]({path.name}) ({status.rstrip('.')})\n"
    return text


PAGES = {
    "index.md": front_page,
    "reference/profiles.md": profiles,
    "reference/errors.md": error_pages,
    "reference/sdk.md": sdk_page,
    "decisions/index.md": decisions,
}


def main() -> int:
    made = {name: make() for name, make in PAGES.items()}
    texts = {**command_pages.pages(), **man_pages.pages(EXIT_CODES), **made}
    found = (*(DOCS / "reference").rglob("*.md"), *(DOCS / "man").glob("*.1"))
    there = {str(path.relative_to(DOCS)) for path in found}
    gone = sorted(there - texts.keys())
    stale = [
        name
        for name, text in texts.items()
        if not (DOCS / name).exists() or (DOCS / name).read_text() != text
    ]
    if "--check" in sys.argv:
        if stale or gone:
            print(f"not up to date in docs: {', '.join(stale + gone)}; run: make docs", file=sys.stderr)
        return 1 if stale or gone else 0
    for name in stale:
        (DOCS / name).parent.mkdir(exist_ok=True)
        (DOCS / name).write_text(texts[name])
    for name in gone:
        (DOCS / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
