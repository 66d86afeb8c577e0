"""Values are strings, kept byte for byte, from every source to the server's header."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest
import tomlkit
from support import Home, Recorder

from nucliactl.login.draft import Draft
from nucliactl.login.save import save
from nucliactl.model.definition import define
from nucliactl.model.profile import SecretRef, Source
from nucliactl.secret import Secret
from nucliactl.service.check import Identity
from nucliactl.sources.sources import Flags, Sources

STRINGS = [
    "1e5", "true", "@format x", "${HOME}", "#", "a # b", "0x1F", "null", "1979-05-27", "'q'", '"q"', "{a=1}",
    "[1]", "00123", "1_000", "nan", "@int 5", "@none", "%(x)s", "{{x}}", "a=b", "\\n", "x" * 16000,
]  # fmt: skip
UNCARRIABLE = ["@\nbreak", "@\rx", "@\tx", " @", "@ ", "@\u00fc", "@\x7f", "@\n"]


class Case(NamedTuple):
    """One way to hand over a secret: variables, the profile to use (None: the active one), a file for
    --env-file, the working directory."""

    variables: dict[str, str]
    profile: str | None = None
    env_file: str | None = None
    cwd: str | None = None


def from_environment(home: Home, url: str, secret: str, number: int) -> Case:
    return Case({"NUCLIA_KB_URL": url, "NUCLIA_API_KEY": secret})


def from_file(home: Home, url: str, secret: str, number: int) -> Case:
    path = home.path / f"secret{number}"
    path.write_bytes(secret.encode() + b"\n")
    return Case({"NUCLIA_KB_URL": url, "NUCLIA_API_KEY_FILE": str(path)})


def from_toml(home: Home, url: str, secret: str, number: int) -> Case:
    home.define(f"p{number}", tomlkit.dumps({"kind": "kb", "url": url, "api_key": secret}))
    return Case({}, f"p{number}")


def from_toml_reference(home: Home, url: str, secret: str, number: int) -> Case:
    path = home.path / f"secret{number}"
    path.write_bytes(secret.encode())
    home.define(f"p{number}", tomlkit.dumps({"kind": "kb", "url": url, "api_key_file": str(path)}))
    return Case({}, f"p{number}")


def from_toml_variable(home: Home, url: str, secret: str, number: int) -> Case:
    home.define(f"p{number}", tomlkit.dumps({"kind": "kb", "url": url, "api_key_env": "MY_KEY"}))
    return Case({"MY_KEY": secret}, f"p{number}")


def from_toml_command(home: Home, url: str, secret: str, number: int) -> Case:
    path = home.path / f"secret{number}"
    path.write_text(json.dumps({"token": secret}) if secret.startswith("{") else secret)
    home.define(
        f"p{number}", tomlkit.dumps({"kind": "kb", "url": url, "api_key_command": ["cat", str(path)]})
    )
    return Case({}, f"p{number}")


def from_env_file(home: Home, url: str, secret: str, number: int) -> Case:
    path = home.path / f"ci{number}.env"
    quoted = secret.replace("\\", "\\\\").replace("'", "\\'")
    path.write_text(f"NUCLIA_KB_URL={url}\nNUCLIA_API_KEY='{quoted}'\n")
    return Case({}, env_file=str(path))


def from_dotenv(home: Home, url: str, secret: str, number: int) -> Case:
    written = from_env_file(home, url, secret, number)
    folder = home.path / f"project{number}"
    folder.mkdir()
    Path(str(written.env_file)).rename(folder / ".env")
    return Case({}, cwd=str(folder))


def from_the_official_client(home: Home, url: str, secret: str, number: int) -> Case:
    folder = home.path / f"home{number}/.nuclia"
    folder.mkdir(parents=True)
    box = {"id": "abc", "url": url, "token": secret}
    (folder / "config").write_text(json.dumps({"kbs_token": [box], "default": {"kbid": "abc"}}))
    (folder / "config").chmod(0o600)
    return Case({"HOME": str(folder.parent)})


def from_login(home: Home, url: str, secret: str, number: int) -> Case:
    """As the tool stores it; the command line itself takes blanks and quotes off what is pasted."""
    sources = Sources({"NUCLIA_CONFIG_DIR": str(home.store)}, Flags(), None)
    where = SecretRef("inline", "x", Secret(secret))
    drafted = Draft(define("new", "kb", {"url": url}, Source("flag", "x"), where), Secret(secret))
    save(sources, drafted, Identity(), name=f"p{number}")
    return Case({}, f"p{number}")


SOURCES = [
    from_environment, from_file, from_env_file, from_dotenv, from_toml, from_toml_reference, from_toml_variable,
    from_toml_command, from_login, from_the_official_client,
]  # fmt: skip
SEND = """
import json, os, sys, nucliactl
for variables, profile, env_file, cwd in json.load(sys.stdin):
    os.environ.update(variables)
    if cwd: os.chdir(cwd)
    try:
        with nucliactl.resolve(profile, env_file=env_file).client() as http: http.get("x")
    except nucliactl.Malformed as error:
        print(error.exit_code, error)
"""


@pytest.mark.parametrize("source", SOURCES, ids=lambda f: f.__name__)
def test_a_secret_reaches_the_servers_header_byte_for_byte(home: Home, recorder: Recorder, source) -> None:
    url = f"{recorder.origin}/api/v1/kb/abc"
    cases = [source(home, url, secret, number) for number, secret in enumerate(STRINGS)]
    for secret, case in zip(STRINGS, cases, strict=True):
        words = ("--profile", case.profile) if case.profile else ()
        words = ("--env-file", case.env_file) if case.env_file else words
        home.work = Path(case.cwd) if case.cwd else home.work
        assert home.run(*words, "auth", "token", **case.variables).out == secret + "\n"
    result = home.python(SEND, stdin=json.dumps(cases))
    assert (result.code, result.out) == (0, ""), result.err
    sent = [request.headers["x-nuclia-serviceaccount"] for request in recorder.requests]
    assert sent == [f"Bearer {secret}" for secret in STRINGS]


@pytest.mark.parametrize("source", [from_environment, from_toml, from_login], ids=lambda f: f.__name__)
def test_what_a_header_cannot_carry_is_refused_in_words_without_the_value(
    home: Home, recorder: Recorder, source
) -> None:
    url = f"{recorder.origin}/api/v1/kb/abc"
    cases = [source(home, url, text.replace("@", "canary-0451"), n) for n, text in enumerate(UNCARRIABLE)]
    result = home.python(SEND, stdin=json.dumps(cases))
    assert result.code == 0 and "canary" not in result.out + result.err
    lines = result.out.splitlines()
    assert len(lines) == len(UNCARRIABLE)
    assert all(line.startswith("2 ") and "HTTP header cannot carry" in line for line in lines)
    assert recorder.requests == []


@pytest.mark.parametrize("text", ["1e5", "true", "@format x", "{a=1}", "'q'", "0x1F"])
def test_other_values_stay_strings_through_the_layers(home: Home, text: str) -> None:
    url = "https://europe-1.dp.progress.cloud/api/v1/kb/x"
    home.define(
        "p", tomlkit.dumps({"kind": "kb", "url": url, "description": text, "account": text, "public": True})
    )
    values = {
        v["key"]: v["value"] for v in home.run("explain", "--profile", "p", "-o", "json").json["values"]
    }
    assert values["description"] == text and values["account"] == text
    shown = home.python(
        "import nucliactl,json; p=nucliactl.resolve('p'); print(json.dumps([p.account, p.description]))"
    )
    assert json.loads(shown.out) == [text, text]


def test_one_trailing_newline_of_a_mounted_secret_is_dropped_and_no_more(home: Home, tmp_path: Path) -> None:
    path = tmp_path / "s"
    url = "https://europe-1.dp.progress.cloud/api/v1/kb/x"
    for written, read in ((b"k\n", "k"), (b"k\r\n", "k"), (b"k", "k")):
        path.write_bytes(written)
        assert home.run("auth", "token", NUCLIA_KB_URL=url, NUCLIA_API_KEY_FILE=str(path)).out == read + "\n"
    path.write_bytes(b"k\n\n")  # the second one is the secret's own, and no header carries it
    result = home.run("auth", "token", NUCLIA_KB_URL=url, NUCLIA_API_KEY_FILE=str(path))
    assert (result.code, result.out) == (2, "") and "line break" in result.err
