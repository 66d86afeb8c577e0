"""Every command line that a message names, as it is typed; a test parses each with the real parser."""

ACCOUNTS = "nucliactl accounts list"
AGENT = "nucliactl auth agent ZONE ACCOUNT AGENT -"
BOX = "nucliactl auth kb URL"
BOX_BY_SLUG = "nucliactl auth kb SLUG"
BOXES = "nucliactl kbs list"
EXPLAIN = "nucliactl explain"
HELP = "nucliactl --help"
IMPORT = "nucliactl profile import --from-nuclia"
LIST = "nucliactl list"
LOG_IN = "nucliactl auth login"
LOG_OUT = "nucliactl auth logout NAME"
LOGINS = "nucliactl auth --help"
NUA = "nucliactl auth nua -"
PATH = "nucliactl profile path NAME"
PERSONAL_TOKEN = "nucliactl auth personal_token -"  # noqa: S105 (a command)
PIN = "nucliactl use NAME --here"
SANDBOX = "nucliactl sandbox"
SET = "nucliactl profile set --help"
TOKEN_AS_DATA = "nucliactl auth token -o json"  # noqa: S105 (a command)
TOKENS = "nucliactl auth list_personal_tokens"
USE = "nucliactl use NAME"


def agent(zone: str, identity: str) -> str:
    return f"nucliactl auth agent {zone} ACCOUNT {identity} -"


def api_keys(box: str) -> str:
    return f"nucliactl auth list_api_keys {box}"


def box(url: str) -> str:
    return f"nucliactl auth kb {url} -"


def copy(old: str, new: str) -> str:
    return f"nucliactl profile copy {old} {new}"


def delete(name: str) -> str:
    return f"nucliactl profile delete {name}"


def delete_api_key(box: str, key: str) -> str:
    return f"nucliactl auth delete_api_key {box} {key}"


def delete_token(token: str) -> str:
    return f"nucliactl auth delete_personal_token {token}"


def list_kind(kind: str) -> str:
    return f"nucliactl list --kind {kind}"


def log_in_as(name: str) -> str:
    return f"nucliactl auth login --name {name}"


def nua_as(name: str) -> str:
    return f"nucliactl auth nua - --name {name}"


def nucliadb(url: str) -> str:
    return f"nucliactl auth nucliadb {url}"


def rotate(client: str) -> str:
    return f"nucliactl auth rotate_nua_key {client} --print"


def status(name: str) -> str:
    return f"nucliactl auth status --profile {name}"


def token(name: str) -> str:
    return f"nucliactl auth token --profile {name}"


def use(name: str) -> str:
    return f"nucliactl use {name}"
