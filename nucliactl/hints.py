"""Every command line that a message names, as it is typed; a test parses each with the real parser.

`{}` is filled in by whoever names it: `hints.COPY.format(old, new)`.
"""

from nucliactl import text

ACCOUNTS = "nucliactl accounts list"
ACCOUNT_DEFAULT = "nucliactl accounts default ACCOUNT --profile {}"
AGENT = "nucliactl auth agent ZONE ACCOUNT AGENT -"
AGENT_OF = "nucliactl auth agent {} ACCOUNT {} -"
API = "nucliactl api METHOD PATH"
API_KEY = "nucliactl auth create_api_key {} --save-as {} --profile {}"
API_KEYS = "nucliactl auth list_api_keys {}"
BOX = "nucliactl auth kb URL"
BOXES = "nucliactl kbs list"
BOX_BY_SLUG = "nucliactl auth kb SLUG"
COMPLETION = "nucliactl completion bash"
CHECK_SECRETS = "nucliactl check-secrets -"
COPY = "nucliactl profile copy {} {}"
DELETE = "nucliactl profile delete {}"
DELETE_API_KEY = "nucliactl auth delete_api_key {} {}"
DELETE_TOKEN = "nucliactl auth delete_personal_token {}"  # noqa: S105 (a command)
DOCTOR_WHOLE = "nucliactl doctor -v"
EDIT = "nucliactl profile edit {}"
EXPLAIN = "nucliactl explain"
FIX = "nucliactl doctor --fix"
HELP = "nucliactl --help"
HELPER = "nucliactl auth helper get"
EXPORT = "nucliactl profile export {}"
EXPORT_SECRETS = "nucliactl profile export {} --with-secrets"
EXPORT_TO_NUCLIA = "nucliactl profile export --to-nuclia"
EXPORT_TO_NUCLIA_AS = "nucliactl profile export --to-nuclia {}"
IMPORT = "nucliactl profile import --from-nuclia"
IMPORT_FILE = "nucliactl profile import FILE"
LIST = "nucliactl list"
LOGINS = "nucliactl auth --help"
LOG_IN = "nucliactl auth login"
LOG_IN_LONGER = "nucliactl auth login --timeout 600"
LOG_IN_AS = "nucliactl auth login --name {}"
LOG_OUT = "nucliactl auth logout NAME"
LOG_OUT_OF = "nucliactl auth logout {}"
NEW_TOKEN = "nucliactl auth create_personal_token DESCRIPTION"  # noqa: S105 (a command)
NUA = "nucliactl auth nua -"
NUA_AS = "nucliactl auth nua - --name {}"
NUCLIADB = "nucliactl auth nucliadb {}"
PATH = "nucliactl profile path NAME"
PERSONAL_TOKEN = "nucliactl auth personal_token -"  # noqa: S105 (a command)
PIN = "nucliactl use NAME --here"
PROMPT = "nucliactl prompt"
PULL = "nucliactl profile pull NAME --from URL"
PULL_COMMAND = "nucliactl profile pull"
PULL_AS = "nucliactl profile pull {}"
PULL_HELP = "nucliactl profile pull --help"
PUSH = "nucliactl profile push {} --to URL"
RENAME = "nucliactl profile rename NAME NEW_NAME"
GIVE_WAY = "nucliactl profile rename {} NEW_NAME"
ROTATE = "nucliactl auth rotate_nua_key {} --print"
RUN = "nucliactl run -- CMD"
RUN_FROM = "nucliactl run --from URL --profile NAME -- CMD"
RUN_AS = "nucliactl run --profile {} -- CMD"
RUN_SHELL = "nucliactl run -- sh -c 'COMMAND'"
SANDBOX = "nucliactl sandbox"
SET = "nucliactl profile set --help"
SET_KEY = "nucliactl profile set {} {}={}"
SET_ACCOUNT = "nucliactl profile set {} account=ID"
STATUS = "nucliactl auth status --profile {}"
TOKEN = "nucliactl auth token --profile {}"  # noqa: S105 (a command)
TOKEN_OF = "nucliactl auth create_personal_token DESCRIPTION --login --profile {}"  # noqa: S105 (a command)
TOKENS = "nucliactl auth list_personal_tokens"
TOKEN_AS_DATA = "nucliactl auth token {} -o json"  # noqa: S105 (a command)
UNSET = "nucliactl profile unset --help"
USER_TOKEN = "nucliactl auth set_user_token -"  # noqa: S105 (a command)
USE = "nucliactl use NAME"
USE_PREVIOUS = "nucliactl use -"
USE_ACCOUNT = "nucliactl use --account SLUG"
ZONE_DEFAULT = "nucliactl zones default ZONE --profile {}"


def box(url: str) -> str:
    return f"nucliactl auth kb {url} -"


def completion(shell: str) -> str:
    return f"nucliactl completion {shell}"


def install_completion(shell: str) -> str:
    return f"nucliactl completion install {shell}"


def uninstall_completion(shell: str) -> str:
    return f"nucliactl completion install {shell} --uninstall"


def login_from(kind: str) -> str:
    """Return the command that logs in with the secret that a file holds."""
    reads = {
        "kb": box("URL"),
        "nua": NUA,
        "agent": AGENT,
        "user": USER_TOKEN,
        "personal-token": PERSONAL_TOKEN,
    }
    return f"{reads[kind]} < FILE"


def list_kind(kind: str) -> str:
    return f"nucliactl list --kind {kind}"


def prompt(shell: str) -> str:
    return f"nucliactl prompt --shell {shell}"


def use(name: str) -> str:
    return f"nucliactl use {name}"


def use_account(account: str) -> str:
    return f"nucliactl use --account {text.quoted(account)}"
