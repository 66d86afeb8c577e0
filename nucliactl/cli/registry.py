"""The commands and their other spellings. Data only: no command is imported to list them."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from nucliactl import hints
from nucliactl.tuples import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nucliactl.cli import commands  # noqa: F401 (for what reads imports: see there)


class Entry(NamedTuple):
    """What a command does, and its module: named as the command, unless several share one. `bare`: no
    setting of a store decides how it prints, so that a bad store cannot stop it. `passes_on`: behind its
    options stands the command line of another program; `valued` are its own options, each with a value.
    `looks_for_faults`: a bad setting is one of them. `shows_secret`: it prints one, so that it is never
    what a mistyped command is taken for. `prints_json`: --query has something to pick from."""

    description: str
    module: str = ""
    bare: bool = False
    passes_on: bool = False
    valued: tuple[str, ...] = ()
    looks_for_faults: bool = False
    shows_secret: bool = False
    prints_json: bool = True

    @property
    def summary(self) -> str:
        """The description up to its first semicolon, for a list of commands."""
        return self.description.partition(";")[0]


_TABLE: dict[tuple[str, ...], Entry] = {
    ("auth", "login"): Entry("sign in with a browser; the session renews itself"),
    ("auth", "kb"): Entry("log in to a Knowledge Box, by its URL and an API key"),
    ("auth", "nua"): Entry("log in with a NUA key"),
    ("auth", "nucliadb"): Entry("use a local NucliaDB, which has no secret"),
    ("auth", "set_user_token"): Entry("log in with a user token", "auth_set_token"),
    ("auth", "personal_token"): Entry("log in with a personal access token", "auth_set_token"),
    ("auth", "create_personal_token"): Entry(
        "make a personal access token; it is printed once, alone", shows_secret=True
    ),
    ("auth", "list_personal_tokens"): Entry("list your personal access tokens"),
    ("auth", "delete_personal_token"): Entry("delete a personal access token by its id"),
    ("auth", "create_ephemeral_token"): Entry(
        "make a short-lived token with a Knowledge Box's API key", "auth_short_lived", shows_secret=True
    ),
    ("auth", "agent"): Entry("log in to a retrieval agent, by zone, account, id and API key"),
    ("auth", "create_api_key"): Entry(
        "make an API key for a Knowledge Box; it is printed once, alone", "auth_api_keys", shows_secret=True
    ),
    ("auth", "list_api_keys"): Entry("list the API keys of a Knowledge Box", "auth_api_keys"),
    ("auth", "delete_api_key"): Entry("delete an API key of a Knowledge Box", "auth_api_keys"),
    ("auth", "rotate_nua_key"): Entry(
        "give a NUA profile a new key; the old one stops working at once", shows_secret=True
    ),
    ("auth", "create_temporal_key"): Entry(
        "make a key that lives for seconds, for some security groups", "auth_short_lived", shows_secret=True
    ),
    ("auth", "show"): Entry("show what is configured and what the service says about it"),
    ("auth", "nuas"): Entry("list the NUA keys, without asking the service"),
    ("auth", "default_nua"): Entry("switch to a NUA key by its client id", "auth_default"),
    ("auth", "default_agent"): Entry("switch to an agent by its id", "auth_default"),
    ("auth", "default_kb"): Entry("switch to a Knowledge Box by its id", "auth_default"),
    ("auth", "status"): Entry("ask the service whether credentials work"),
    ("auth", "token"): Entry("print the secret of the active profile", shows_secret=True),
    ("auth", "helper"): Entry("answer a program that asks for the headers of an address", shows_secret=True),
    ("auth", "logout"): Entry("forget the stored secret of a profile; the profile stays"),
    ("accounts", "list"): Entry("list your accounts", "inventory_list"),
    ("accounts", "default"): Entry("set the signed-in profile's default account", "inventory_default"),
    ("zones", "list"): Entry("list the zones", "inventory_list"),
    ("zones", "default"): Entry("set the signed-in profile's default zone", "inventory_default"),
    ("kbs", "list"): Entry(
        "list the Knowledge Boxes you have access to; all zones are asked at once", "inventory_list"
    ),
    ("agents", "list"): Entry(
        "list the retrieval agents you have access to; all zones are asked at once", "inventory_list"
    ),
    ("api",): Entry("send one request to the service with the profile's credential"),
    ("list",): Entry("list the profiles, the active one marked"),
    ("current",): Entry("print the name of the active profile"),
    ("use",): Entry("switch to another profile, or to several of different kinds"),
    ("explain",): Entry("show why a profile is active, and where each value is from"),
    ("profile", "show"): Entry("show one profile, where each value is from, and what it opens"),
    ("profile", "set"): Entry("set keys of a profile's definition; comments are kept"),
    ("profile", "unset"): Entry("take keys out of a profile's definition"),
    ("profile", "rename"): Entry("give a profile another name"),
    ("profile", "copy"): Entry("copy a profile with its secret; a session is never copied"),
    ("profile", "delete"): Entry("delete a profile and its secret"),
    ("profile", "edit"): Entry("edit a definition in VISUAL or EDITOR; saved only if valid"),
    ("profile", "path"): Entry("print where a definition is"),
    ("profile", "export"): Entry("print profiles as a document, or hand them to the official client"),
    ("profile", "import"): Entry("make profiles of a document, a .env, or the official client's file"),
    ("profile", "pull"): Entry("get profiles from a team's Redis or Vault; --watch goes on"),
    ("profile", "push"): Entry("put profiles, with their secrets, into a team's Redis or Vault"),
    ("run",): Entry(
        "run a program, or a shell, with the credential of a profile; the exit code is the program's, or 127 "
        "where it is not found, 126 where it cannot be started",
        bare=True,
        passes_on=True,
        valued=("--from",),
        prints_json=False,
    ),
    ("env",): Entry(
        "print the variables that give other programs the credential of a profile; unsets come first",
        bare=True,
        shows_secret=True,
    ),
    ("doctor",): Entry(
        "find what is wrong on this machine, and say what to do; the exit code is 1 where something is",
        bare=True,
        looks_for_faults=True,
    ),
    ("check-secrets",): Entry(
        "find keys of Nuclia in files before they are committed; the exit code is 1 where there are any",
        "check_secrets",
        bare=True,
    ),
    ("completion",): Entry(
        f'print what sets completion up, or install it; without installing: eval "$({hints.COMPLETION})"',
        bare=True,
    ),
    ("prompt",): Entry(
        "print the active profile for a shell prompt; nothing without one, ! if it is refused", bare=True
    ),
    ("sandbox",): Entry(
        "run an offline stand-in of the service and print its variables", bare=True, prints_json=False
    ),
    ("version",): Entry("print the version", bare=True),
}

COMMANDS = {path: entry._replace(module=entry.module or "_".join(path)) for path, entry in _TABLE.items()}

ALIASES: dict[tuple[str, ...], tuple[str, ...]] = {
    ("login",): ("auth", "login"),
    ("kb",): ("auth", "kb"),
    ("kbs", "default"): ("auth", "default_kb"),
    ("accounts",): ("accounts", "list"),
    ("zones",): ("zones", "list"),
    ("kbs",): ("kbs", "list"),
    ("agents",): ("agents", "list"),
    ("nua",): ("auth", "nua"),
    ("agent",): ("auth", "agent"),
    ("agents", "default"): ("auth", "default_agent"),
    ("nucliadb",): ("auth", "nucliadb"),
    ("set_user_token",): ("auth", "set_user_token"),
    ("personal_token",): ("auth", "personal_token"),
    ("create_personal_token",): ("auth", "create_personal_token"),
    ("list_personal_tokens",): ("auth", "list_personal_tokens"),
    ("delete_personal_token",): ("auth", "delete_personal_token"),
    ("create_ephemeral_token",): ("auth", "create_ephemeral_token"),
    ("status",): ("auth", "status"),
    ("token",): ("auth", "token"),
    ("logout",): ("auth", "logout"),
    ("auth", "list"): ("list",),
    ("auth", "list_nuas"): ("auth", "nuas"),
    ("auth", "switch"): ("use",),
    ("auth", "use"): ("use",),
    ("auth", "current"): ("current",),
    ("profile", "list"): ("list",),
    ("profile", "use"): ("use",),
    ("profile", "current"): ("current",),
    ("profile", "explain"): ("explain",),
    ("profiles",): ("list",),
    ("profile", "rm"): ("profile", "delete"),
    ("profile", "mv"): ("profile", "rename"),
    ("profile", "cp"): ("profile", "copy"),
    ("exec",): ("run",),
    ("profile", "run"): ("run",),
    ("profile", "exec"): ("run",),
    ("profile", "env"): ("env",),
    ("rename",): ("profile", "rename"),
    ("import",): ("profile", "import"),
    ("export",): ("profile", "export"),
    ("pull",): ("profile", "pull"),
    ("push",): ("profile", "push"),
    ("switch",): ("use",),
    ("ls",): ("list",),
    ("check_secrets",): ("check-secrets",),
}

GROUPS = {path[0] for path in (*COMMANDS, *ALIASES) if len(path) == 2}


def spelled(word: str) -> str:
    """Bring a word into the spelling of the service's names in the table (`set-user-token` is accepted)."""
    return word.replace("-", "_")


def lookup(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the command that one or two words name, through the alias table; None if none."""
    path = words if words in COMMANDS else tuple(spelled(word) for word in words)
    path = ALIASES.get(path, path)
    return path if path in COMMANDS else None


def named_by(words: Sequence[str]) -> tuple[str, ...]:
    """Return the first one or two words, those that name a command; () where they name none."""
    return next((tuple(words[:size]) for size in (2, 1) if lookup(tuple(words[:size]))), ())


def module_of(path: tuple[str, ...]) -> Any:
    """Import the module of a command."""
    return import_module(f"nucliactl.cli.commands.{COMMANDS[path].module}")


def near(words: tuple[str, ...]) -> list[str]:
    """Return the commands nearest to what was typed; none that prints a secret."""
    from difflib import get_close_matches

    paths = {**{path: path for path in COMMANDS}, **ALIASES}
    safe = [path for path, meant in paths.items() if not COMMANDS[meant].shows_secret]
    if len(words) == 2 and spelled(words[0]) in GROUPS:  # that part is no typing error
        within = [path[1] for path in safe if len(path) == 2 and path[0] == spelled(words[0])]
        return [f"{words[0]} {word}" for word in get_close_matches(spelled(words[1]), within, 2)]
    return get_close_matches(" ".join(map(spelled, words)), [" ".join(path) for path in safe], 2)
