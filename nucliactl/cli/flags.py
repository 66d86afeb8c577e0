"""The options that every command takes, before it or after it, each declared once."""

from __future__ import annotations

from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


DATA_FORMATS = ("json",)  # for programs; each has its branch in `output.emit_data`
WIDE = "wide"
FORMATS = ("table", WIDE, *DATA_FORMATS, "name")
_ONE_OF_THEM = f"{', '.join(FORMATS[:-1])} or {FORMATS[-1]}"


class GlobalFlag(NamedTuple):
    names: tuple[str, ...]
    options: dict[str, Any]

    @property
    def takes_value(self) -> bool:
        return "action" not in self.options

    @property
    def name(self) -> str:
        """What the arguments of a command call it."""
        return self.names[-1].removeprefix("--").replace("-", "_")


GLOBAL_FLAGS: tuple[GlobalFlag, ...] = (
    GlobalFlag(("--profile",), {"metavar": "NAME", "help": "the profile to use"}),
    GlobalFlag(("--config-dir",), {"metavar": "DIR", "help": "the store's directory"}),
    GlobalFlag(("--profiles-dir",), {"metavar": "DIR", "help": "one more directory of profiles"}),
    GlobalFlag(("--env-file",), {"metavar": "FILE", "help": "take the credential from this .env alone"}),
    GlobalFlag(("--no-project",), {"action": "store_true", "help": "leave the project directory out"}),
    GlobalFlag(
        ("-o", "--output"),
        {"metavar": "FORMAT", "choices": FORMATS, "help": _ONE_OF_THEM},
    ),
    GlobalFlag(
        ("--query",),
        {"metavar": "EXPR", "help": "print what a JMESPath expression picks (implies -o json)"},
    ),
    GlobalFlag(("--no-color",), {"action": "store_true", "help": "no colours"}),
    GlobalFlag(("-v", "--verbose"), {"action": "store_true", "help": "say on stderr what is used and asked"}),
)

PRESET: dict[str, Any] = {"sources": None, "no_validate": False, "named": None, "yes": False}
"""What every command's arguments say where its command line does not."""


class Arguments:
    """What a command line says, by the names of options and arguments."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

        def __setattr__(self, name: str, value: Any) -> None: ...


def global_flag(word: str) -> GlobalFlag | None:
    """Return the global flag a word spells: `--profile`, `--profile=x`, `-o`, `-ojson`."""
    for flag in GLOBAL_FLAGS:
        for name in flag.names:
            short = len(name) == 2 and flag.takes_value and word.startswith(name)
            if word == name or short or word.startswith(name + "="):
                return flag
    return None
