"""Secrets in the desktop's keyring: the installed command with a real gnome-keyring."""

import contextlib
import os
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator

import pytest
from desktop import Desktop, desktop
from support import Home, Result, Terminal

URL = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48-1111-4222-8333-944455556666"
KEY = "canary-0515"
ABSENT = {"DBUS_SESSION_BUS_ADDRESS": "", "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}
NULL = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}


@pytest.fixture
def home(home: Home, keyring: Desktop) -> Home:
    home.environ.update(keyring.variables)
    return home


def save(home: Home, name: str = "prod", *words: str, key: str = KEY, **variables: str) -> Result:
    command = ("auth", "kb", URL, "-", "--no-validate", "--name", name, *words)
    return home.run(*command, stdin=key, **variables)


def saved(home: Home, name: str = "prod", key: str = KEY) -> None:
    result = save(home, name, "--storage", "keyring", key=key)
    assert result.code == 0, result.err


def account(home: Home, name: str) -> str:
    return f"{home.store.resolve()}/{name}"


def token(home: Home, name: str = "prod", **variables: str) -> str:
    result = home.run("auth", "token", "--profile", name, **variables)
    return result.out.strip() or f"{result.code} {result.err}"


def on_disk(home: Home) -> str:
    return "".join(path.read_text() for path in home.store.rglob("*") if path.is_file())


def row(home: Home, name: str = "prod") -> dict:
    return next(one for one in home.run("list", "-o", "json").json if one["name"] == name)


class Silent:
    """A D-Bus that lets everybody in and answers no call."""

    def __init__(self, path: str) -> None:
        self.variables = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={path}"}
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(path)
        self._server.listen(200)
        self._taken: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    @property
    def calls(self) -> int:
        return len(self._taken)

    def _take(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                one = self._server.accept()[0]
                self._taken.append(one)
                one.recv(1000)  # who it is
                one.sendall(b"OK 1234deadbeef1234deadbeef12345678\r\n")

    def close(self) -> None:
        for one in (self._server, *self._taken):
            one.close()


@contextlib.contextmanager
def silent() -> Iterator[Silent]:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        found = Silent(f"{folder}/bus")
        try:
            yield found
        finally:
            found.close()


class TestWhatAProfileGoesThrough:
    def test_its_key_is_in_the_keyring_and_nowhere_else(self, home: Home, keyring: Desktop) -> None:
        saved(home)
        assert KEY not in on_disk(home) and keyring.holds(account(home, "prod"))
        assert token(home) == KEY
        assert row(home)["storage"] == "keyring" and row(home)["expires_at"] is None
        assert "the keyring" in home.run("explain").out

    def test_listing_and_switching_open_nothing(self, home: Home) -> None:
        saved(home)
        with silent() as bus:
            for words in (["list"], ["current"], ["explain"], ["use", "prod"], ["profile", "show", "prod"]):
                assert home.run(*words, **bus.variables).code == 0
            resolved = home.python("import nucliactl; print(nucliactl.resolve().name)", **bus.variables)
            assert resolved.out == "prod\n" and bus.calls == 0

    def test_it_goes_to_a_file_and_back(self, home: Home, keyring: Desktop) -> None:
        saved(home)
        assert home.run("profile", "set", "prod", "storage=file").code == 0
        assert token(home, **ABSENT) == KEY and not keyring.holds(account(home, "prod"))
        assert home.run("profile", "set", "prod", "storage=keyring").code == 0
        assert token(home) == KEY and KEY not in on_disk(home)
        assert home.run("profile", "unset", "prod", "storage").code == 0
        assert token(home, **ABSENT) == KEY

    def test_it_is_renamed_copied_logged_out_of_and_deleted(self, home: Home, keyring: Desktop) -> None:
        saved(home)
        assert home.run("profile", "rename", "prod", "p2").code == 0
        assert token(home, "p2") == KEY and not keyring.holds(account(home, "prod"))
        assert home.run("profile", "copy", "p2", "p3").code == 0
        assert home.run("auth", "logout", "p2").code == 0
        assert not keyring.holds(account(home, "p2")) and row(home, "p2")["login_needed"]
        assert token(home, "p2").startswith("4 ") and token(home, "p3") == KEY
        assert home.run("profile", "delete", "p3").code == 0
        assert not keyring.holds(account(home, "p3"))

    def test_all_are_logged_out_of_those_without_a_definition_too(self, home: Home, keyring: Desktop) -> None:
        saved(home), saved(home, "gone")
        (home.store / "profiles/gone.toml").unlink()
        assert home.run("auth", "logout", "--all").code == 0
        assert not keyring.holds(account(home, "prod")) and not keyring.holds(account(home, "gone"))

    def test_it_is_exported_imported_and_handed_to_programs(self, home: Home, keyring: Desktop) -> None:
        saved(home)
        exported = home.run("profile", "export", "prod", "--with-secrets").out
        assert KEY in exported and 'storage = "keyring"' in exported
        assert home.run("profile", "delete", "prod").code == 0
        assert home.run("profile", "import", "-", stdin=exported).code == 0
        assert token(home) == KEY and KEY not in on_disk(home)
        assert (
            home.run("run", "--profile", "prod", "--", "sh", "-c", "echo $NUCLIA_API_KEY").out == f"{KEY}\n"
        )

    def test_a_default_is_for_new_logins_and_a_file_stays_where_it_is_wanted(self, home: Home) -> None:
        assert save(home, "old").code == 0
        (home.store / "config.toml").write_text('storage = "keyring"\n')
        assert save(home, "new").code == 0 and save(home, "third", "--storage", "file").code == 0
        assert [row(home, name)["storage"] for name in ("old", "new", "third")] == ["file", "keyring", "file"]
        assert save(home, "old", key="again").code == 0 and save(home, "third", key="again").code == 0
        assert [row(home, name)["storage"] for name in ("old", "third")] == ["keyring", "file"]
        assert token(home, "old") == token(home, "third") == "again"
        assert not (home.store / "credentials/old.json").exists()

    def test_one_that_lies_in_the_other_place_is_told_and_moved(self, home: Home) -> None:
        assert save(home).code == 0
        with (home.store / "profiles/prod.toml").open("a") as file:
            file.write('storage = "keyring"\n')
        result = home.run("auth", "token")
        assert result.code == 4 and "nucliactl profile set prod storage=keyring" in result.err
        assert home.run("profile", "set", "prod", "storage=keyring").code == 0
        assert token(home) == KEY and KEY not in on_disk(home)

    def test_a_copied_store_has_no_access_to_it(self, home: Home) -> None:
        saved(home)
        other = home.path / "other"
        assert home.program("cp", "-r", str(home.store), str(other)).code == 0
        assert token(home, NUCLIA_CONFIG_DIR=str(other)).startswith("4 ")
        link = home.path / "link"
        link.symlink_to(home.store)
        assert token(home, NUCLIA_CONFIG_DIR=str(link)) == KEY


class TestWhatStandsInTheWay:
    """One sentence, at once, and nothing is changed."""

    @pytest.fixture(
        params=[
            "silent",
            "locked",
            *(pytest.param(one, marks=pytest.mark.torture) for one in ("absent", "null", "dead", "unknown")),
        ]
    )
    def trouble(self, request: pytest.FixtureRequest, keyring: Desktop) -> Iterator[dict[str, str]]:
        with contextlib.ExitStack() as stack:
            if request.param == "silent":
                yield stack.enter_context(silent()).variables
            elif request.param in ("locked", "dead"):
                own = stack.enter_context(desktop())
                own.lock() if request.param == "locked" else own.kill()
                yield dict(own.variables)
            else:
                word = {"absent": "fail.Keyring", "null": "null.Keyring", "unknown": "no.such"}[request.param]
                yield {"PYTHON_KEYRING_BACKEND": f"keyring.backends.{word}"}

    def test_before_a_key_is_asked_for(self, home: Home, trouble: dict[str, str]) -> None:
        home.environ.update(trouble)
        terminal = Terminal(home, "auth", "kb", URL, "--storage", "keyring", "--name", "prod")
        terminal.expect("belongs in the keyring, and ")
        terminal.expect("--storage file")
        assert terminal.close() == 1
        assert "API key" not in terminal.seen and not (home.store / "profiles/prod.toml").exists()

    def test_before_a_browser_opens(self, home: Home, trouble: dict[str, str]) -> None:
        browser = f"touch {home.path}/opened"
        result = home.run("auth", "login", "--storage", "keyring", BROWSER=browser, **trouble)
        assert result.code == 1 and "belongs in the keyring, and " in result.err
        assert "open" not in result.err.replace("open its password manager", "").replace(
            "cannot be opened", ""
        )
        assert not (home.path / "opened").exists() and not (home.store / "profiles").exists()

    def test_a_choice_is_never_made_weaker(self, home: Home, trouble: dict[str, str]) -> None:
        home.store.mkdir()
        (home.store / "config.toml").write_text('storage = "keyring"\n')
        result = save(home, **trouble)
        assert result.code == 1 and KEY not in on_disk(home) and not (home.store / "profiles").exists()
        assert save(home, "other", "--storage", "file", **trouble).code == 0

    def test_where_the_secret_is_used_changed_or_forgotten(self, home: Home, trouble: dict[str, str]) -> None:
        saved(home)
        before = home.files()
        for words in (
            ["auth", "token"],
            ["auth", "logout"],
            ["api", "GET", "/"],
            ["run", "--", "true"],
            ["profile", "set", "prod", "storage=file"],
            ["profile", "rename", "prod", "p2"],
            ["profile", "copy", "prod", "p2"],
            ["profile", "delete", "prod"],
            ["profile", "export", "prod", "--with-secrets"],
        ):
            result = home.run(*words, **trouble)
            assert (result.code, result.out) == (1, ""), (words, result)
            assert "'prod' belongs in the keyring, and " in result.err and "Traceback" not in result.err
        after = home.files()
        assert {k: v for k, v in after.items() if "locks" not in k} == {
            k: v for k, v in before.items() if "locks" not in k
        }
        assert token(home) == KEY
        assert "unchecked" in home.run("auth", "status", "--profile", "prod", **trouble).out

    def test_a_way_out_remains(self, home: Home, trouble: dict[str, str]) -> None:
        saved(home), saved(home, "p2")
        result = save(home, "prod", "--storage", "file", key="new", **trouble)
        assert result.code == 0 and "What it has stays there" in result.err
        assert token(home, **trouble) == "new"
        result = home.run("profile", "delete", "p2", "--force", **trouble)
        assert result.code == 0 and "What it has stays there" in result.err
        assert row(home)["storage"] == "file"


def test_a_plain_file_is_refused_and_one_that_asks_on_the_terminal(home: Home) -> None:
    """keyrings.alt and keyrings.cryptfile where they are installed; here packages that look like them."""
    package = home.path / "site/keyrings/alt"
    package.mkdir(parents=True)
    (package / "file.py").write_text(
        "import keyring.backend\n"
        "class PlaintextKeyring(keyring.backend.KeyringBackend):\n"
        "    priority = 5\n"
        "    def get_password(self, *_): raise AssertionError\n"
        "    set_password = delete_password = get_password\n"
    )
    (home.path / "site/cryptfile.py").write_text(
        "import keyring.backend\n"
        "class Keyring(keyring.backend.KeyringBackend):\n"
        "    priority, keyring_key, _keyring_key = 5, None, None\n"
        "    def get_password(self, *_): raise AssertionError\n"
        "    set_password = delete_password = get_password\n"
    )
    plain = {
        "PYTHONPATH": str(home.path / "site"),
        "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
    }
    result = save(home, "prod", "--storage", "keyring", **plain)
    assert (
        result.code == 6 and "keyrings.alt.file.PlaintextKeyring keeps secrets in a plain file" in result.err
    )
    saved(home)
    assert token(home, **plain).startswith("6 ")
    asking = {**plain, "PYTHON_KEYRING_BACKEND": "cryptfile.Keyring"}
    assert "cryptfile.Keyring would ask for its password" in token(home, **asking)


def test_what_is_not_read_back_was_not_kept(home: Home) -> None:
    (home.path / "site").mkdir()
    (home.path / "site/forgetful.py").write_text(
        "import keyring.backend\n"
        "class Keyring(keyring.backend.KeyringBackend):\n"
        "    priority = 5\n"
        "    def get_password(self, *_): return None\n"
        "    set_password = delete_password = get_password\n"
    )
    forgetful = {"PYTHONPATH": str(home.path / "site"), "PYTHON_KEYRING_BACKEND": "forgetful.Keyring"}
    result = save(home, "prod", "--storage", "keyring", **forgetful)
    assert result.code == 1 and "forgetful.Keyring did not keep it" in result.err
    assert not (home.store / "profiles/prod.toml").exists()


@pytest.mark.G11
def test_several_profiles_wait_once_for_a_keyring_that_hangs(home: Home) -> None:
    for number in range(6):
        saved(home, f"p{number}")
    with silent() as bus:
        began = time.monotonic()
        result = home.run("auth", "status", "--all", **bus.variables)
        assert result.out.count("unchecked") == 6 and bus.calls == 1
        assert time.monotonic() - began > 3


SLOW = """
import time, keyring.backend
class Busy(keyring.backend.KeyringBackend):
    priority = 5
    def get_password(self, *_):
        while time.thread_time() < 4: pass
    set_password = delete_password = get_password
class Asleep(Busy):
    def get_password(self, *_): time.sleep(8)
"""


@pytest.mark.parametrize(
    ("name", "said"), [("Busy", "has no credential"), ("Asleep", "did not answer within 3 seconds")]
)
def test_waiting_is_counted_and_working_is_not(home: Home, name: str, said: str) -> None:
    saved(home)
    (home.path / "site").mkdir()
    (home.path / "site/slow.py").write_text(SLOW)
    found = token(home, PYTHONPATH=str(home.path / "site"), PYTHON_KEYRING_BACKEND=f"slow.{name}")
    assert said in found, found


STRIDE = 1 if os.environ.get("TORTURE") else 4

DIES = """
import os, signal, sys
from nucliactl.cli.main import main
from nucliactl.store import keyrings
left = int(sys.argv.pop(1))
def one_step():
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
def dying(real):
    def call(*words, **named):
        one_step()
        found = real(*words, **named)
        one_step()
        return found
    return call
for module, name in ((os, "replace"), (os, "unlink"), (keyrings, "write"), (keyrings, "remove")):
    setattr(module, name, dying(getattr(module, name)))
sys.argv[0] = "nucliactl"
sys.exit(main())
"""


def killed_at_every_step(home: Home, *words: str) -> Iterator[int]:
    """Run a command again and again, killed some steps later each time, until it ends by itself."""
    for step in range(1, 60, STRIDE):
        if home.python(DIES, str(step), *words).code != -signal.SIGKILL:
            return
        yield step
    raise AssertionError("it never ended")


class TestKilledAtEveryStep:
    @pytest.mark.parametrize(("place", "other"), [("keyring", "file"), ("file", "keyring")])
    def test_one_of_both_places_has_it(self, home: Home, keyring: Desktop, place: str, other: str) -> None:
        assert save(home, "prod", "--storage", other).code == 0
        steps = 0
        for steps in killed_at_every_step(home, "profile", "set", "prod", f"storage={place}"):
            assert token(home) == KEY, steps
            for there in (place, other):
                assert home.run("profile", "set", "prod", f"storage={there}").code == 0
                assert token(home) == KEY and (KEY in on_disk(home)) == (there == "file")
                assert keyring.holds(account(home, "prod")) == (there == "keyring")
        assert steps > 4

    def test_a_rename_is_one_step(self, home: Home, keyring: Desktop) -> None:
        saved(home)
        steps = 0
        for steps in killed_at_every_step(home, "profile", "rename", "prod", "p2"):
            have = [name for name in ("prod", "p2") if token(home, name) == KEY]
            assert len(have) == 1, (steps, have)
            for name in ("prod", "p2"):
                home.run("profile", "delete", name)
                assert not keyring.holds(account(home, name)), steps
            saved(home)
        assert steps > 4

    def test_a_login_is_the_old_or_the_new_one(self, home: Home, keyring: Desktop) -> None:
        saved(home)
        command = ("auth", "kb", URL, "new-0515", "--no-validate", "--name", "prod")
        for step in killed_at_every_step(home, *command):
            assert token(home) in (KEY, "new-0515"), step
        assert token(home) == "new-0515"
        assert home.run("auth", "logout", "prod").code == 0 and not keyring.holds(account(home, "prod"))


AT_THE_END = """
import asyncio, threading, nucliactl
from nucliactl.errors import NucliactlError
profile, said = nucliactl.resolve("prod"), []
def ask():
    try:
        with profile.client() as http: http.get("/")
    except NucliactlError as error: said.append(str(error))
async def main():
    try:
        async with profile.async_client() as http: await http.get("/")
    except NucliactlError as error: said.append(str(error))
threads = [threading.Thread(target=ask) for _ in range(3)]
[t.start() for t in threads]; [t.join() for t in threads]
asyncio.run(main())
print(len(said), len(set(said)), said[0])
"""


def test_a_program_whose_keyring_hangs_is_told_and_ends(home: Home) -> None:
    saved(home)
    with silent() as bus:
        result = home.program(sys.executable, "-c", AT_THE_END, **bus.variables)
    assert result.code == 0 and "Traceback" not in result.err
    assert (
        result.out
        == "4 1 The credential of 'prod' belongs in the keyring, and it did not answer within 3 seconds.\n"
    )


def test_nothing_of_it_is_shown(home: Home) -> None:
    """Neither where it works nor where it does not: in a log, a repr, a pickle or the locals of a traceback."""
    code = f"""
import logging, pickle, sys, traceback, nucliactl
logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)
profile = nucliactl.resolve("prod")
provider = profile.connection().provider
provider.get()
print(repr(profile), vars(profile), pickle.dumps(profile), repr(provider), vars(provider))
import keyring
for word in sys.stdin:
    keyring.set_password("nucliactl", "{home.store}/prod", word)
    del word
    try:
        nucliactl.resolve("prod").connection().provider.get()
    except Exception as error:
        print("".join(traceback.TracebackException.from_exception(error, capture_locals=True).format()))
"""
    saved(home)
    odd = f'{{"version": 1, "kind": "kb", "secret": "{KEY}"}}\n{{"secret": "{KEY}"}}\n{{"{KEY}\n'
    result = home.python(code, stdin=odd)
    assert result.out.count("nucliactl.errors.Damaged: ") == 3, result
    assert KEY not in result.out + result.err


def test_the_package_is_named_where_it_is_missing(home: Home) -> None:
    hidden = home.path / "hidden"
    hidden.mkdir()
    (hidden / "keyring.py").write_text("raise ImportError('none')\n")
    result = save(home, "prod", "--storage", "keyring", PYTHONPATH=str(hidden))
    assert result.code == 1 and "pip install 'nucliactl[keyring]'" in result.err
