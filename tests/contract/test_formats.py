"""Nine formats of variables, each read by what really reads it: every secret arrives byte for byte, or the
format refuses it. PowerShell and cmd are read by their documented rules (neither runs here)."""

import json
import os
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from support import Home, Recorder, Request, Result, missing

from nucliactl.errors import Malformed
from nucliactl.programs.formats import FORMATS, in_dotenv, masks, secret_name, written
from nucliactl.programs.variables import Variable, cleared
from nucliactl.secret import Secret

pytestmark = pytest.mark.once

NASTY = [
    "plain", "a b", " leading", "trailing ", "\ttab\t", "it's", "''", "'", '"', '""', 'say "hi"', "'\"'\"'",
    "$HOME", "${HOME}", "$(id)", "`id`", "$", "\\", "\\\\", "a\\", "\\n", "\\'", "a b\\", "C:\\new\\table", "'\\",
    "%PATH%", "100%", "%0A", "a%25b", "%%", "!x!", "wow!", "-n", "--help", "-", "#", "a # b", "a#b", "a=b", "=", "&|<>^()", ";ls",
    "*?[a]", "~", "{a,b}", "\u00fc\u4e2d\U0001f600", "\u2019", "\u00a0", "line\nbreak", "end\n", "\nbegin",
    "cr\rhere", "crlf\r\n", "x" * 8192, "\u2028", "end_0", "::add-mask::x", "export A=1", "@file", "0x1F", "1e5",
    "true", "null", "{{x}}", "a:b, c", "\x1b[31m", "\x7f", "\x0b\x0c",
]  # fmt: skip
BYTES = os.fsdecode(b"not \xff utf-8")
NAME = "NUCLIA_API_KEY"


def in_format(form: str, secret: str) -> str | None:
    """What a format makes of a secret, None where it refuses it."""
    variables = (Variable("NUCLIA_KIND", Secret("kb")), Variable(NAME, Secret(secret), True))
    try:
        return written(form, (*variables, Variable("NUCLIA_KBID", Secret("id"))), "handbook")
    except Malformed as error:
        assert NAME in error.message and error.exit_code == 2 and error.hint
        assert len(secret) < 4 or secret not in error.message
        return None


def shell(*words: str) -> Callable[[str, Path], Mapping[str, str]]:
    """Evaluate a text as the documentation says, and have a program print what it inherits."""
    if shutil.which(words[0]) is None:
        return lambda *_: missing(f"{words[0]} is not installed")

    def read(text: str, folder: Path) -> Mapping[str, str]:
        file = folder / "text"
        file.write_bytes(os.fsencode(text))
        environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "TEXT": str(file), "NUA_KEY": "old"}
        finished = subprocess.run(words, env=environ, capture_output=True, check=True, cwd=folder)
        assert finished.stderr == b""
        pairs = [os.fsdecode(part).partition("=") for part in finished.stdout.split(b"\0")]
        return {name: value for name, _, value in pairs}

    return read


def dotenv(text: str, folder: Path) -> Mapping[str, str]:
    from dotenv import dotenv_values

    (folder / ".env").write_text(text, newline="")
    return {name: value or "" for name, value in dotenv_values(folder / ".env").items()}


def docker(text: str, _: Path) -> Mapping[str, str]:
    """docker's documented rules for --env-file: a line each, # begins a comment, the value is as it is."""
    found = {}
    for raw in text.encode().split(b"\n"):
        line = raw.removesuffix(b"\r").decode().lstrip()
        if line and not line.startswith("#"):
            name, _, value = line.partition("=")
            assert not re.search(r"\s", name)
            found[name] = value
    return found


def github(text: str, _: Path) -> Mapping[str, str]:
    """The runner's documented rules for GITHUB_ENV: NAME=value, or NAME<<END, lines, END."""
    found: dict[str, str] = {}
    lines = iter(text.split("\n"))
    for line in lines:
        if not line:
            continue
        name, mark, end = line.partition("<<")
        assert mark and "=" not in name
        held: list[str] = []
        for inner in lines:
            if inner == end:
                break
            held.append(inner)
        else:
            raise AssertionError("a block without its end")
        found[name] = "\n".join(held)
    return found


def powershell(text: str, _: Path) -> Mapping[str, str]:
    """PowerShell's documented rules: in single quotes everything is as it is, and two quotes are one;
    the typographic ones count as quotes."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        if unset := re.fullmatch(r"Remove-Item Env:(\w+) -ErrorAction SilentlyContinue", line):
            assert unset[1] not in found
            continue
        quotes = "'\u2018\u2019\u201a\u201b"
        given = re.fullmatch(rf"\$Env:(\w+) = '((?:[^{quotes}]|[{quotes}]{{2}})*)'", line)
        assert given, line
        found[given[1]] = re.sub(rf"[{quotes}]([{quotes}])", r"\1", given[2])
    return found


def cmd(text: str, _: Path) -> Mapping[str, str]:
    """cmd's documented rules for a line of a batch file, and for the line of a FOR loop (where no % is
    expanded), with and without delayed expansion: all must agree."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        assert len(line) <= 8191 and line.isascii()
        body = re.fullmatch(r'set "(\w+)=(.*)"', line)
        assert body, line
        for mark in "%!":  # each is expanded somewhere
            assert mark not in line
        assert '"' not in body[2]  # in quotes & | < > ^ ( ) are as they are
        if body[2]:
            found[body[1]] = body[2]
        else:
            assert body[1] not in found
    return found


READERS: dict[str, list[tuple[str, Callable[[str, Path], Mapping[str, str]]]]] = {
    "posix": [
        (name, shell(name, *flags, "-c", 'set -eu; eval "$(cat "$TEXT"; echo :)"; exec env -0'))
        for name, *flags in (["bash"], ["dash"], ["sh"], ["zsh", "-f"], ["bash", "--posix"])
    ],
    "fish": [("fish", shell("fish", "--no-config", "-c", "cat $TEXT | source; env -0"))],
    "powershell": [("its rules", powershell)],
    "cmd": [("its rules", cmd)],
    "dotenv": [("python-dotenv", dotenv)],
    "json": [("json", lambda text, _: json.loads(text))],
    "github": [("the runner's rules", github)],
    "docker": [("docker's rules", docker)],
}
CASES = [(form, who, reader) for form, readers in READERS.items() for who, reader in readers]


@pytest.mark.parametrize(
    ("form", "reader"), [(f, r) for f, _, r in CASES], ids=[f"{f}-{w}" for f, w, _ in CASES]
)
def test_a_secret_arrives_byte_for_byte_or_is_refused(tmp_path: Path, form: str, reader) -> None:
    carried = 0
    for secret in (*NASTY, BYTES):
        text = in_format(form, secret)
        if text is None:
            continue
        carried += 1
        found = reader(text, tmp_path)
        assert found[NAME] == secret, (secret[:40], text[-200:])
        assert found["NUCLIA_KIND"] == "kb" and found["NUCLIA_KBID"] == "id"
        assert "NUA_KEY" not in found
    assert carried >= {"cmd": 30, "powershell": 40}.get(form, len(NASTY) - 6)


@pytest.mark.parametrize("secret", NASTY)
def test_what_a_format_can_carry_it_carries(secret: str) -> None:
    broken = "\n" in secret or "\r" in secret
    assert None not in [in_format(form, secret) for form in ("posix", "fish", "json", "k8s")]
    assert (in_format("docker", secret) is None) == broken
    assert (in_format("github", secret) is None) == ("\r" in secret)
    assert (in_format("dotenv", secret) is None) == ("${" in secret)
    windows = secret.isascii() and secret.isprintable()
    assert (in_format("powershell", secret) is not None) == windows
    fits = windows and not {*'"%!'} & {*secret} and len(secret) < 8000
    assert (in_format("cmd", secret) is not None) == fits


def test_bytes_that_are_no_text_go_where_bytes_go() -> None:
    assert {form for form in FORMATS if in_format(form, BYTES)} == {"posix", "fish", "k8s"}


def test_a_secret_of_kubernetes_is_what_kubectl_reads(tmp_path: Path, recorder: Recorder) -> None:
    if shutil.which("kubectl") is None:
        missing("kubectl is not installed")
    recorder.answer = cluster
    texts = [
        (in_format("k8s", secret) or "").replace("nuclia-handbook", f"nuclia-{number}")
        for number, secret in enumerate((*NASTY, BYTES))
    ]
    items = kubectl("---\n".join(texts), recorder.origin, tmp_path)["items"]
    assert [os.fsdecode(b64decode(item["data"][NAME])) for item in items] == [*NASTY, BYTES]
    assert {(item["kind"], item["type"]) for item in items} == {("Secret", "Opaque")}


def kubectl(text: str, server: str, folder: Path) -> dict:
    words = [
        "kubectl",
        "--server",
        server,
        "apply",
        "--dry-run=client",
        "--validate=false",
        "-o",
        "json",
        "-f",
        "-",
    ]
    environ = {"PATH": os.environ["PATH"], "HOME": str(folder), "KUBECONFIG": str(folder / "none")}
    finished = subprocess.run(words, input=text.encode(), env=environ, capture_output=True, check=False)
    assert finished.returncode == 0, finished.stderr[-2000:]
    return json.loads(finished.stdout)


def cluster(request: Request) -> tuple[int, dict[str, str], bytes]:
    """As much of a cluster as kubectl asks before it prints what it would send."""
    secrets = {
        "name": "secrets",
        "singularName": "secret",
        "namespaced": True,
        "kind": "Secret",
        "verbs": ["get"],
    }
    answers = {
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": []},
        "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [secrets]},
    }
    found = answers.get(request.path.partition("?")[0])
    status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404}
    return (200 if found else 404), {"Content-Type": "application/json"}, json.dumps(found or status).encode()


@pytest.mark.parametrize(
    "name", ["handbook", "a_b", "a.b", "a..b", "a-.b", "nuclia:kb", "x_", "0", "env", "a._-b"]
)
def test_the_name_of_a_secret_is_one_that_kubernetes_takes(name: str) -> None:
    label = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
    assert re.fullmatch(rf"{label}(?:\.{label})*", secret_name(name)), secret_name(name)


@pytest.mark.parametrize("secret", [s for s in NASTY if s])
def test_the_runner_hides_what_is_a_secret(secret: str) -> None:
    """A workflow command's value is decoded: %25 %0D %0A; a value of several lines is hidden line by line."""
    text = masks((Variable("A", Secret(secret), True), Variable("B", Secret(secret), True)))
    lines = text.split("\n")
    assert len(lines) == 2 and lines[0].startswith("::add-mask::") and lines[1] == ""
    value = lines[0].removeprefix("::add-mask::")
    assert value.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%") == secret


def test_no_mask_of_what_is_empty_or_no_secret() -> None:
    assert masks((Variable("A", Secret(""), True), Variable("B", Secret("open"), False))) == ""


@pytest.mark.parametrize("value", ["a b", "$x", "back\\slash", "it's", "a\\", "C:\\new\\table", 'say "hi"'])
def test_a_dotenv_is_read_alike_by_node(tmp_path: Path, value: str) -> None:
    """Node reads --env-file with rules of its own: a quote begins a value that ends at the next one, and
    only \\n is decoded, in double quotes."""
    node = shutil.which("node")
    if node is None:
        missing("node is not installed")
    (tmp_path / ".env").write_text(f"A={in_dotenv(value)}\n")
    words = [node, f"--env-file={tmp_path / '.env'}", "-p", "JSON.stringify(process.env.A)"]
    finished = subprocess.run(words, capture_output=True, text=True, check=False)
    if "bad option" in finished.stderr:
        missing("this node has no --env-file")
    assert json.loads(finished.stdout) == value


def run_env(home: Home, *words: str, **variables: str) -> Result:
    given = {"NUCLIA_KB_URL": "http://localhost:1/api/v1/kb/57c19b48-0000-4000-8000-000000000000"}
    return home.run("env", *words, **given, **variables)


@pytest.mark.parametrize("form", FORMATS)
def test_the_installed_command_carries_bytes_in_any_locale(home: Home, form: str) -> None:
    secret = "k\u00fc-$'\\ x"
    carried = {"posix", "fish", "docker", "json", "github", "dotenv", "k8s"}
    for locale in ({"LC_ALL": "C.UTF-8"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}):
        found = run_env(home, "--format", form, NUCLIA_API_KEY=secret, **locale)
        assert found.code == (0 if form in carried else 2), found.err
        if form == "docker":
            assert f"NUCLIA_API_KEY={secret}\n" in found.out
        if form == "json":
            assert found.json["NUCLIA_API_KEY"] == secret


def test_nothing_is_printed_where_a_format_refuses(home: Home) -> None:
    found = run_env(home, "--format", "docker", NUCLIA_API_KEY="a\nb")
    assert (found.code, found.out) == (2, "")
    assert "NUCLIA_API_KEY" in found.err and "line break" in found.err and "a\nb" not in found.err


def test_what_a_dotenv_holds_our_own_command_reads(home: Home, tmp_path: Path) -> None:
    for secret in NASTY:
        text = in_format("dotenv", secret)
        if text is None:
            continue
        from nucliactl.sources.dotenv import parse_dotenv

        found = parse_dotenv(text.encode(), "x.env")
        assert found.flaw is None and found.variables[NAME] == secret, secret


def test_every_shell_that_unsets_names_all_that_is_cleared() -> None:
    for form in ("posix", "fish", "powershell", "cmd"):
        text = in_format(form, "key") or ""
        first = (
            text.index(NAME + "=" if form != "powershell" else f"$Env:{NAME}")
            if form != "fish"
            else text.index("\nset -gx")
        )
        for name in set(cleared()) - {"NUCLIA_KIND", NAME, "NUCLIA_KBID"}:
            assert 0 <= text.index(name) < first, (form, name)
