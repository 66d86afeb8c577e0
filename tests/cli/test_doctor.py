"""`nucliactl doctor`: each way in which a machine can be broken is found, said with what to do, and mended
where that is safe. Nothing is written without --fix, and nothing that is shown is anybody's secret."""

import base64
import contextlib
import email.utils
import fcntl
import json
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from desktop import Desktop
from support import COMMAND, Home, Result, Terminal

from nucliactl.doctor.examining import CHECKS, MENDING
from nucliactl.sandbox.keys import api_key

KEY = api_key("https://europe-1.dp.progress.cloud", "canary")
TOKEN = "canary-token-of-the-official-client"
CANARIES = (KEY, TOKEN, "canary-refresh", "canary-access", "canary-password")
URL = "https://europe-1.dp.progress.cloud/api/v1/kb/{0}"
IDS = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222")
KB = f'kind = "kb"\nurl = "{URL.format(IDS[1])}"\n'

Make = Callable[["Laptop"], object]
"""It may return variables."""


class Laptop(Home):
    """A home whose store is where it is by itself, with one profile and completion set up."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        del self.environ["NUCLIA_CONFIG_DIR"]
        self.store = path / ".config/nucliactl"
        self.environ["SHELL"] = "/bin/bash"
        (path / ".bashrc").write_text('eval "$(nucliactl completion bash)"\n')
        made = self.run(
            "auth", "kb", URL.format(IDS[0]), "-", "--no-validate", "--name", "handbook", stdin=KEY
        )
        assert made.code == 0, made
        self.credential = self.store / "credentials/handbook.json"
        self.definition = self.store / "profiles/handbook.toml"

    def doctor(self, *words: str, **variables: str) -> Result:
        """Run it without the network; what it shows is fit to be pasted, whatever it found."""
        found = self.run("doctor", "--offline", *words, **variables)
        shown = found.out + found.err
        assert str(self.path) not in shown and not [one for one in CANARIES if one in shown], shown
        assert "bug of nucliactl" not in shown, shown
        assert found.code in (0, 1)
        return found

    def findings(self, *words: str, **variables: str) -> list[dict[str, Any]]:
        found = self.doctor("-o", "json", *words, **variables)
        problems = [one for one in found.json["findings"] if one["level"] == "problem"]
        assert (found.code, found.json["problems"]) == (1 if problems else 0, len(problems))
        return [one for one in found.json["findings"] if one["level"] in ("problem", "note")]

    def session(self, name: str, **changes: Any) -> Path:
        path = self.store / f"credentials/{name}.json"
        held = {
            "version": 1,
            "kind": "user",
            "access_token": "canary-access",
            "refresh_token": "canary-refresh",
        }
        origins = [f"https://{one}.progress.cloud" for one in ("accounts", "oauth", "*.dp", "*.rag")]
        times = {
            "issued_at": int(time.time()),
            "expires_at": int(time.time()) + 1800,
            "login_required": False,
        }
        path.write_text(json.dumps({**held, "origins": origins, **times, **changes}))
        path.chmod(0o600)
        return path

    def tree(self) -> dict[str, tuple[object, ...]]:
        """Everything below the home, with what a write would change."""
        found = {}
        for path in sorted(self.path.rglob("*")):
            info = path.lstat()
            data = path.read_bytes() if stat.S_ISREG(info.st_mode) else None
            found[str(path)] = (info.st_mode, info.st_ino, info.st_mtime_ns, data)
        return found


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path)


class Broken(NamedTuple):
    """A world: what breaks it, the check that says so and how, what to do, and whether --fix mends it."""

    make: Make
    check: str
    level: str
    says: str
    hint: str = ""
    mended: bool = False


def mode(path: str, bits: int) -> Callable[[Laptop], None]:
    return lambda laptop: (laptop.store / path).chmod(bits)


def write(path: str, text: str, bits: int = 0o600) -> Callable[[Laptop], None]:
    def make(laptop: Laptop) -> None:
        file = laptop.store / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        file.chmod(bits)

    return make


def variables(**found: str) -> Callable[[Laptop], dict[str, str]]:
    return lambda laptop: {name: text.replace("{home}", str(laptop.path)) for name, text in found.items()}


def link(path: str, to: str) -> Callable[[Laptop], None]:
    return lambda laptop: (laptop.store / path).symlink_to(to)


def each(*makes: Make) -> Callable[[Laptop], dict[str, str]]:
    def make(laptop: Laptop) -> dict[str, str]:
        found = [one(laptop) for one in makes]
        return {name: text for one in found if isinstance(one, dict) for name, text in one.items()}

    return make


def official(laptop: Laptop, bits: int = 0o600) -> None:
    folder = laptop.path / ".nuclia"
    folder.mkdir()
    key = {"id": IDS[1], "url": URL.format(IDS[1]), "token": TOKEN}
    (folder / "config").write_text(json.dumps({"default": {"kbid": IDS[1]}, "kbs_token": [key]}))
    (folder / "config").chmod(bits)


def in_days(days: float) -> str:
    parts = ({"alg": "RS256", "kid": "sa"}, {"exp": int(time.time() + days * 86400), "jti": "canary"})
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts)
        + ".AAAA"
    )


def another_installation(laptop: Laptop) -> dict[str, str]:
    (laptop.path / "bin").mkdir()
    (laptop.path / "bin/nucliactl").write_text("#!/usr/bin/python3\nfrom nucliactl.cli.main import main\n")
    (laptop.path / "bin/nucliactl").chmod(0o755)
    return {"PATH": f"{laptop.path}/bin:{laptop.environ['PATH']}"}


WORLDS: dict[str, Broken] = {
    "a credential others can read": Broken(
        mode("credentials/handbook.json", 0o644),
        "modes", "problem", "~/.config/nucliactl/credentials/handbook.json holds a secret", "chmod 600 ~/.config", True,
    ),
    "a definition with a secret that others can read": Broken(
        write("profiles/b.toml", f'{KB}api_key = "{KEY}"\n', 0o640), "modes", "problem", "b.toml holds a secret", "chmod 600", True
    ),
    "a store that everybody may write": Broken(
        each(mode("", 0o777), mode("credentials", 0o777), mode("active.json", 0o666)), "modes", "problem", "may be written by everybody", "chmod 775 ~/.config/nucliactl", True
    ),
    "what a killed writer left": Broken(
        write("credentials/.nucliactl-tmp-0123456789abcdef", KEY), "leftovers", "problem", "left 1 file in ~/.config/nucliactl/credentials", "nucliactl doctor --fix", True
    ),
    "the journal of a session that is gone": Broken(
        write("credentials/me.journal", '{"version": 1}'), "leftovers", "problem", "me.journal", "nucliactl doctor --fix", True
    ),
    "a refresh that was cut off": Broken(
        each(write("profiles/me.toml", 'kind = "user"\n'), lambda laptop: laptop.session("me"), write("credentials/me.journal", '{"version": 1}')),
        "leftovers", "note", "cut off", "nucliactl auth status --profile me",
    ),
    "the copy of a damaged file": Broken(
        write("credentials/handbook.json.damaged", KEY), "leftovers", "note", "the copy of a damaged file", "rm ~/.config"
    ),
    "an orphan that may be the only copy": Broken(
        lambda laptop: (laptop.definition.unlink(), laptop.run("use", "--unset")),
        "orphans", "problem", "handbook.json serves no profile", "nucliactl auth logout handbook",
    ),
    "the orphan of a session that has ended": Broken(
        lambda laptop: laptop.session("gone", login_required=True),
        "orphans", "problem", "gone.json serves no profile", "nucliactl auth logout gone", True,
    ),
    "a stored secret that is not used": Broken(
        lambda laptop: laptop.definition.write_text(f'{laptop.definition.read_text()}api_key_env = "HOME"\n'),
        "orphans", "note", "is not used", "nucliactl auth logout handbook",
    ),
    "a definition that leads nowhere": Broken(
        link("profiles/gone.toml", "/nowhere/x.toml"), "links", "problem", "profiles/gone.toml is a link that leads nowhere", "nucliactl profile delete gone"
    ),
    "a credential that leads nowhere": Broken(
        link("credentials/b.json", "/nowhere/x"), "links", "problem", "credentials/b.json is a link that leads nowhere", "rm ~/.config"
    ),
    "a damaged definition": Broken(
        write("profiles/b.toml", 'kind = "kb\n'), "profiles", "problem", "b.toml is not valid TOML", "nucliactl profile edit b"
    ),
    "a key nobody knows": Broken(
        write("profiles/b.toml", f'{KB}public = true\nzzone = "x"\n'), "profiles", "note", "unknown key 'zzone'", "nucliactl profile edit b"
    ),
    "a base that is gone": Broken(
        write("profiles/b.toml", f'{KB}public = true\nextends = "gone"\n'), "profiles", "problem", "no profile 'gone'", "Correct extends"
    ),
    "a name that is none": Broken(write("profiles/My Box.toml", KB), "profiles", "note", "is no profile"),
    "a damaged credential": Broken(
        write("credentials/handbook.json", "{"), "credentials", "problem", "handbook.json is not valid JSON", f"nucliactl auth kb {URL.format(IDS[0])} - --name handbook"
    ),
    "a credential made for another address": Broken(
        lambda laptop: laptop.definition.write_text(laptop.definition.read_text().replace("europe-1", "europe-2")),
        "credentials", "problem", "was made for https://europe-1.dp.progress.cloud", "log in again",
    ),
    "a session that has ended": Broken(
        each(write("profiles/me.toml", 'kind = "user"\n'), lambda laptop: laptop.session("me", login_required=True) and None),
        "credentials", "problem", "The session of 'me' has ended", "nucliactl auth login --name me",
    ),
    "a profile that was logged out of": Broken(
        write("profiles/b.toml", KB), "credentials", "note", "The profile 'b' has no credential", "nucliactl auth kb"
    ),
    "a rider without an owner": Broken(
        write("profiles/b.toml", f'{KB}session = "gone"\n'), "riders", "problem", "uses the session of 'gone'", "nucliactl auth login --name gone"
    ),
    "a file that is not there": Broken(
        write("profiles/b.toml", f'{KB}api_key_file = "/nowhere/key"\n'), "references", "problem", "/nowhere/key is not there"
    ),
    "a variable that is not set": Broken(
        write("profiles/b.toml", f'{KB}api_key_env = "ACME_KEY"\n'), "references", "problem", "ACME_KEY is not set", "export ACME_KEY"
    ),
    "a program that is not there": Broken(
        write("profiles/b.toml", f'{KB}api_key_command = ["no-such-program", "x"]\n'), "references", "problem", "the program no-such-program is not found"
    ),
    "a value that is no secret": Broken(
        variables(NUCLIA_KB_URL=URL.format(IDS[0]), NUCLIA_API_KEY="${KEY}"), "references", "problem", "NUCLIA_API_KEY holds a reference"
    ),
    "a key that ends": Broken(
        write("profiles/b.toml", f'{KB}api_key = "{in_days(3)}"\n'), "expiry", "problem", "The Knowledge Box API key of b ends in", "Replace it in"
    ),
    "a key that has ended": Broken(
        write("profiles/b.toml", f'{KB}api_key = "{in_days(-3)}"\n'), "expiry", "problem", "The Knowledge Box API key of b has expired"
    ),
    "a profile that is switched to and gone": Broken(
        write("active.json", '{"version": 1, "current": "gone", "previous": null, "last": {}}'), "active", "problem", "no profile 'gone'"
    ),
    "a damaged active.json": Broken(write("active.json", "{"), "active", "problem", "active.json is not valid JSON"),
    "a variable that wins": Broken(
        variables(NUCLIA_KB_URL=URL.format(IDS[1]), NUCLIA_API_KEY=KEY), "shadowing", "note", "You switched to handbook", "unset NUCLIA_KB_URL NUCLIA_API_KEY"
    ),
    "a name that is defined twice": Broken(
        each(write("more/handbook.toml", f"{KB}public = true\n"), variables(NUCLIA_PROFILES_PATH="{home}/.config/nucliactl/more")),
        "shadowing", "note", "more/handbook.toml is not used",
    ),
    "half a credential": Broken(variables(NUCLIA_API_KEY=KEY), "variables", "problem", "NUCLIA_API_KEY in the environment"),
    "a variable of another name": Broken(
        variables(NUCLIA_APIKEY=KEY), "variables", "problem", "NUCLIA_APIKEY is set but not read", 'export NUCLIA_API_KEY="$NUCLIA_APIKEY"; unset NUCLIA_APIKEY'
    ),
    "an empty variable": Broken(variables(NUCLIA_API_KEY=""), "variables", "note", "set but empty", "unset NUCLIA_API_KEY"),
    "damaged settings": Broken(write("config.toml", "output = \n"), "settings", "problem", "config.toml is not valid TOML"),
    "a setting nobody knows": Broken(write("config.toml", "outptu = 'json'\n"), "settings", "note", "unknown key 'outptu'"),
    "an output format that is none": Broken(write("config.toml", "output = 'xml'\n"), "settings", "problem", "config.toml:1: output is not an output format"),
    "a variable for the output that is none": Broken(variables(NUCLIACTL_OUTPUT="xml"), "settings", "problem", "NUCLIACTL_OUTPUT", "unset NUCLIACTL_OUTPUT"),
    "a time-out that is none": Broken(variables(NUCLIACTL_TIMEOUT="soon"), "settings", "problem", "NUCLIACTL_TIMEOUT is not a number of seconds"),
    "a word for modes that is none": Broken(variables(NUCLIACTL_MODES="off"), "modes", "problem", "NUCLIACTL_MODES", "unset NUCLIACTL_MODES"),
    "a store that is a file": Broken(variables(NUCLIA_CONFIG_DIR="{home}/.bashrc"), "store", "problem", "~/.bashrc is no directory"),
    "a store by a relative path": Broken(variables(NUCLIA_CONFIG_DIR="x"), "store", "problem", "not an absolute path"),
    "a directory that is not there": Broken(variables(NUCLIA_PROFILES_PATH="/nowhere"), "directories", "problem", "NUCLIA_PROFILES_PATH names /nowhere"),
    "secrets of the official client": Broken(official, "official", "note", "1 credential without a profile", "nucliactl profile import --from-nuclia"),
    "secrets that others can read there": Broken(
        lambda laptop: official(laptop, 0o644), "official", "problem", "~/.nuclia/config holds secrets", "chmod 600 ~/.nuclia/config"
    ),
    "a damaged file there": Broken(
        each(official, lambda laptop: (laptop.path / ".nuclia/config").write_text("{") and None), "official", "problem", "not valid JSON"
    ),
    "a proxy that is none": Broken(variables(HTTPS_PROXY="http://u:canary-password@:x"), "proxies", "problem", "HTTPS_PROXY is not the address of a proxy"),
    "two spellings of a proxy": Broken(
        variables(https_proxy="http://a:canary-password@127.0.0.1:1", HTTPS_PROXY="http://127.0.0.1:2"), "proxies", "note", "differ", "unset HTTPS_PROXY"
    ),
    "certificates that are not there": Broken(variables(SSL_CERT_FILE="/nowhere.pem"), "certificates", "problem", "SSL_CERT_FILE names /nowhere.pem", "unset SSL_CERT_FILE"),
    "certificates that are none": Broken(variables(SSL_CERT_FILE="{home}/.bashrc"), "certificates", "problem", "certificates cannot be read"),
    "certificates for others": Broken(variables(CURL_CA_BUNDLE="/x.pem", SSL_CERT_FILE=""), "certificates", "note", "CURL_CA_BUNDLE is not read", 'export SSL_CERT_FILE="$CURL_CA_BUNDLE"'),
    "a PATH without it": Broken(variables(PATH="/usr/bin:/bin"), "path", "note", "does not find nucliactl", "export PATH="),
    "a PATH that depends on the directory": Broken(variables(PATH=f".:{Path(COMMAND).parent}:/usr/bin"), "path", "note", "depend on the working directory: ."),
    "two installations": Broken(another_installation, "installation", "problem", "another nucliactl: ~/bin/nucliactl", "~/bin/nucliactl version"),
    "no completion": Broken(
        lambda laptop: (laptop.path / ".bashrc").write_text("# nucliactl completion\n"), "completion", "note", "bash does not complete", "completion install bash"
    ),
}  # fmt: skip


def broken(laptop: Laptop, world: Broken) -> dict[str, str]:
    found = world.make(laptop)
    return found if isinstance(found, dict) else {}


def test_a_machine_on_which_all_is_well(laptop: Laptop) -> None:
    assert laptop.findings() == []
    found = laptop.doctor()
    first, *_, last = found.out.splitlines()
    assert first.startswith("nucliactl ") and ", Python 3." in first and last == "No problems were found."
    assert len(found.out.splitlines()) <= 6 and found.err == ""
    assert [line.split()[0] for line in laptop.doctor("-v").out.splitlines()[2:-2]].count("ok") > 12


@pytest.mark.parametrize("name", WORLDS)
def test_what_is_broken_is_found_and_nothing_is_written(laptop: Laptop, name: str) -> None:
    world = WORLDS[name]
    given = broken(laptop, world)
    before = laptop.tree()
    found = laptop.findings(**given)
    said = [one for one in found if one["check"] == world.check and world.says in one["sentence"]]
    assert [one["level"] for one in said[:1]] == [world.level], found
    assert world.hint in (said[0]["hint"] or ""), said
    assert (said[0]["fix"] is not None) == world.mended
    text = laptop.doctor(**given).out
    assert world.says in text and f"{world.level} " in text
    assert len({one["sentence"] for one in found}) == len(found)  # nothing is told twice
    assert laptop.tree() == before


@pytest.mark.parametrize("name", [name for name, world in WORLDS.items() if world.mended])
def test_what_is_safe_is_mended_once_and_said(laptop: Laptop, name: str) -> None:
    given = broken(laptop, WORLDS[name])
    first = laptop.doctor("--fix", **given)
    assert first.code == 0 and first.out.count("\nmended ") >= 1, first.out
    before = laptop.tree()
    second = laptop.doctor("--fix", **given)
    assert (second.code, "mended" in second.out) == (0, False)
    assert laptop.tree() == before
    if laptop.credential.exists():
        assert laptop.run("auth", "token", "--profile", "handbook").out == f"{KEY}\n"


@pytest.mark.parametrize("name", [name for name, world in WORLDS.items() if not world.mended])
def test_what_cannot_be_had_again_stays(laptop: Laptop, name: str) -> None:
    given = broken(laptop, WORLDS[name])
    before = {path: found for path, found in laptop.tree().items() if not path.endswith(("locks", ".lock"))}
    laptop.doctor("--fix", **given)
    after = laptop.tree()
    assert {path: after.get(path) for path in before} == before


@pytest.mark.parametrize("name", ["a credential others can read", "no completion", "a definition that leads nowhere", "an orphan that may be the only copy"])  # fmt: skip
def test_a_hint_works_as_it_is_typed(laptop: Laptop, name: str) -> None:
    world = WORLDS[name]
    given = broken(laptop, world)
    [found] = [one for one in laptop.findings(**given) if one["check"] == world.check]
    laptop.program("bash", "-euc", found["hint"].rpartition(": ")[2])
    assert [one for one in laptop.findings(**given) if one["check"] == world.check] == []


def test_every_check_has_a_broken_world_here() -> None:
    tested = {world.check for world in WORLDS.values()} | {"owners", "service", "clock", "keyring"}
    assert tested == {check.name for check in CHECKS}
    assert {world.check for world in WORLDS.values() if world.mended} <= {check.name for check in MENDING}


def test_what_was_mended_is_said_as_data_too(laptop: Laptop) -> None:
    laptop.credential.chmod(0o604)
    found = laptop.doctor("--fix", "-o", "json").json
    shown = "chmod 600 ~/.config/nucliactl/credentials/handbook.json"
    assert found["mended"] == [{"check": "modes", "does": shown, "error": None}]
    assert found["problems"] == 0 and {"nucliactl", "python", "system", "findings"} <= set(found)
    assert {tuple(one) for one in found["findings"]} == {("check", "level", "sentence", "hint", "fix")}


def test_names_and_queries(laptop: Laptop) -> None:
    laptop.credential.chmod(0o644)
    assert laptop.doctor("-o", "name").out == "modes\n"
    assert laptop.doctor("--query", "problems").out == "1\n"


def test_several_faults_are_all_found_the_worst_first(laptop: Laptop) -> None:
    for name in ("no completion", "a damaged definition", "a damaged active.json", "a setting nobody knows"):
        WORLDS[name].make(laptop)
    (laptop.store / "profiles/c.toml").write_bytes(b"\xff\xfe")
    laptop.credential.chmod(0o666)
    found = laptop.findings(NUCLIA_KB_URL="x", HTTPS_PROXY=":", SSL_CERT_FILE="/nowhere", NUCLIA_APIKEY=KEY)
    levels = [one["level"] for one in found]
    assert levels == sorted(levels, reverse=True)
    checks = {one["check"] for one in found if one["level"] == "problem"}
    assert checks == {"modes", "profiles", "active", "variables", "proxies", "certificates"}


def test_a_problem_that_cannot_be_mended_is_said(laptop: Laptop) -> None:
    write("credentials/.nucliactl-tmp-0123456789abcdef", "x")(laptop)
    laptop.credential.chmod(0o644)
    (laptop.store / "locks/store.lock").unlink()
    (laptop.store / "locks/store.lock").mkdir()
    found = laptop.doctor("--fix")
    assert found.code == 1 and "nothing could be mended" in found.out
    assert stat.S_IMODE(laptop.credential.stat().st_mode) == 0o644


def test_a_wrapper_and_a_shim_are_no_second_installation(laptop: Laptop) -> None:
    found = []
    for folder, text in (
        ("bin", f'#!/bin/sh\nexec {COMMAND} "$@"\n'),
        (".pyenv/shims", "#!/bin/sh\nexec pyenv\n"),
    ):
        file = laptop.path / folder / "nucliactl"
        file.parent.mkdir(parents=True)
        file.write_text(text)
        file.chmod(0o755)
        found.append(str(file.parent))
    (laptop.path / "link").mkdir()
    (laptop.path / "link/nucliactl").symlink_to(COMMAND)
    assert laptop.findings(PATH=":".join((*found, f"{laptop.path}/link", laptop.environ["PATH"]))) == []


def test_a_thousand_of_a_kind_are_counted(laptop: Laptop) -> None:
    for number in range(30):
        laptop.define(f"p{number}", KB)
    found = laptop.doctor()
    assert found.out.count("has no credential") == 10 and "credentials: 20 more" in found.out
    assert laptop.doctor("-v").out.count("has no credential") == 30


def test_what_is_being_written_is_no_leftover(laptop: Laptop) -> None:
    path = laptop.store / "credentials/.nucliactl-tmp-0123456789abcdef"
    with path.open("w") as file:
        path.chmod(0o600)
        fcntl.flock(file, fcntl.LOCK_EX)
        assert laptop.findings() == []
        laptop.doctor("--fix")
        assert path.exists()


def test_a_link_in_the_place_of_a_file_is_not_followed_by_a_fix(laptop: Laptop) -> None:
    outside = laptop.path / "outside"
    outside.mkdir()
    (outside / "x.json").write_text("{}")
    (outside / "x.json").chmod(0o666)
    link("credentials/x.json", str(outside / "x.json"))(laptop)
    link("more", str(outside))(laptop)
    laptop.credential.chmod(0o644)
    laptop.doctor("--fix")
    assert stat.S_IMODE((outside / "x.json").stat().st_mode) == 0o666


@pytest.mark.parametrize("columns", [80, 120])
def test_it_fits_a_terminal_but_for_what_is_copied(laptop: Laptop, columns: int) -> None:
    for name in ("no completion", "a damaged definition", "a credential made for another address"):
        WORLDS[name].make(laptop)
    terminal = Terminal(laptop, "doctor", "--offline", "--no-color", columns=columns)
    assert terminal.close() == 1
    lines = terminal.seen.replace("\r", "").splitlines()
    assert all(len(line) <= columns for line in lines if not line.startswith(" " * 11))
    assert any(line.startswith("problem") for line in lines)


class Clockwork:
    """A service on loopback whose answer begins as it is told; what it is sent is kept."""

    def __init__(self, *headers: str, status: str = "200 OK", silent: bool = False) -> None:
        self.requests: list[bytes] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        answer = "".join(f"{line}\r\n" for line in (f"HTTP/1.1 {status}", *headers, "Content-Length: 0", ""))
        self._silent, self._answer, self._kept = silent, answer.encode(), list[socket.socket]()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                self._kept.append(connection)
                self.requests.append(connection.recv(65536))
                if not self._silent:
                    connection.sendall(self._answer)

    def close(self) -> None:
        for one in (self._server, *self._kept):
            one.close()


@pytest.fixture
def clockwork() -> Iterator[Callable[..., Clockwork]]:
    with contextlib.ExitStack() as all_of_them:

        def make(*headers: str, **options: Any) -> Clockwork:
            made = Clockwork(*headers, **options)
            all_of_them.callback(made.close)
            return made

        yield make


def online(laptop: Laptop, url: str, **variables: str) -> dict[str, tuple[str, str]]:
    """What the checks say when the active profile is a Knowledge Box there."""
    laptop.define("there", f'kind = "kb"\nurl = "{url}/api/v1/kb/x"\napi_key = "{KEY}"\n')
    found = laptop.run("doctor", "-o", "json", "--profile", "there", **variables)
    assert not [one for one in CANARIES if one in found.out + found.err], found
    return {one["check"]: (one["level"], one["sentence"]) for one in reversed(found.json["findings"])}


def at(seconds: float) -> str:
    return f"Date: {email.utils.formatdate(time.time() + seconds, usegmt=True)}"


@pytest.mark.parametrize(
    ("headers", "level", "says"),
    [
        ([0], "ok", "it agrees"),
        ([-7200], "problem", "This machine's clock is 2 hours ahead of that of 127.0.0.1"),
        ([3 * 86400], "problem", "3 days behind that of 127.0.0.1"),
        ([-7200, "Age: 7200"], "ok", "it agrees"),
        ([], "skipped", "did not say what time it is"),
        (["Date: yesterday"], "skipped", "did not say what time it is"),
        (["Date: Thu, 01 Jan 99999 00:00:00 GMT", "Age: x"], "skipped", "did not say"),
    ],
)
def test_the_clock_is_compared_with_the_services(
    laptop: Laptop, clockwork: Callable[..., Clockwork], headers: list[str | int], level: str, says: str
) -> None:
    said = [at(one) if isinstance(one, int) else one for one in headers]
    server = clockwork(*said, status="401 Unauthorized")
    found = online(laptop, server.url)
    assert found["clock"][0] == level and says in found["clock"][1], found
    assert found["service"] == ("ok", "127.0.0.1 answers")
    [request] = server.requests
    assert request.startswith(b"GET / HTTP/1.1") and KEY.encode() not in request
    assert not {b"authorization", b"x-nuclia"} & set(request.lower().replace(b"-service", b"\n").split())


def test_who_does_not_answer_is_not_waited_for(laptop: Laptop, clockwork: Callable[..., Clockwork]) -> None:
    found = online(laptop, clockwork(silent=True).url)
    assert found["service"] == ("note", "127.0.0.1 did not answer within 5 seconds.")
    assert found["clock"][0] == "skipped"


def test_without_a_network_all_else_is_checked_and_nothing_is_a_fault(laptop: Laptop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    found = online(laptop, f"http://127.0.0.1:{port}")
    assert found["service"][0] == "note" and "cannot be reached" in found["service"][1]
    assert "problem" not in {level for level, _ in found.values()}


def test_a_proxy_that_is_not_there_and_tls_that_is_none_are_faults(
    laptop: Laptop, clockwork: Callable[..., Clockwork]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    away = "https://europe-1.dp.progress.cloud"
    found = online(laptop, away, HTTPS_PROXY=f"http://me:canary-password@127.0.0.1:{port}")
    assert found["service"][0] == "problem" and "The proxy of HTTPS_PROXY" in found["service"][1]
    assert found["proxies"] == ("ok", "by HTTPS_PROXY")
    found = online(laptop, clockwork(at(0)).url.replace("http:", "https:"))
    assert found["service"][0] == "problem" and "TLS" in found["service"][1]


def test_the_keyring_is_asked_where_something_belongs_there_and_nothing_else_is(
    laptop: Laptop, keyring: Desktop
) -> None:
    laptop.environ.update(keyring.variables)
    assert laptop.run("profile", "set", "handbook", "storage=keyring").code == 0
    assert laptop.findings() == []
    laptop.definition.rename(laptop.path / "away")
    [found] = [one for one in laptop.findings() if one["check"] == "orphans"]
    assert "the keyring (~/.config/nucliactl/handbook) serves no profile" in found["sentence"]
    (laptop.path / "away").rename(laptop.definition)
    absent = {"DBUS_SESSION_BUS_ADDRESS": "", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
    [found] = [one for one in laptop.findings(**absent) if one["check"] == "keyring"]
    assert found["level"] == "problem"
    assert found["sentence"] == "The credentials of handbook are in the keyring, and there is none here."
    (laptop.store / "config.toml").write_text('storage = "keyring"\n')
    assert laptop.run("profile", "set", "handbook", "storage=file").code == 0
    assert laptop.findings() == []
    [found] = laptop.findings(**absent)
    assert found["sentence"] == "New credentials belong in the keyring, and there is none here."
