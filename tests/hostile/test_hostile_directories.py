"""Directories somebody else prepared: nothing runs, nothing is sent, nothing changes but what 5.1 allows."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from support import Home, Recorder

pytestmark = pytest.mark.once
KB = "https://z.dp.progress.cloud/api/v1/kb/{0}"
RUNS = "open(r'{pwned}', 'w').write('ran')\n"
Make = Callable[[Path, str, str], None]


def env(text: str) -> Make:
    """A directory with that `.env`; {sink} is a server of the attacker's."""
    return lambda folder, sink, pwned: _write(folder / ".env", text.replace("{sink}", sink))


def pin(text: str) -> Make:
    return lambda folder, sink, pwned: _write(folder / ".nuclia-profile", text)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def code(*names: str) -> Make:
    def make(folder: Path, sink: str, pwned: str) -> None:
        for name in names:
            _write(folder / name, RUNS.format(pwned=pwned))

    return make


def settings(folder: Path, sink: str, pwned: str) -> None:
    _write(folder / "settings.toml", 'zone = "evil"\ndynaconf_include = ["evil.py"]\n')
    _write(folder / ".secrets.toml", 'api_key = "@format {env[HOME]}"\n')
    code("evil.py", "dynaconf_hooks.py")(folder, sink, pwned)


def shadowing(folder: Path, sink: str, pwned: str) -> None:
    for where in ("profiles", ".config/nucliactl/profiles", "nucliactl/profiles"):
        text = f'kind = "kb"\nurl = "{sink}/api/v1/kb/x"\napi_key_command = ["touch", "{pwned}"]\n'
        _write(folder / where / "mine.toml", text)


def link(target: str, name: str) -> Make:
    return lambda folder, sink, pwned: (folder / name).symlink_to(target)


def pipe(name: str) -> Make:
    return lambda folder, sink, pwned: os.mkfifo(folder / name)


def owned(name: str, text: str) -> Make:
    def make(folder: Path, sink: str, pwned: str) -> None:
        _write(folder / name, text)
        if os.geteuid() == 0:
            os.chown(folder / name, 12345, 12345)
        else:
            (folder / name).unlink()

    return make


def writable(folder: Path, sink: str, pwned: str) -> None:
    _write(folder / ".nuclia-profile", "other\n")
    (folder / ".nuclia-profile").chmod(0o666)


DIRECTORIES: dict[str, Make] = {
    "a KB URL alone": env("NUCLIA_KB_URL=https://evil.example/api/v1/kb/x\n"),
    "a whole KB elsewhere": env("NUCLIA_KB_URL=https://evil.example/api/v1/kb/x\nNUCLIA_API_KEY=k\n"),
    "a look-alike host": env(
        "NUCLIA_KB_URL=https://nuclia.cloud.evil.example/api/v1/kb/x\nNUCLIA_API_KEY=k\n"
    ),
    "a global URL": env("NUCLIA_GLOBAL_URL={sink}\nNUCLIA_OAUTH_URL={sink}\nNUCLIA_ZONE_URL={sink}\n"),
    "a domain": env("NUCLIA_DOMAIN=evil.example\nBASE_NUCLIA_DOMAIN=evil.example\n"),
    "a token for another domain": env("NUCLIA_USER_TOKEN=t\nNUCLIA_DOMAIN=evil.example\n"),
    "a zone and an account": env("NUCLIA_ZONE=evil\nNUCLIA_ACCOUNT=evil\n"),
    "a zone that is a host": env("NUCLIA_ZONE=evil.example/x\nNUCLIA_KBID=x\nNUCLIA_API_KEY=k\n"),
    "a NucliaDB elsewhere": env("NUCLIADB_URL=http://evil.example:8080\n"),
    "a base URL": env("NUCLIA_BASE_URL=https://evil.example/api/v1\n"),
    "a NUA origin": env("NUCLIA_NUA_ORIGIN={sink}\n"),
    "a file as a token": env("NUCLIA_USER_TOKEN_FILE=/etc/hostname\n"),
    "a file as a key": env(
        "NUCLIA_KB_URL=https://z.nuclia.cloud/api/v1/kb/x\nNUCLIA_API_KEY_FILE=/etc/hostname\n"
    ),
    "proxies and certificates": env(
        "HTTPS_PROXY={sink}\nHTTP_PROXY={sink}\nALL_PROXY={sink}\nSSL_CERT_FILE=/x\nNUCLIA_ZONE=a\n"
    ),
    "dynaconf in a .env": env("SETTINGS_FILE_FOR_DYNACONF=evil.py\nDYNACONF_URL={sink}\nNUCLIA_ZONE=a\n"),
    "python in a .env": env(
        "PYTHONPATH=.\nPYTHONSTARTUP=evil.py\nBROWSER=evil\nEDITOR=evil\nNUCLIA_ZONE=a\n"
    ),
    "the tool's own variables": env(
        "NUCLIA_CONFIG_DIR=/tmp/evil\nNUCLIA_PROFILES_PATH=/tmp/evil\nNUCLIACTL_TIMEOUT=1\n"
    ),
    "an unclosed quote": env('NUCLIA_API_KEY="k\n'),
    "substitutions": env("NUCLIA_PROFILE=$(touch pwned)\nNUCLIA_API_KEY=`touch pwned`${HOME}\n"),
    "a pin with a path": pin("../../../etc/passwd\n"),
    "a pin with a command": pin("mine; touch pwned\n"),
    "a pin with an escape": pin("\x1b[2Jmine\n"),
    "a pin that names nobody": pin("nobody\n"),
    "a huge pin": pin("x" * 100_000),
    "settings and hooks": settings,
    "modules that shadow ours": code(
        "nucliactl.py", "httpx.py", "dynaconf.py", "json.py", "sitecustomize.py", "dotenv.py"
    ),
    "profiles that shadow stored names": shadowing,
    "a link to a secret as .env": link("/etc/shadow", ".env"),
    "a link to a device as .env": link("/dev/zero", ".env"),
    "a looping link as a pin": link(".nuclia-profile", ".nuclia-profile"),
    "a pipe as .env": pipe(".env"),
    "a pipe as a pin": pipe(".nuclia-profile"),
    "another user's .env": owned(".env", "NUCLIA_PROFILE=other\n"),
    "another user's pin": owned(".nuclia-profile", "other\n"),
    "a pin anybody may write": writable,
}


@pytest.mark.parametrize("make", DIRECTORIES.values(), ids=DIRECTORIES.keys())
def test_a_hostile_directory_runs_sends_and_changes_nothing(
    home: Home, recorder: Recorder, sink: Recorder, make: Make
) -> None:
    mine = f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/x"\napi_key = "mine-key"\n'
    home.define("mine", mine)
    home.define("other", mine.replace("mine-key", "other-key"))
    home.run("use", "mine")
    (home.work / ".git").mkdir()
    pwned = home.path / "pwned"
    make(home.work, sink.origin, str(pwned))
    store = home.files()
    listing = sorted((p.name, stat.S_IMODE(p.lstat().st_mode)) for p in home.work.iterdir())

    recorder.answer = lambda _: (200, {}, b'{"uuid": "x", "config": {}}')
    sent = "import nucliactl; nucliactl.client({}).get('x')"
    for words in (["list"], ["current"], ["explain"], ["auth", "token"], ["auth", "status"], ["prompt"]):
        result = home.run(*words)
        assert result.code in (0, 2, 3, 4, 6, 7), result
        assert "\x1b" not in result.out + result.err
    # The SDK, as an installed program uses it (a script's own directory is Python's business).
    script = home.path / "program.py"
    script.write_text(sent.format("") + "\n")
    import sys

    home.program(sys.executable, str(script))
    assert home.run("auth", "token", "--profile", "mine").out == "mine-key\n"
    assert home.run("auth", "status", "--profile", "mine").code == 0

    assert sink.requests == []
    assert {r.headers.get("x-nuclia-serviceaccount") for r in recorder.requests} <= {"Bearer mine-key"}
    assert not pwned.exists() and not (home.work / "pwned").exists()
    assert home.files() == store
    after = sorted(
        (p.name, stat.S_IMODE(p.lstat().st_mode)) for p in home.work.iterdir() if p.name != "__pycache__"
    )
    assert after == listing


def test_there_are_enough_directories() -> None:
    assert len(DIRECTORIES) >= 25
