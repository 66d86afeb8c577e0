"""Values are strings, kept byte for byte, from every source to the server's header."""

import json
from pathlib import Path

import pytest
import tomlkit
from support import Home, Recorder

STRINGS = [
    "1e5", "true", "@format x", "${HOME}", "#", "a # b", "0x1F", "null", "1979-05-27", "'q'", '"q"', "{a=1}",
    "[1]", "00123", "1_000", "nan", "@int 5", "@none", "%(x)s", "{{x}}", "a=b", "\\n", "x" * 16000,
]  # fmt: skip
UNCARRIABLE = ["line\nbreak", "cr\rx", "tab\tx", " edge", "edge ", "ünïcode", "\x7f"]


def kb_on(recorder: Recorder) -> str:
    return f"{recorder.origin}/api/v1/kb/abc"


def from_environment(home: Home, url: str, secret: str) -> None:
    home.environ.update(NUCLIA_KB_URL=url, NUCLIA_API_KEY=secret)


def from_file(home: Home, url: str, secret: str) -> None:
    path = home.path / "secret"
    path.write_bytes(secret.encode() + b"\n")
    home.environ.update(NUCLIA_KB_URL=url, NUCLIA_API_KEY_FILE=str(path))


def from_toml(home: Home, url: str, secret: str) -> None:
    home.define("p", tomlkit.dumps({"kind": "kb", "url": url, "api_key": secret}))
    home.run("use", "p")


def from_toml_reference(home: Home, url: str, secret: str) -> None:
    (home.path / "secret").write_bytes(secret.encode())
    home.define("p", tomlkit.dumps({"kind": "kb", "url": url, "api_key_file": str(home.path / "secret")}))
    home.run("use", "p")


def from_toml_variable(home: Home, url: str, secret: str) -> None:
    home.define("p", tomlkit.dumps({"kind": "kb", "url": url, "api_key_env": "MY_KEY"}))
    home.environ["MY_KEY"] = secret
    home.run("use", "p")


def from_login(home: Home, url: str, secret: str) -> None:
    program = (
        "import sys, time, os\n"
        "from nucliactl.login import draft, save\n"
        "from nucliactl.secret import Secret\n"
        "from nucliactl.service.check import Found\n"
        "from nucliactl.sources.world import world\n"
        "w = world(os.environ)\n"
        "save.save(w.store, w.directories, draft.kb(sys.argv[1], Secret(sys.stdin.read())), Found())\n"
    )
    import sys

    assert home.program(sys.executable, "-c", program, url, stdin=secret).code == 0


SOURCES = [from_environment, from_file, from_toml, from_toml_reference, from_toml_variable, from_login]
SEND = "import nucliactl\nwith nucliactl.client() as http: http.get('x')"


@pytest.mark.parametrize("source", SOURCES, ids=lambda f: f.__name__)
def test_a_secret_reaches_the_servers_header_byte_for_byte(home: Home, recorder: Recorder, source) -> None:
    for secret in STRINGS:
        source(home, kb_on(recorder), secret)
        assert home.run("auth", "token").out == secret + "\n"
        recorder.requests.clear()
        result = home.python(SEND)
        assert result.code == 0, result.err
        assert recorder.requests[0].headers["x-nuclia-serviceaccount"] == f"Bearer {secret}"


@pytest.mark.parametrize("source", [from_environment, from_toml], ids=lambda f: f.__name__)
def test_what_a_header_cannot_carry_is_refused_in_words_without_the_value(
    home: Home, recorder: Recorder, source
) -> None:
    for secret in UNCARRIABLE:
        source(home, kb_on(recorder), f"{secret}-canary-0451")
        result = home.python(SEND) if secret != "edge " else None
        if result is not None and not secret.endswith(" "):
            assert result.code == 1 and "HTTP header cannot carry" in result.err, (secret, result.err)
            assert "canary" not in result.err
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
    for written, read in ((b"k\n", "k"), (b"k\r\n", "k"), (b"k", "k"), (b"k\n\n", "k\n")):
        path.write_bytes(written)
        assert home.run("auth", "token", NUCLIA_KB_URL=url, NUCLIA_API_KEY_FILE=str(path)).out == read + "\n"
