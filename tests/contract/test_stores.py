"""What every back end of the store keeps to: a credential is there whole, or not at all.

A new place is one class beside `Files` here, and its line in BACKENDS."""

import json
import os
import signal
import tempfile
import threading
from pathlib import Path

import keyring
import pytest
from desktop import Desktop
from support import Home

from nucliactl.disk.atomic import Batch
from nucliactl.errors import Damaged, Newer, Refused
from nucliactl.model.words import StoreName
from nucliactl.secret import Secret
from nucliactl.store.credentials import Credential, credential_names
from nucliactl.store.keeping import Keep, keep_in
from nucliactl.store.keyrings import SERVICE
from nucliactl.store.layout import Store

ORIGIN = "https://europe-1.dp.progress.cloud"
ODD = ["1e5", "true", "${HOME}", '"q"', "a # b", "null", "x" * 16000, "\\n", "{{x}}", "é", " "]


class Backend:
    """How this suite uses a place for credentials. `program` defines `put(name, secret)` and `get(name)` for another
    process, which may die at each call named in `calls`."""

    storage: StoreName
    calls = ("write", "fsync", "rename", "replace")
    rounds = 20

    def __init__(self, home: Home) -> None:
        self.store = Store(str(home.store), named=False)  # a named one may belong to anybody

    @property
    def program(self) -> str:
        return f"""
import os, sys
from nucliactl.disk.atomic import Batch
from nucliactl.secret import Secret
from nucliactl.store.credentials import Credential
from nucliactl.store.keeping import keep_in
from nucliactl.store.layout import Store
store = Store(os.environ["NUCLIA_CONFIG_DIR"], named=False)
def get(name):
    return keep_in(store, name, "{self.storage}").read()
def put(name, secret):
    with store.writing(), Batch() as batch:
        keep_in(store, name, "{self.storage}").put(batch, Credential("kb", ("{ORIGIN}",), Secret(secret)))
        batch.commit()
"""

    def keep(self, name: str) -> Keep:
        return keep_in(self.store, name, self.storage)

    def get(self, name: str) -> Credential | None:
        return self.keep(name).read()

    def put(self, name: str, credential: Credential) -> None:
        with self.store.writing(), Batch() as batch:
            self.keep(name).put(batch, credential)
            batch.commit()

    def delete(self, name: str) -> bool:
        there = self.keep(name).has()
        with self.store.writing(), Batch() as batch:
            self.keep(name).remove(batch)
            batch.commit()
        return there

    def move(self, name: str, to: str) -> None:
        with self.store.writing(), Batch() as batch:
            self.keep(name).move(batch, to)
            batch.commit()

    def names(self) -> list[str]:
        return credential_names(self.store)

    def raw(self) -> bytes:
        return b"".join(path.read_bytes() for path in Path(self.store.root).rglob("*") if path.is_file())

    def spoil(self, name: str, data: bytes) -> None:
        raise NotImplementedError


class Files(Backend):
    """`credentials/<name>.json`."""

    storage = "file"

    def path(self, name: str) -> Path:
        return Path(self.store.credential(name))

    def spoil(self, name: str, data: bytes) -> None:
        self.path(name).write_bytes(data)

    def give_away(self, name: str, to: int) -> None:
        for path in Path(self.store.root).rglob("*"):
            os.chown(path, 12345, 12345)
        os.chown(self.store.root, 12345, 12345)
        os.chown(self.path(name), to, 12345)

    def open_to_all(self, name: str) -> None:
        self.path(name).chmod(0o644)


class Keyring(Backend):
    """The desktop's keyring: a real gnome-keyring."""

    storage = "keyring"
    calls = ("fsync", "replace")
    rounds = 4  # a lock that is taken again at once is not fair, and each holds it for long

    def entry(self, name: str) -> tuple[str, str]:
        return SERVICE, f"{self.store.root}/{name}"

    def raw(self) -> bytes:
        found = (
            keyring.get_password(*self.entry(name)) or "" for name in ("p", "q", "a.x", "a-y", "b", "new")
        )
        return super().raw() + "".join(found).encode()

    def spoil(self, name: str, data: bytes) -> None:
        keyring.set_password(*self.entry(name), data.decode("latin-1"))


BACKENDS: list[type[Backend]] = [Files, Keyring]


def key(secret: str) -> Credential:
    return Credential("kb", (ORIGIN,), Secret(secret))


SESSION = Credential(
    "user",
    (ORIGIN, "https://*.dp.progress.cloud"),
    Secret("access"),
    1900000000,
    1800000000,
    Secret("refresh"),
    True,
)


@pytest.fixture(params=BACKENDS, ids=lambda made: made.__name__)
def backend(request: pytest.FixtureRequest, home: Home, monkeypatch: pytest.MonkeyPatch) -> Backend:
    made: Backend = request.param(home)
    if isinstance(made, Keyring):
        desktop: Desktop = request.getfixturevalue("keyring")
        for name, value in desktop.variables.items():
            monkeypatch.setenv(name, value)
        home.environ.update(desktop.variables)
    return made


class TestEveryBackend:
    @pytest.mark.parametrize(
        "credential",
        [key("k"), key("k")._replace(kind="nua", expires_at=1900000000), SESSION],
        ids=lambda c: c.kind,
    )
    def test_what_is_put_is_got_whole(self, backend: Backend, credential: Credential) -> None:
        backend.put("p", credential)
        assert backend.get("p") == credential

    def test_what_is_not_there_is_none_and_making_nothing(self, backend: Backend) -> None:
        assert backend.get("p") is None and backend.names() == []

    @pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
    def test_a_secret_stays_byte_for_byte(self, backend: Backend, text: str) -> None:
        backend.put("p", key(text))
        found = backend.get("p")
        assert found is not None and found.secret.reveal() == text

    def test_replacing_leaves_nothing_of_what_was_there(self, backend: Backend) -> None:
        backend.put("p", SESSION)
        backend.put("p", key("new"))
        assert backend.get("p") == key("new")
        assert b"refresh" not in backend.raw() and b"access" not in backend.raw()

    def test_names_are_sorted_and_deleting_takes_one_and_says_so(self, backend: Backend) -> None:
        for name in ("b", "a.x", "a-y"):
            backend.put(name, key(f"secret-of-{name}"))
        assert backend.names() == ["a-y", "a.x", "b"]
        assert backend.delete("b") is True and backend.delete("b") is False
        assert backend.names() == ["a-y", "a.x"] and backend.get("b") is None
        assert b"secret-of-b" not in backend.raw() and backend.get("a.x") == key("secret-of-a.x")

    def test_a_moved_one_stands_under_the_new_name_only(self, backend: Backend) -> None:
        backend.put("p", SESSION)
        backend.put("new", key("left-behind"))
        backend.move("p", "new")
        assert backend.get("new") == SESSION and backend.get("p") is None
        backend.move("p", "new")
        assert backend.names() == [] and b"left-behind" not in backend.raw()

    def test_what_is_remembered_is_what_another_wrote_last(self, backend: Backend) -> None:
        backend.put("p", key("old"))
        keep = backend.keep("p")
        assert keep.recent() == keep.recent() == key("old")
        backend.put("p", key("new"))
        assert keep.recent() == key("new")
        backend.delete("p")
        assert keep.recent() is None

    def test_a_writer_that_dies_leaves_the_old_or_the_new_and_the_next_one_tidies(
        self, backend: Backend, home: Home
    ) -> None:
        backend.put("p", key("old"))
        died = 0
        for call in backend.calls:
            code = f"""{backend.program}
real = os.{call}
def dies(*args, **named):
    os.kill(os.getpid(), {int(signal.SIGKILL)})
os.{call} = dies
put("p", "new-0471")
"""
            died += home.python(code).code == -signal.SIGKILL
            assert backend.get("p") in (key("old"), key("new-0471"))
            backend.put("p", key("old"))
            assert backend.get("p") == key("old") and b"new-0471" not in backend.raw()
        assert died >= 2

    def test_two_processes_lose_nothing_of_each_other(self, backend: Backend, home: Home) -> None:
        code = f"""{backend.program}
me = sys.argv[1]
for number in range({backend.rounds}):
    put("shared", me * 1000)
    put(f"{{me}}-{{number}}", me)
"""
        ends: list[int] = []
        threads = [
            threading.Thread(target=lambda me=me: ends.append(home.python(code, me).code)) for me in "ab"
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            assert backend.get("shared") in (None, key("a" * 1000), key("b" * 1000))
        assert ends == [0, 0]
        assert len(backend.names()) == 2 * backend.rounds + 1
        assert backend.get(f"a-{backend.rounds - 1}") == key("a") and backend.get("b-0") == key("b")

    @pytest.mark.parametrize("data", [b"", b"{", b"[]", b'{"version": 1}', b"\xff\xfe", b"[" * 100000])
    def test_what_is_damaged_is_said_without_its_contents_and_can_be_replaced(
        self, backend: Backend, data: bytes
    ) -> None:
        backend.put("p", key("old"))
        backend.put("q", key("other"))
        backend.spoil("p", data)
        with pytest.raises(Damaged) as caught:
            backend.get("p")
        assert caught.value.exit_code == 7 and caught.value.hint
        assert backend.get("q") == key("other") and backend.names() == ["p", "q"]
        backend.put("p", key("new"))
        assert backend.get("p") == key("new")

    def test_what_a_newer_version_wrote_is_told_as_that(self, backend: Backend) -> None:
        backend.put("p", key("old"))
        backend.spoil("p", json.dumps({"version": 99, "secret": "canary-0471"}).encode())
        with pytest.raises(Newer) as caught:
            backend.get("p")
        assert "canary" not in str(caught.value) + (caught.value.hint or "")


class TestFiles:
    """What only a file has: a mode and an owner."""

    def test_what_everybody_can_read_is_refused(self, home: Home) -> None:
        backend = Files(home)
        backend.put("p", key("canary-0471"))
        backend.open_to_all("p")
        with pytest.raises(Refused) as caught:
            backend.get("p")
        assert caught.value.exit_code == 6 and "canary" not in str(caught.value)

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file away")
    def test_what_another_user_wrote_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            Path(folder).chmod(0o755)
            home = Home(Path(folder) / "home", warm=True)  # as another user only what is imported can be read
            backend = Files(home)
            backend.put("p", key("canary-0471"))
            code = f"""{backend.program}
from nucliactl.errors import NucliactlError
os.setgid(12345), os.setuid(12345)
try:
    print(get("p").secret.reveal())
except NucliactlError as error:
    print(error.exit_code, error)
"""
            backend.give_away("p", 12345)
            assert home.python(code).out == "canary-0471\n"
            backend.give_away("p", 12346)
            backend.open_to_all("p")  # as one does who wants it to be read
            found = home.python(code)
            assert found.out.startswith("6 ") and "another user" in found.out and "canary" not in found.out, (
                found
            )
