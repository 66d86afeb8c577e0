"""Directories somebody else prepared: nothing runs, nothing is sent, nothing changes but what 5.1 allows."""

import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support import Home, Recorder, one_sign_in

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


def programs(*names: str) -> Make:
    """Programs of well-known names, here and in `bin`: both are on the PATH of these tests."""

    def make(folder: Path, sink: str, pwned: str) -> None:
        for where in (folder, folder / "bin"):
            for name in names:
                _write(where / name, f"#!/bin/sh\necho {name} >> {pwned}\n")
                (where / name).chmod(0o755)

    return make


def texts(text: str, *names: str) -> Make:
    def make(folder: Path, sink: str, pwned: str) -> None:
        for name in names:
            _write(folder / name, text.replace("{pwned}", pwned).replace("{sink}", sink))

    return make


def folders(*names: str) -> Make:
    def make(folder: Path, sink: str, pwned: str) -> None:
        for name in names:
            (folder / name).mkdir()

    return make


def packages(*names: str) -> Make:
    return code(*(f"{name}/__init__.py" for name in names))


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
    "what webbrowser imports": code(
        "webbrowser.py", "shlex.py", "shutil.py", "subprocess.py", "threading.py", "getopt.py", "fnmatch.py"
    ),
    "every module of Python": code(*(f"{name}.py" for name in sorted(sys.stdlib_module_names))),
    "packages of Python's names": packages("webbrowser", "json", "subprocess", "encodings", "argparse"),
    "what we depend on": code(
        "argcomplete.py",
        "tomlkit.py",
        "tabulate.py",
        "h11.py",
        "anyio.py",
        "certifi.py",
        "idna.py",
        "rich.py",
    ),
    "a package of our name": packages("nucliactl", "nucliactl/cli", "nucliactl/sandbox"),
    "what Python runs at its start": texts(
        "import os; open(r'{pwned}', 'w')\n",
        "usercustomize.py",
        "sitecustomize.py",
        "evil.pth",
        "python311._pth",
    ),
    "a virtual environment": texts("home = .\ninclude-system-site-packages = true\n", "pyvenv.cfg"),
    "shells and interpreters": programs("sh", "bash", "zsh", "python", "python3", "node", "env", "perl"),
    "browsers": programs(
        "xdg-open",
        "xdg-settings",
        "open",
        "www-browser",
        "x-www-browser",
        "firefox",
        "chromium",
        "w3m",
        "gio",
    ),
    "editors and pickers": programs("vi", "vim", "nano", "ed", "code", "sed", "fzf", "less", "stty", "tput"),
    "password managers and friends": programs("pass", "op", "gpg", "helper", "git", "ssh", "touch", "kill"),
    "a program of our own name": programs("nucliactl", "python-argcomplete-check-easy-install-script"),
    "a repository with commands": texts(
        '[core]\n fsmonitor = "touch {pwned}"\n pager = "touch {pwned}"\n[credential]\n helper = "!touch {pwned}"\n',
        ".git/config",
        ".gitconfig",
    ),
    "start files of shells and tools": texts(
        "touch {pwned}\n", ".bashrc", ".profile", ".zshrc", ".zshenv", ".envrc", ".inputrc", ".exrc", ".vimrc"
    ),
    "names that are code": texts("", "$(touch pwned)", ";touch pwned;", "`touch pwned`", "'$(touch pwned)'"),
    "a loader in a .env": env(
        "LD_PRELOAD=./evil.so\nPATH=.\nBASH_ENV=./evil\nENV=./evil\nNODE_OPTIONS=-r ./evil.js\nNUCLIA_ZONE=a\n"
    ),
    "a command in a .env": env("NUCLIA_API_KEY_COMMAND=touch pwned\nNUCLIA_TOKEN_COMMAND=touch pwned\n"),
    "a session's file": texts('{"access_token": "evil"}', "credentials/mine.json", "active.json"),
    "a .netrc": texts("default login evil password evil\n", ".netrc", "_netrc"),
    "directories for files": folders(".env", ".nuclia-profile", "settings.toml"),
}


class Attacked:
    """A person with two profiles, one of which asks a program, in a directory that somebody prepared.

    Their PATH has entries that depend on the directory, and a proxy hears of every foreign host.
    """

    def __init__(self, home: Home, mine: Recorder, sink: Recorder) -> None:
        self.home, self.mine, self.sink = home, mine, sink
        self.pwned = home.path / "pwned"
        self.keys = {"Bearer mine-key", None}
        text = f'kind = "kb"\nurl = "{mine.origin}/api/v1/kb/x"\n'
        home.define("mine", text + 'api_key = "mine-key"\n')
        home.define("other", text + 'api_key = "other-key"\n')
        python = "python3 -c 'import json, subprocess, webbrowser'"
        home.define("asks", text + f'api_key_command = ["sh", "-c", "helper; {python}; echo mine-key"]\n')
        home.run("use", "mine")
        (home.work / ".git").mkdir()
        tools = home.path / "tools"
        tools.mkdir()
        (tools / "my-editor").write_text('#!/bin/sh\necho "description = \'d\'" >> "$1"\n')
        (tools / "my-editor").chmod(0o755)
        home.environ |= {
            "PATH": f":.:bin:{tools}:{home.environ['PATH']}:",
            "EDITOR": "my-editor",
            "BROWSER": f"helper %s:{sys.executable} -m nucliactl.sandbox.visitor %s",
            "HTTPS_PROXY": mine.origin,
            "NO_PROXY": "127.0.0.1",
        }
        mine.answer = lambda request: (
            (502, {}, b"") if request.method == "CONNECT" else (200, {}, b'{"uuid": "x", "config": {}}')
        )

    def unharmed(self) -> None:
        """Nothing of the directory ran, and nobody but the profile's own service was told a key."""
        assert not self.pwned.exists(), self.pwned.read_text()
        assert not (self.home.work / "pwned").exists()
        assert self.sink.requests == []
        assert not [r.path for r in self.mine.requests if "evil" in r.path]
        assert {r.headers.get("x-nuclia-serviceaccount") for r in self.mine.requests} <= self.keys

    def does(self, *words: str, stdin: str = "given-key") -> None:
        result = self.home.run(*words, stdin=stdin)
        assert 0 <= result.code <= 7, result
        assert "\x1b" not in result.out + result.err
        self.unharmed()

    def programs(self) -> None:
        """The SDK, as an installed program uses it (a script's own directory is Python's business)."""
        script = self.home.path / "program.py"
        script.write_text("import nucliactl; nucliactl.client().get('x')\n")
        self.home.program(sys.executable, str(script))
        self.unharmed()

    def completes(self, line: str) -> None:
        """What the shell does at a press of the tab key."""
        variables = {
            "_ARGCOMPLETE": "1", "COMP_LINE": line, "COMP_POINT": str(len(line)), "COMP_TYPE": "9",
            "_ARGCOMPLETE_SUPPRESS_SPACE": "1", "_ARGCOMPLETE_STDOUT_FILENAME": str(self.home.path / "out"),
        }  # fmt: skip
        self.home.run(**variables)
        self.unharmed()


@pytest.fixture
def attacked(home: Home, recorder: Recorder, sink: Recorder) -> Attacked:
    return Attacked(home, recorder, sink)


each_directory = pytest.mark.parametrize("make", DIRECTORIES.values(), ids=DIRECTORIES.keys())


@each_directory
@pytest.mark.G9
def test_a_hostile_directory_runs_sends_and_changes_nothing(attacked: Attacked, make: Make) -> None:
    home = attacked.home
    make(home.work, attacked.sink.origin, str(attacked.pwned))
    store, listing = home.files(), _listing(home.work)
    attacked.does("explain")
    attacked.does("auth", "token")
    attacked.programs()
    assert home.run("auth", "token", "--profile", "asks").out == "mine-key\n"
    assert home.run("auth", "status", "--profile", "mine").code == 0
    attacked.completes("nucliactl --env-file ")
    assert home.files() == store and _listing(home.work) == listing
    assert home.run("profile", "edit", "mine").code == 0
    assert "description = 'd'" in (home.store / "profiles/mine.toml").read_text()
    attacked.unharmed()


def _listing(folder: Path) -> list[tuple[str, int]]:
    return sorted((p.name, stat.S_IMODE(p.lstat().st_mode)) for p in folder.iterdir())


LINES = (
    "nucliactl ",
    "nucliactl use ",
    "nucliactl --env-file $(",
    "nucliactl --profiles-dir '",
    "nucliactl auth ",
)
COMMANDS = (
    "list", "list -o json", "list -o wide", "current", "explain", "explain -o json", "prompt", "version",
    "use other", "use -", "use mine --here", "auth show", "auth status", "auth status --all", "auth token",
    "auth token --profile asks", "auth status --profile asks", "auth logout other", "auth nuas",
    "auth kb {mine}/api/v1/kb/x -", "auth kb {mine}/api/v1/kb/x - --no-validate --name new", "auth nua -",
    "auth nucliadb {mine}", "auth personal_token -", "auth set_user_token -", "auth list_personal_tokens",
    "auth create_personal_token d", "auth create_ephemeral_token", "auth create_temporal_key",
    "accounts list", "zones list", "kbs list", "agents list", "profile show mine", "profile path mine",
    "profile edit mine", "profile edit", "profile set mine account=a", "profile unset mine account",
    "profile copy mine copied", "profile rename copied renamed", "profile delete renamed",
    "profile import --from-nuclia", "completion bash", "completion zsh", "completion fish",
    "sandbox -- true", "doctor", "doctor --fix",
)  # fmt: skip


@pytest.mark.torture
@each_directory
@pytest.mark.G9
def test_no_command_runs_or_tells_anything(attacked: Attacked, sandbox: dict[str, str], make: Make) -> None:
    make(attacked.home.work, attacked.sink.origin, str(attacked.pwned))
    attacked.keys |= {"Bearer other-key", "Bearer given-key"}  # here the person uses them
    for line in COMMANDS:
        attacked.does(*line.replace("{mine}", attacked.mine.origin).split())
    for line in LINES:
        attacked.completes(line)
    attacked.programs()
    if not any(
        (attacked.home.work / name).exists() for name in ("nucliactl", "nucliactl.py", "importlib.py")
    ):
        # Those Python itself takes at `-m`, before a line of ours.
        attacked.home.program(sys.executable, "-m", "nucliactl", "auth", "token", "--profile", "asks")
        attacked.unharmed()
    attacked.home.environ.update(sandbox)
    with one_sign_in():
        result = attacked.home.run("auth", "login", "--name", "me", "--timeout", "60")
    assert result.code == 0, result
    attacked.unharmed()


def test_there_are_enough_directories() -> None:
    assert len(DIRECTORIES) >= 42
