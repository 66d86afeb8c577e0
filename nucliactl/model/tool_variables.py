"""The variables that steer nucliactl itself, and are no field of a profile."""

PROJECT_VARIABLE = "NUCLIACTL_PROJECT"
MODES_VARIABLE = "NUCLIACTL_MODES"
RUN_VARIABLE = "NUCLIACTL_RUN"
FZF_VARIABLE = "NUCLIACTL_IGNORE_FZF"
SERVER_URL, SERVER_PASSWORD = "NUCLIA_PROFILES_URL", "NUCLIA_PROFILES_PASSWORD"
SERVER_VARIABLES = (SERVER_URL, SERVER_PASSWORD)
"""What leads to a team's store and opens it; each has a `_FILE` twin."""

TOOL_VARIABLES: tuple[tuple[str, str], ...] = (
    ("NUCLIA_PROFILE", "the profile to use, or several of different kinds: acme-kb,acme-nua"),
    ("NUCLIA_CONFIG_DIR", "absolute path of the store"),
    ("NUCLIA_PROFILES_PATH", "further profile directories, absolute, separated by ':'"),
    (SERVER_URL, "a team's Redis or Vault, for profile pull and push; or `_FILE`, a file that holds it"),
    (SERVER_PASSWORD, "the password or token of that server; or `_FILE`, a file that holds it"),
    ("NUCLIACTL_OUTPUT", "table, wide, json or name: what -o is when it is not given"),
    (
        PROJECT_VARIABLE,
        "0: leave project directories out; trust: follow them whoever owns their files, such as a CI "
        "container's checkout. Of the process only, never of a .env",
    ),
    (
        MODES_VARIABLE,
        "ignore: do not judge file modes, where they mean nothing (a Windows drive, SMB); owners still "
        "are. Of the process only, or modes of /etc/nucliactl/config.toml",
    ),
    (FZF_VARIABLE, "1: pick from the list of nucliactl itself, although fzf is there"),
    (RUN_VARIABLE, "set by run for what it starts: the profile whose credential that got. Read by nothing"),
    ("NO_COLOR", "set to anything: no colours"),
    ("FORCE_COLOR", "set to anything but 0: colours, even where stdout is no terminal"),
    ("CLICOLOR_FORCE", "the same"),
    ("CLICOLOR", "0: no colours unless one of these two is set"),
)

# Read as well: one that goes between processes of ours, and one about file systems (disk/).
INTERNAL_VARIABLES = ("NUCLIACTL_COMMAND_CHAIN", "NUCLIACTL_MODES")
