"""The peers: other programs that keep named credentials. `tests/provision.sh bench` installs them;
one that is not there is said and left out."""

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import peer_stores
from subject import Subject, profile_name

CACHE = Path(__file__).parent.parent / ".cache"
NAME = profile_name(1)


class Peer(NamedTuple):
    """A program: what tells its version, what writes its store, the variables that lead it there (`{}` is the
    folder), its command lines by the name they have in the table, and whether it keeps more than one
    credential."""

    name: str
    version: tuple[str, ...]
    write: Callable[[Path, int], None]
    variables: dict[str, str]
    commands: dict[str, tuple[str, ...]]
    many: bool = True

    def found(self, environ: dict[str, str]) -> str | None:
        """Return the version of what is installed, or None."""
        if shutil.which(self.version[0]) is None:
            return None
        done = subprocess.run(self.version, env=environ, capture_output=True, text=True, check=False)
        match = re.search(r"\d+\.\d+[.\d]*\d", done.stdout)
        return match[0] if match else None

    def subjects(self, folder: Path, size: int) -> list[Subject]:
        """Write a store of so many profiles and return the command lines on it."""
        place = folder / self.name
        place.mkdir(parents=True)
        self.write(place, size)
        variables = {name: value.format(place) for name, value in self.variables.items()}
        return [Subject(name, size, words, variables) for name, words in self.commands.items()]


def _program(environment: str, program: str) -> str:
    return str(CACHE / environment / "bin" / program)


def _package(environment: str, package: str) -> tuple[str, ...]:
    tells = f"from importlib.metadata import version; print(version('{package}'))"
    return (_program(environment, "python"), "-I", "-c", tells)


def _in_python(environment: str, text: str) -> tuple[str, ...]:
    return (_program(environment, "python"), "-I", "-c", text)


AWS_FILES = {"AWS_CONFIG_FILE": "{}/config", "AWS_SHARED_CREDENTIALS_FILE": "{}/credentials"}
AWS = _program("bench/aws", "aws")
# Its constructor also asks the host for metadata, which is no part of finding a credential.
DATABRICKS = f"""
from databricks.sdk.core import Config
Config._resolve_host_metadata = lambda self: None
assert Config(profile="{NAME}").token
"""
PEERS = (
    Peer(
        "docker",
        ("docker", "--version"),
        peer_stores.docker,
        {"DOCKER_CONFIG": "{}"},
        {
            "docker context show": ("docker", "context", "show"),
            "docker context ls": ("docker", "context", "ls"),
        },
    ),
    Peer(
        "kubectl",
        ("kubectl", "version", "--client"),
        peer_stores.kubectl,
        {"KUBECONFIG": "{}/config"},
        {
            "kubectl current-context": ("kubectl", "config", "current-context"),
            "kubectl get-contexts": ("kubectl", "config", "get-contexts"),
        },
    ),
    Peer(
        "gh",
        ("gh", "--version"),
        peer_stores.gh,
        {"GH_CONFIG_DIR": "{}"},
        {"gh auth token": ("gh", "auth", "token")},
    ),
    Peer(
        "hf",
        _package("bench/hf", "huggingface-hub"),
        peer_stores.hf,
        {"HF_HOME": "{}", "HF_HUB_OFFLINE": "1"},
        {
            "hf auth list": (_program("bench/hf", "hf"), "auth", "list"),
            "hf get_token()": _in_python("bench/hf", "import huggingface_hub as h; assert h.get_token()"),
        },
    ),
    Peer(
        "aws",
        _package("bench/aws", "awscli"),
        peer_stores.aws,
        AWS_FILES,
        {
            "aws configure get": (AWS, "configure", "get", "region", "--profile", NAME),
        },
    ),
    Peer(
        "boto3",
        _package("bench/boto3", "boto3"),
        peer_stores.aws,
        AWS_FILES,
        {
            "boto3 get_credentials()": _in_python(
                "bench/boto3", f"import boto3; assert boto3.Session(profile_name='{NAME}').get_credentials()"
            )
        },
    ),
    Peer(
        "databricks-sdk",
        _package("bench/databricks", "databricks-sdk"),
        peer_stores.databricks,
        {"DATABRICKS_CONFIG_FILE": "{}/databrickscfg"},
        {"databricks Config()": _in_python("bench/databricks", DATABRICKS)},
    ),
    Peer(
        "google-auth",
        _package("bench/google", "google-auth"),
        peer_stores.google,
        {"GOOGLE_APPLICATION_CREDENTIALS": "{}/adc.json", "GOOGLE_CLOUD_PROJECT": "p"},
        {
            "google.auth.default()": _in_python(
                "bench/google", "import google.auth; assert google.auth.default()"
            )
        },
        many=False,
    ),
    Peer(
        "nuclia",
        _package("nuclia", "nuclia"),
        peer_stores.nuclia,
        {"HOME": "{}"},
        {"nuclia auth nuas": (_program("nuclia", "nuclia"), "auth", "nuas")},
    ),
)
