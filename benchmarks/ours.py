"""Our own subjects: stores of profiles whose keys are kept as a login keeps them, and the command
lines and programs that are measured on them."""

import os
import sys
from pathlib import Path

from subject import Subject, profile_name

from nucliactl.model.jwt import expiry
from nucliactl.model.words import KindName
from nucliactl.sandbox.keys import api_key
from nucliactl.secret import Secret
from nucliactl.store.active import Active, active_bytes
from nucliactl.store.credentials import Credential, credential_bytes
from nucliactl.store.layout import Store

BIN = Path(sys.executable).parent
COMMAND = (sys.executable, str(BIN / "nucliactl"))
PYTHON = (sys.executable, "-I", "-c")
BARE = Subject("bare interpreter", None, (*PYTHON, "pass"), {})
ORIGIN = "https://europe-1.dp.progress.cloud"

COMMANDS = {
    "current": ["current"],
    "prompt": ["prompt"],
    "use NAME": ["use", profile_name(2)],
    "auth token": ["auth", "token"],
    "version": ["version"],
    "help": ["help"],
    "list -o name": ["list", "-o", "name"],
    "list -o json": ["list", "-o", "json"],
    "list": ["list"],
    "explain": ["explain", "-o", "json"],
}
PROGRAMS = {
    "resolve()": "import nucliactl; nucliactl.resolve()",
    "client()": "import nucliactl; nucliactl.client().close()",
}
FLOORS = {
    "argparse alone": "import argparse",
    "argparse and json": "import argparse, json",
    "tabulate alone": "import tabulate",
    "httpx alone": "import httpx",
    "httpx.Client() alone": "import httpx; httpx.Client().close()",
    "dynaconf alone": "import dynaconf",
}
"""What libraries cost by themselves: no command that needs one can be faster."""
COMPLETION = "completion of a name"


def make_store(folder: Path, size: int, origin: str = ORIGIN, kind: KindName = "kb") -> Path:
    """Write a store of so many profiles of a kind, the second of them current, and return it."""
    store = folder / "nucliactl"
    for place in ("profiles", "credentials"):
        (store / place).mkdir(parents=True)
    for number in range(size):
        name, identity = profile_name(number), f"{number:08x}-0000-4000-8000-{number:012x}"
        endpoint = f'url = "{origin}/api/v1/kb/{identity}"' if kind == "kb" else f'issuer = "{origin}"'
        definition = f'kind = "{kind}"\n{endpoint}\ntitle = "Box {number}"\naccount = "{identity}"\n'
        _write(store / "profiles" / f"{name}.toml", definition)
        secret = Secret(api_key(origin, identity, kid="sa" if kind == "kb" else None))
        credential = Credential(kind, (origin,), secret, expiry(secret.reveal()))
        _write(store / "credentials" / f"{name}.json", credential_bytes(credential).decode())
    name = profile_name(1)
    _write(store / "active.json", active_bytes(Store(str(store)), Active(name, last={kind: name})).decode())
    return store


def _write(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o600)


def subjects(store: Path, size: int) -> list[Subject]:
    """Return every command and program of ours on a store."""
    active = store / "active.json"
    variables = {"NUCLIA_CONFIG_DIR": str(store)}
    restored = (active, active.read_bytes())
    commands = [
        Subject(name, size, (*COMMAND, *words), variables, restored if name == "use NAME" else None)
        for name, words in COMMANDS.items()
    ]
    programs = [Subject(name, size, (*PYTHON, text), variables) for name, text in PROGRAMS.items()]
    return [*commands, _completion(variables, size), *programs]


def floors(size: int) -> list[Subject]:
    """Return the programs that load one library; they find no profile, and stand beside a store of `size`."""
    return [Subject(name, size, (*PYTHON, text), {}) for name, text in FLOORS.items()]


def _completion(variables: dict[str, str], size: int) -> Subject:
    line = f"nucliactl use {profile_name(1)[:-1]}"
    asked = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_SHELL": "bash",
        "_ARGCOMPLETE_STDOUT_FILENAME": os.devnull,
        "COMP_LINE": line,
        "COMP_POINT": str(len(line)),
    }
    return Subject(COMPLETION, size, COMMAND, {**variables, **asked})
