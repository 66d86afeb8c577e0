"""What every provider keeps to, whatever its secret is in. A provider or a way that is not here fails."""

import contextlib
import importlib
import inspect
import json
import os
import pickle
import pkgutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, get_args

import keyring
import pytest
from desktop import Desktop
from support import Home, Recorder

import nucliactl
import nucliactl.credentials
from nucliactl.errors import NucliactlError
from nucliactl.model.words import WayName

CANARY = "canary-secret-0470"


class Case(NamedTuple):
    """A profile (None: the active one) whose secret is CANARY; how it is changed, taken away, spoilt."""

    profile: str | None
    rotate: Callable[[str], object]
    remove: Callable[[], object]
    spoil: Callable[[], object] | None
    """None: a variable is there or not."""


class Place:
    """A home that this very process is in."""

    def __init__(
        self,
        home: Home,
        server: Recorder,
        monkeypatch: pytest.MonkeyPatch,
        desktop: Callable[[], Desktop],
    ) -> None:
        self.home, self.server, self.monkeypatch, self.desktop = home, server, monkeypatch, desktop
        self.url = f"{server.origin}/api/v1/kb/x"
        self.file = home.path / "secret"
        self.file.write_text(CANARY + "\n")

    def set(self, **variables: str) -> None:
        for name, value in variables.items():
            self.monkeypatch.setenv(name, value)

    def define(self, secret: str) -> Path:
        return self.home.define("p", f'kind = "kb"\nurl = "{self.url}"\n{secret}\n')

    def in_file(self, profile: str | None) -> Case:
        def spoil() -> None:
            self.file.unlink()
            self.file.mkdir()

        return Case(profile, lambda new: self.file.write_text(new + "\n"), self.file.unlink, spoil)


def environment(place: Place) -> Case:
    place.set(NUCLIA_KB_URL=place.url, NUCLIA_API_KEY=CANARY)
    remove = lambda: place.set(NUCLIA_API_KEY="")  # noqa: E731
    return Case(None, lambda new: place.set(NUCLIA_API_KEY=new), remove, None)


def twin(place: Place) -> Case:
    place.set(NUCLIA_KB_URL=place.url, NUCLIA_API_KEY_FILE=str(place.file))
    return place.in_file(None)


def file(place: Place) -> Case:
    place.define(f'api_key_file = "{place.file}"')
    return place.in_file("p")


def inline(place: Place) -> Case:
    path = place.define(f'api_key = "{CANARY}"')
    return Case(
        "p", lambda new: place.define(f'api_key = "{new}"'), path.unlink, lambda: path.write_text("kind =")
    )


def variable(place: Place) -> Case:
    place.define('api_key_env = "MY_KEY"')
    place.set(MY_KEY=CANARY)
    return Case("p", lambda new: place.set(MY_KEY=new), lambda: place.monkeypatch.delenv("MY_KEY"), None)


def command(place: Place) -> Case:
    place.define(f'api_key_command = ["cat", "{place.file}"]')
    return place.in_file("p")


def store(place: Place) -> Case:
    made = place.home.run("auth", "kb", place.url, "-", "--no-validate", "--name", "p", stdin=CANARY)
    assert made.code == 0, made.err
    path = place.home.store / "credentials/p.json"
    rotate = lambda new: path.write_text(path.read_text().replace(CANARY, new))  # noqa: E731
    return Case("p", rotate, path.unlink, lambda: path.write_text("{"))


def in_keyring(place: Place) -> Case:
    variables = place.desktop().variables
    place.set(**variables)
    place.home.environ.update(variables)

    def save(key: str) -> None:
        words = ("auth", "kb", place.url, "-", "--no-validate", "--name", "p", "--storage", "keyring")
        result = place.home.run(*words, stdin=key)
        assert result.code == 0, result.err

    def spoil() -> None:
        keyring.set_password("nucliactl", str(place.home.store / "p"), "{" + CANARY)

    save(CANARY)
    return Case("p", save, lambda: place.home.run("auth", "logout", "p"), spoil)


def nua(place: Place) -> Case:
    """A NUA key in a file, whose issuer has to be its profile's."""
    place.home.define("p", f'kind = "nua"\nissuer = "{place.server.origin}"\nnua_key_file = "{place.file}"\n')
    place.file.write_text(signed(place.server.origin, CANARY))
    case = place.in_file("p")
    return case._replace(
        rotate=lambda new: case.rotate(signed(place.server.origin, new)),
        spoil=lambda: place.file.write_text(signed("https://other.example", CANARY)),
    )


def session(place: Place, profile: str = "me") -> Case:
    origin = place.server.origin
    place.home.define("me", f'kind = "user"\nglobal_url = "{origin}"\noauth_url = "{origin}"\n')
    path = place.home.store / "credentials/me.json"
    path.parent.mkdir(parents=True, exist_ok=True)

    origins = [origin, "https://*.dp.progress.cloud", "https://*.rag.progress.cloud"]

    def write(token: str) -> None:
        found = {"version": 1, "kind": "user", "origins": origins, "access_token": token, "expires_at": None}
        path.write_text(json.dumps(found | {"refresh_token": f"refresh-{CANARY}"}))
        path.chmod(0o600)

    write(CANARY)
    return Case(profile, write, path.unlink, lambda: path.write_text("{"))


def rider(place: Place) -> Case:
    place.home.define("p", f'kind = "kb"\nurl = "{place.url}"\nsession = "me"\n')
    return session(place, "p")


CASES = {
    f.__name__: f
    for f in (environment, twin, file, inline, variable, command, store, in_keyring, nua, session, rider)
}
WITHOUT_ONE = {"none", "absent"}
"""Ways in which there is no secret, and no provider."""


def signed(issuer: str, name: str) -> str:
    import base64

    payload = base64.urlsafe_b64encode(json.dumps({"iss": issuer, "sub": "c"}).encode()).decode().rstrip("=")
    return f"e30.{payload}.{name}"


@pytest.fixture
def place(
    home: Home, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Place]:
    for name in list(os.environ):
        if name.startswith(("NUCLIA", "NUA_", "ARAG_")):
            monkeypatch.delenv(name)
    for name, value in home.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(home.work)
    nucliactl.reset()
    yield Place(home, recorder, monkeypatch, lambda: request.getfixturevalue("keyring"))
    nucliactl.reset()


def provider_of(case: Case) -> Any:
    provider = nucliactl.resolve(case.profile).connection().provider
    assert provider is not None
    return provider


def shown(secret: Any) -> str:
    """The secret; of a NUA key the part that differs."""
    return str(secret.reveal().rpartition(".")[2])


def everything_in(thing: object) -> str:
    """What printing, logging or a debugger would show of it."""
    kept = {name: value for name, value in vars(thing).items() if value is not os.environ}
    parts = [repr(thing), str(thing), repr(kept)]
    with contextlib.suppress(TypeError, AttributeError, pickle.PicklingError):
        parts.append(repr(pickle.dumps(thing)))
    return "".join(parts)


@pytest.mark.parametrize("made", CASES.values(), ids=CASES)
class TestEveryProvider:
    def test_gives_the_secret_each_time_it_is_asked(self, place: Place, made) -> None:
        provider = provider_of(made(place))
        assert [shown(provider.get()) for _ in range(3)] == [CANARY] * 3
        assert isinstance(provider.where, str) and provider.where
        assert isinstance(provider.slow, bool) and isinstance(provider.renewable, bool)

    def test_gives_another_where_it_was_rotated_and_told_that_the_old_one_was_refused(
        self, place: Place, made
    ) -> None:
        case = made(place)
        provider = provider_of(case)
        old = provider.get()
        time.sleep(0.02)  # a file system's clock ticks every 4 ms
        case.rotate("rotated-0470")
        assert provider.rejected(old) is True
        assert shown(provider.get()) == "rotated-0470"

    def test_says_that_nothing_else_will_come_where_nothing_changed(self, place: Place, made) -> None:
        place.server.answer = lambda request: (
            400,
            {"content-type": "application/json"},
            b'{"error": "invalid_grant"}',
        )
        provider = provider_of(made(place))
        secret = provider.get()
        asked_again = made is command  # it may print another
        try:
            assert provider.rejected(secret) is asked_again
        except NucliactlError as error:  # a session that cannot be renewed is told so
            assert provider.renewable and error.exit_code == 4

    def test_says_what_is_missing(self, place: Place, made) -> None:
        case = made(place)
        provider = provider_of(case)
        case.remove()
        with pytest.raises(NucliactlError) as caught:
            provider.get()
            provider_of(case).get()  # what is kept of a definition is kept until it is resolved again
        assert caught.value.exit_code in (3, 4) and CANARY not in str(caught.value) + (
            caught.value.hint or ""
        )

    def test_says_what_cannot_be_read_without_showing_it(self, place: Place, made) -> None:
        case = made(place)
        provider = provider_of(case)
        time.sleep(0.02)
        (case.spoil or case.remove)()
        with pytest.raises(NucliactlError) as caught:
            provider.get()
            provider_of(case).get()
        assert caught.value.exit_code in (1, 4, 6, 7), caught.value
        assert CANARY not in str(caught.value) + (caught.value.hint or "")

    def test_shows_no_secret_and_no_copy_carries_one(self, place: Place, made) -> None:
        provider = provider_of(made(place))
        for one in (provider, *parts_of(provider)):
            assert CANARY not in everything_in(one)
        provider.get()
        for one in (provider, *parts_of(provider)):
            assert CANARY not in everything_in(one)

    def test_serves_two_threads_at_once(self, place: Place, made) -> None:
        provider = provider_of(made(place))
        gate, given = threading.Barrier(8), []

        def ask() -> None:
            gate.wait()
            given.append(shown(provider.get()))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert given == [CANARY] * 8

    @pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning")
    def test_serves_a_forked_child_and_its_parent(self, place: Place, made) -> None:
        provider = provider_of(made(place))
        provider.get()
        read, write = os.pipe()
        pid = os.fork()
        if pid == 0:
            with contextlib.suppress(BaseException):
                os.write(write, shown(provider.get()).encode())
            os._exit(0)
        os.close(write)
        with open(read, encoding="utf-8") as answer:
            assert answer.read() == CANARY
        os.waitpid(pid, 0)
        assert shown(provider.get()) == CANARY


def test_a_pipe_is_read_once_and_served_from_then_on(place: Place) -> None:
    place.file.unlink()
    os.mkfifo(place.file)
    provider = provider_of(file(place))
    writer = threading.Thread(target=place.file.write_text, args=(CANARY + "\n",))
    writer.start()
    first = provider.get()
    writer.join()
    assert shown(first) == shown(provider.get()) == CANARY
    assert provider.rejected(first) is False
    assert CANARY not in everything_in(provider)


def parts_of(provider: object) -> list[object]:
    """The providers within a provider."""
    found: list[object] = []
    for value in vars(provider).values():
        for inner in value if isinstance(value, tuple) else (value,):
            if type(inner) in providers():
                found += [inner, *parts_of(inner)]
    return found


def providers() -> set[type]:
    """The classes in `credentials/` that a provider's methods."""
    modules = pkgutil.walk_packages(nucliactl.credentials.__path__, "nucliactl.credentials.")
    classes = {
        found
        for module in modules
        for _, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        if hasattr(found, "get") and hasattr(found, "rejected")
    }
    return {found for found in classes if not inspect.isabstract(found)}


def test_no_provider_and_no_way_is_left_out(
    tmp_path: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    met: set[type] = set()
    ways: set[str] = set()
    for name, made in CASES.items():
        with monkeypatch.context() as own:
            home = Home(tmp_path / name)
            for variable_, value in home.environ.items():
                own.setenv(variable_, value)
            own.chdir(home.work)
            case = made(Place(home, recorder, own, place.desktop))
            profile = nucliactl.resolve(case.profile)
            provider = profile.connection().provider
            assert provider is not None
            provider.get()
            met |= {type(one) for one in (provider, *parts_of(provider))}
            ways.add(profile._definition.secret.way)
    assert met == providers(), "a provider in credentials/ has no case here"
    assert ways == set(get_args(WayName)) - WITHOUT_ONE, "a way of model/ways.py has no case here"
