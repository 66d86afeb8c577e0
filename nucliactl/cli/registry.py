"""The commands and their other spellings. Data only: no command is imported to list them."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any, NamedTuple


class Entry(NamedTuple):
    """A command's module and summary. `bare`: no setting of a store decides
    how it prints, so that a bad store cannot stop it."""

    module: str
    summary: str
    bare: bool = False


COMMANDS: dict[tuple[str, ...], Entry] = {
    ("auth", "login"): Entry("auth_login", "sign in with a browser"),
    ("auth", "kb"): Entry("auth_kb", "log in to a Knowledge Box"),
    ("auth", "nua"): Entry("auth_nua", "log in with a NUA key"),
    ("auth", "nucliadb"): Entry("auth_nucliadb", "use a local NucliaDB"),
    ("auth", "set_user_token"): Entry("auth_set_token", "log in with a user token"),
    ("auth", "personal_token"): Entry("auth_set_token", "log in with a personal access token"),
    ("auth", "create_personal_token"): Entry("auth_create_personal_token", "make a personal access token"),
    ("auth", "list_personal_tokens"): Entry("auth_list_personal_tokens", "list your personal access tokens"),
    ("auth", "delete_personal_token"): Entry("auth_delete_personal_token", "delete a personal access token"),
    ("auth", "create_ephemeral_token"): Entry("auth_short_lived", "make a short-lived token"),
    ("auth", "agent"): Entry("auth_agent", "log in to a retrieval agent"),
    ("auth", "create_api_key"): Entry("auth_api_keys", "make an API key for a Knowledge Box"),
    ("auth", "list_api_keys"): Entry("auth_api_keys", "list the API keys of a Knowledge Box"),
    ("auth", "delete_api_key"): Entry("auth_api_keys", "delete an API key of a Knowledge Box"),
    ("auth", "rotate_nua_key"): Entry("auth_rotate_nua_key", "give a NUA profile a new key"),
    ("auth", "create_temporal_key"): Entry("auth_short_lived", "make a key that lives for seconds"),
    ("auth", "show"): Entry("auth_show", "show what is configured and what the service says about it"),
    ("auth", "nuas"): Entry("auth_nuas", "list the NUA keys"),
    ("auth", "default_nua"): Entry("auth_default", "switch to a NUA key by its client id"),
    ("auth", "default_agent"): Entry("auth_default", "switch to an agent by its id"),
    ("auth", "default_kb"): Entry("auth_default", "switch to a Knowledge Box by its id"),
    ("auth", "status"): Entry("auth_status", "ask the service whether a credential works"),
    ("auth", "token"): Entry("auth_token", "print the secret of the active profile"),
    ("auth", "logout"): Entry("auth_logout", "forget a stored secret, keep the profile"),
    ("accounts", "list"): Entry("inventory_list", "list your accounts"),
    ("accounts", "default"): Entry("inventory_default", "set the signed-in profile's default account"),
    ("zones", "list"): Entry("inventory_list", "list the zones"),
    ("zones", "default"): Entry("inventory_default", "set the signed-in profile's default zone"),
    ("kbs", "list"): Entry("inventory_list", "list the Knowledge Boxes you have access to"),
    ("agents", "list"): Entry("inventory_list", "list the retrieval agents you have access to"),
    ("list",): Entry("list", "list the profiles"),
    ("current",): Entry("current", "print the active profile"),
    ("use",): Entry("use", "switch to another profile"),
    ("explain",): Entry("explain", "show why a profile is active, and where each value is from"),
    ("profile", "show"): Entry("profile_show", "show one profile and what it opens"),
    ("profile", "set"): Entry("profile_set", "set keys of a profile's definition"),
    ("profile", "unset"): Entry("profile_unset", "take keys out of a profile's definition"),
    ("profile", "rename"): Entry("profile_rename", "give a profile another name"),
    ("profile", "copy"): Entry("profile_copy", "copy a profile"),
    ("profile", "delete"): Entry("profile_delete", "delete a profile and its secret"),
    ("profile", "edit"): Entry("profile_edit", "edit a definition in your editor"),
    ("profile", "path"): Entry("profile_path", "print where a definition is"),
    ("profile", "import"): Entry("profile_import", "make profiles of the official client's"),
    ("completion",): Entry("completion", "set completion up for bash, zsh or fish", bare=True),
    ("prompt",): Entry("prompt", "print the active profile for a shell prompt", bare=True),
    ("sandbox",): Entry("sandbox", "run an offline stand-in of the service", bare=True),
    ("version",): Entry("version", "print the version", bare=True),
}

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
    ("rename",): ("profile", "rename"),
    ("switch",): ("use",),
    ("ls",): ("list",),
}

GROUPS = {path[0] for path in (*COMMANDS, *ALIASES) if len(path) == 2}


def spelled(word: str) -> str:
    """Bring one word of a command into the table's spelling (`set-user-token` is accepted)."""
    return word.replace("-", "_")


def lookup(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the command that one or two words name, through the alias table; None if none."""
    path = tuple(spelled(word) for word in words)
    path = ALIASES.get(path, path)
    return path if path in COMMANDS else None


def named_by(words: Sequence[str]) -> tuple[str, ...]:
    """Return the first one or two words, those that name a command; () where they name none."""
    return next((tuple(words[:size]) for size in (2, 1) if lookup(tuple(words[:size]))), ())


def module_of(path: tuple[str, ...]) -> Any:
    """Import the module of a command."""
    return import_module(f"nucliactl.cli.commands.{COMMANDS[path].module}")


def near(words: tuple[str, ...]) -> list[str]:
    """Return the commands nearest to what was typed."""
    from difflib import get_close_matches

    known = {" ".join(path): None for path in (*COMMANDS, *ALIASES)}
    return get_close_matches(" ".join(spelled(word) for word in words), known, 2)
