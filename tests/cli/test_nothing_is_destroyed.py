"""What the service cannot take back: nothing is made before it can be kept, and nothing is left behind."""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from typing import Any

import pytest
from support import COMMAND, PATIENCE, Home, Recorder, Request, until

ACCOUNT, KB, CLIENT = "acc-1", "kb-1", "client-1"


def jwt(origin: str, number: int) -> str:
    parts = ({"alg": "none"}, {"iss": origin, "sub": CLIENT, "n": number})
    return (
        ".".join(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts) + ".s"
    )


class Service:
    """A service that makes keys and tokens, and knows which live."""

    def __init__(self, recorder: Recorder) -> None:
        self.origin, self.recorder, self.made = recorder.origin, recorder, 0
        self.live: dict[str, str] = {}
        self.accounts: set[str] = set()
        self.nua = jwt(self.origin, 0)
        self.at: dict[str, object] = {}
        self.failing: set[tuple[str, str]] = set()
        recorder.answer = self.answer

    def answer(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        path = request.path.partition("?")[0]
        for (method, part), action in list(self.at.items()):
            if (method, True) == (request.method, part in path):
                action()
        for method, part in self.failing:
            if method == request.method and part in path:
                return 500, {}, b"{}"
        status, found = self._answer(request.method, path)
        return status, {}, json.dumps(found).encode()

    def _answer(self, method: str, path: str) -> tuple[int, object]:
        last = path.rsplit("/", 1)[1]
        if method == "GET":
            return 200, {
                "user": {"name": "Sam", "email": "sam@example.invalid", "type": "USER"},
                "accounts": [{"id": ACCOUNT, "slug": "acme"}],
                "zones": [{"id": "z", "slug": "europe-1"}],
                "kbs": [{"id": KB, "slug": "handbook", "title": "Handbook"}],
                "service_accounts": [],
            }.get(last, {"name": "Sam", "email": "sam@example.invalid"})
        if method == "DELETE":
            if "service_account/" in path:
                self.accounts.discard(last)
                self.live = {t: owner for t, owner in self.live.items() if owner != last}
            else:
                self.live = {t: i for t, i in self.live.items() if i != last}
            return 204, None
        self.made += 1
        token = f"made-{self.made}-0451-secret"
        if path.endswith("/pa_tokens"):
            self.live[token] = f"id-{self.made}"
            return 201, {"id": f"id-{self.made}", "token": token, "expires": None}
        if path.endswith("/service_accounts"):
            self.accounts.add(f"sa-{self.made}")
            return 201, {"id": f"sa-{self.made}"}
        if path.endswith("/keys"):
            self.live[token] = path.split("/")[-2]
            return 201, {"id": f"key-{self.made}", "token": token}
        self.nua = jwt(self.origin, self.made)
        return 200, {"token": self.nua}

    @property
    def changes(self) -> list[str]:
        return [f"{r.method} {r.path}" for r in self.recorder.requests if r.method != "GET"]

    @property
    def secrets(self) -> list[str]:
        return [self.nua, *self.live]


@pytest.fixture
def service(recorder: Recorder) -> Service:
    return Service(recorder)


@pytest.fixture
def sam(home: Home, service: Service) -> Home:
    """Signed in, with the service's NUA key in the store."""
    here = f'global_url = "{service.origin}"\noauth_url = "{service.origin}"\nzone_url = "{service.origin}/{{zone}}"\n'
    home.define("sam", f'kind = "user"\ntoken = "u-token-of-sam"\n{here}')
    home.define(
        "pipeline",
        f'kind = "nua"\nissuer = "{service.origin}"\naccount = "{ACCOUNT}"\nidentity = "{CLIENT}"\n',
    )
    path = home.store / "credentials/pipeline.json"
    path.parent.mkdir()
    path.write_text(
        json.dumps({"version": 1, "kind": "nua", "origins": [service.origin], "secret": service.nua})
    )
    path.chmod(0o600)
    assert home.run("use", "sam").code == 0
    return home


MAKING = {
    "rotate": ["rotate_nua_key", "pipeline"],
    "token": ["create_personal_token", "ci", "--login"],
    "key": ["create_api_key", "handbook", "--save-as", "reader"],
}
making = pytest.mark.parametrize("words", MAKING.values(), ids=MAKING)
needs_mounts = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root and unshare"
)


@needs_mounts
@pytest.mark.parametrize("state", ["full", "read-only"])
@making
def test_a_store_that_cannot_keep_it_is_found_before_anything_is_made(
    sam: Home, service: Service, words: list[str], state: str
) -> None:
    store = sam.store
    full = f"mount -t tmpfs -o size=96k tmpfs {store} && cp -a {store}-before/. {store} && dd if=/dev/zero of={store}/filling bs=1k 2>/dev/null; "
    ro = f"mount --bind {store} {store} && mount -o remount,ro,bind {store} && "
    shutil.copytree(store, f"{store}-before")
    script = (full if state == "full" else ro) + 'exec "$@"'
    result = sam.program("unshare", "-m", "sh", "-c", script, "sh", COMMAND, "auth", *words)
    assert (result.code, result.out) == (1, "") and "Nothing was changed" in result.err, result
    assert service.changes == [], "the service was asked to make something that nobody could keep"


def break_store(home: Home) -> None:
    """What no check can foresee: the credentials' directory goes while the service answers."""
    (home.store / "credentials").rename(home.store / "gone")
    (home.store / "credentials").write_text("")


@pytest.mark.parametrize(("what", "method"), [("token", "/pa_tokens"), ("key", "/keys")])
def test_what_cannot_be_kept_is_deleted_again(sam: Home, service: Service, what: str, method: str) -> None:
    service.at[("POST", method)] = lambda: break_store(sam)
    result = sam.run("auth", *MAKING[what])
    assert (result.code, result.out) == (1, "") and "was deleted again at the service" in result.err, result
    assert service.made and not service.live and not service.accounts, service.changes
    assert "0451-secret" not in result.err


@pytest.mark.parametrize(("what", "method"), [("token", "/pa_tokens"), ("key", "/keys")])
def test_what_can_be_neither_kept_nor_deleted_stands_alone_on_stdout(
    sam: Home, service: Service, what: str, method: str
) -> None:
    service.at[("POST", method)] = lambda: break_store(sam)
    service.failing.add(("DELETE", "/"))
    result = sam.run("auth", *MAKING[what])
    assert result.code == 1 and [result.out] == [f"{token}\n" for token in service.live], result
    assert "0451-secret" not in result.err and "Nothing was changed" not in result.err
    assert "could not be kept" in result.err and "nucliactl auth delete_" in result.err


def test_a_rotated_key_that_cannot_be_kept_stands_alone_on_stdout(sam: Home, service: Service) -> None:
    service.at[("PUT", "/key")] = lambda: break_store(sam)
    result = sam.run("auth", "rotate_nua_key", "pipeline")
    assert (result.code, result.out) == (1, service.nua + "\n"), result
    assert service.nua not in result.err and "Nothing was changed" not in result.err
    assert "old key is dead" in result.err and "auth nua - --name pipeline" in result.err


def test_a_service_account_without_its_key_is_deleted_again(sam: Home, service: Service) -> None:
    service.failing.add(("POST", "/keys"))
    result = sam.run("auth", "create_api_key", "handbook")
    assert result.code == 5 and result.out == "" and "Nothing is left at the service" in result.err, result
    assert not service.accounts and any("DELETE" in change for change in service.changes)


@pytest.mark.parametrize("words", [["create_personal_token", "ci"], ["create_api_key", "handbook"]])
def test_an_output_that_takes_nothing_costs_no_live_secret(
    sam: Home, service: Service, words: list[str]
) -> None:
    full = sam.program("sh", "-c", 'exec "$@" > /dev/full', "sh", COMMAND, "auth", *words)
    assert full.code == 1 and "was deleted again" in full.err and not service.live, full
    before = len(service.changes)
    closed = sam.program("sh", "-c", 'exec "$@" >&-', "sh", COMMAND, "auth", *words)
    assert closed.code == 2 and "Standard output is closed" in closed.err and len(service.changes) == before


@pytest.mark.parametrize("source", ["official", "environment", "reference"])
def test_a_key_that_others_keep_is_not_rotated_into_nothing(sam: Home, service: Service, source: str) -> None:
    variables, name = {}, "elsewhere"
    if source == "official":
        row = {"client_id": CLIENT, "region": service.origin, "account": ACCOUNT, "token": service.nua}
        (sam.path / ".nuclia").mkdir()
        (sam.path / ".nuclia/config").write_text(
            json.dumps({"nuas_token": [row], "default": {"nua": CLIENT}})
        )
        (sam.path / ".nuclia/config").chmod(0o600)
        name = "nuclia:nua"
    elif source == "environment":
        variables, name = {"NUCLIA_NUA_KEY": service.nua, "NUCLIA_PROFILE": "sam"}, "env"
    else:
        (sam.store / "nua.txt").write_text(service.nua)
        text = f'kind = "nua"\nissuer = "{service.origin}"\naccount = "{ACCOUNT}"\nidentity = "{CLIENT}"\n'
        sam.define(name, text + f'nua_key_file = "{sam.store}/nua.txt"\n')
    result = sam.run("auth", "rotate_nua_key", name, **variables)
    assert (result.code, result.out) == (2, "") and "--print" in result.err, result
    assert service.changes == [], "the key was killed, and nothing could keep the new one"
    if source == "environment":
        return  # it does not say its account
    printed = sam.run("auth", "rotate_nua_key", name, "--print", **variables)
    assert (printed.code, printed.out) == (0, service.nua + "\n") and service.nua not in printed.err, printed
    assert "pipeline" in printed.err and "holds the old key" in printed.err


def test_the_stored_key_of_a_client_is_the_one_that_is_rotated(sam: Home, service: Service) -> None:
    result = sam.run("auth", "rotate_nua_key", CLIENT, NUCLIA_NUA_KEY=service.nua, NUCLIA_PROFILE="sam")
    assert result.code == 0, result
    assert sam.run("auth", "token", "--profile", "pipeline").out == service.nua + "\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@making
def test_a_signal_waits_until_what_was_made_is_kept(
    sam: Home, service: Service, words: list[str], number: int
) -> None:
    started: list[subprocess.Popen[str]] = []

    def interrupt() -> None:
        until(lambda: bool(started), 60)
        started[0].send_signal(number)

    part = {"rotate_nua_key": ("PUT", "/key"), "create_personal_token": ("POST", "/pa_tokens")}
    service.at[part.get(words[0], ("POST", "/keys"))] = interrupt
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([COMMAND, "auth", *words], env=sam.environ, cwd=sam.work, **pipes)
    started.append(process)
    process.communicate(timeout=PATIENCE)
    assert process.returncode != 0 and service.made
    name = {"rotate_nua_key": "pipeline", "create_personal_token": "sam-ci"}.get(words[0], "reader")
    live = next(iter(service.live), service.nua)
    assert json.loads((sam.store / f"credentials/{name}.json").read_text())["secret"] == live


def test_two_at_once_under_one_name_leave_one_key(sam: Home, service: Service) -> None:
    words = [COMMAND, "auth", *MAKING["token"], "--name", "shared"]
    both = [
        subprocess.Popen(words, env=sam.environ, cwd=sam.work, stderr=subprocess.DEVNULL) for _ in range(2)
    ]
    assert sorted(process.wait(PATIENCE) for process in both) == [0, 3]
    assert [*service.live] == [sam.run("auth", "token", "--profile", "shared").out.strip()]


def test_a_token_is_named_after_its_maker_and_what_it_is_for(sam: Home, service: Service) -> None:
    for expected in ("sam-ci", "sam-ci-2"):
        assert sam.run("auth", "create_personal_token", "CI", "--login", "--profile", "sam").code == 0
        assert sam.run("current").out == f"{expected}\n"
    assert len(service.live) == 2
    for name, token in zip(("sam-ci", "sam-ci-2"), service.live, strict=True):
        assert sam.run("auth", "token", "--profile", name).out == token + "\n"


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("login", [False, True])
def test_the_sdk_leaves_no_token_that_nobody_holds(
    sam: Home, service: Service, kind: str, login: bool
) -> None:
    code = f"""
import asyncio, os, signal, sys
from nucliactl import sdk
words = dict(description="ci", login={login})
try:
    if {kind!r} == "sync":
        sdk.NucliaAuth().create_personal_token(**words)
    else:
        asyncio.run(sdk.AsyncNucliaAuth().create_personal_token(**words))
except KeyboardInterrupt:
    sys.exit(7)
"""
    started: list[subprocess.Popen[str]] = []

    def interrupt() -> None:
        until(lambda: bool(started), 60)
        started[0].send_signal(signal.SIGINT)

    service.at[("POST", "/pa_tokens")] = interrupt
    program = [sys.executable, "-c", code]
    process = subprocess.Popen(program, env=sam.environ, cwd=sam.work, stderr=subprocess.PIPE, text=True)
    started.append(process)
    _, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 7 and service.made == 1, err
    if login:
        assert [*service.live] == [sam.run("auth", "token", "--profile", "sam-ci").out.strip()]
    else:
        assert not service.live


@pytest.mark.parametrize("text", ["a\udcffb", "a\x1b[31m", "two\nlines", "x" * 300, ""])
def test_words_and_ids_that_are_none_are_said_in_one_sentence(sam: Home, service: Service, text: str) -> None:
    none_such = 1 if text.isascii() else 2  # what is no text is no id at all
    for words, code in (
        (["create_personal_token", "--description", text], 2),
        (["create_api_key", "handbook", "--title", text], 2),
        (["delete_personal_token", text or "."], none_such),
        (["delete_api_key", "handbook", text or "."], none_such),
    ):
        result = sam.run("auth", *words)
        assert result.code == code and result.out == "", (words, result)
        assert "\x1b" not in result.err and len(result.err.splitlines()) <= 2, result.err
    assert service.changes == []


UNCLEAR = {
    "broken": (500, b"{}"),
    "no JSON": (201, b"<html>"),
    "untold": (201, b"{}"),
    "sent on": (303, b""),
}


@pytest.mark.parametrize(("status", "body"), UNCLEAR.values(), ids=UNCLEAR)
@pytest.mark.parametrize(
    ("words", "step", "look"),
    [
        (MAKING["rotate"], "/key", "may be dead by now. Ask: nucliactl auth status --profile pipeline"),
        (MAKING["token"], "/pa_tokens", "Look: nucliactl auth list_personal_tokens"),
        (MAKING["key"], "/service_accounts", f"Look: nucliactl auth list_api_keys {KB}"),
    ],
    ids=MAKING,
)
def test_an_answer_that_is_none_is_not_taken_for_a_no(
    sam: Home, service: Service, words: list[str], step: str, look: str, status: int, body: bytes
) -> None:
    known = service.answer
    service.recorder.answer = lambda r: (
        (status, {"Location": "/made"}, body) if r.method != "GET" and r.path.endswith(step) else known(r)
    )
    result = sam.run("auth", *words)
    assert result.code in (5, 6) and result.out == "" and look in result.err, result
    assert "Try again later" not in result.err and "Nothing" not in result.err


def test_what_was_made_and_not_told_is_deleted_again(sam: Home, service: Service) -> None:
    known = service.answer
    service.recorder.answer = lambda r: (
        (201, {}, json.dumps({"id": 17, "token": "a\u00e9"}).encode()) if r.method == "POST" else known(r)
    )
    result = sam.run("auth", "create_personal_token", "ci")
    assert result.code == 5 and "deleted again at the service" in result.err, result
    assert service.changes[-1].endswith("/pa_token/17"), "an id may be a number"
    lost = sam.run("auth", "create_api_key", "handbook")
    assert lost.code == 5 and "Nothing is left at the service" in lost.err, lost
    assert service.changes[-1].endswith("/service_account/17")


def test_a_lost_key_whose_account_is_deleted_again_is_no_live_key(sam: Home, service: Service) -> None:
    def broken() -> None:
        raise ConnectionError

    service.at[("POST", "/keys")] = broken
    result = sam.run("auth", "create_api_key", "handbook")
    assert result.code == 5 and "Nothing is left at the service" in result.err, result
    assert "may have been made" not in result.err and not service.accounts


def test_a_token_without_an_id_is_handed_over_all_the_same(sam: Home, service: Service) -> None:
    known = service.answer
    ends = "9999-12-31T23:59:59-10:00"  # the service's never, in an offset that leads to the year 10000
    service.recorder.answer = lambda r: (
        (201, {}, json.dumps({"token": "made-0451", "expires": ends}).encode())
        if r.method == "POST"
        else known(r)
    )
    result = sam.run("auth", "create_personal_token", "ci")
    assert (result.code, result.out) == (0, "made-0451\n") and "which never ends" in result.err, result


@pytest.mark.parametrize("body", [b"null", b"", b'{"items": []}', b'"x"'])
def test_what_is_no_list_is_not_an_empty_one(sam: Home, service: Service, body: bytes) -> None:
    service.recorder.answer = lambda _: (200, {}, body)
    for words in (["accounts", "list"], ["auth", "list_personal_tokens"]):
        result = sam.run(*words)
        assert result.code == 5 and "not a list" in result.err and "there are no" not in result.err, result


def test_a_program_under_trio_makes_tokens_and_leaves_none_when_it_is_cancelled(
    sam: Home, service: Service
) -> None:
    made = sam.python(
        "import trio\nfrom nucliactl import sdk\n"
        "print(trio.run(sdk.AsyncNucliaAuth().create_personal_token, 'ci').id)"
    )
    assert made.code == 0 and made.out == "id-1\n", made
    code = """
import trio
from nucliactl import sdk
async def main():
    with trio.move_on_after(0.5) as scope:
        await sdk.AsyncNucliaAuth().create_personal_token("ci")
    print(scope.cancelled_caught)
trio.run(main)
"""
    service.at[("POST", "/pa_tokens")] = lambda: time.sleep(2)
    ended = sam.python(code)
    assert ended.out == "True\n" and list(service.live.values()) == ["id-1"], (ended, service.changes)


def test_a_session_whose_access_token_does_not_come_is_ended_again() -> None:
    from types import SimpleNamespace

    import httpx

    from nucliactl.errors import Unreachable
    from nucliactl.http.flow import Ask
    from nucliactl.secret import Secret
    from nucliactl.service.oauth import exchange

    server: Any = SimpleNamespace(definition=SimpleNamespace(oauth_url="https://oauth.example"))
    for status in (200, 500):  # whether or not the server ends it
        steps = exchange(server, Secret("code"), Secret("verifier"), "http://127.0.0.1:1/callback")
        asked = next(steps)
        assert isinstance(asked, Ask)
        asked = steps.send(httpx.Response(200, json={"refresh_token": "r-0451"}, request=asked.request))
        assert isinstance(asked, Ask) and asked.request.url.path == "/oauth2/revoke"
        ending = asked.request
        assert b"token=r-0451" in ending.content
        with pytest.raises(Unreachable, match="without an access token"):
            steps.send(httpx.Response(status, request=ending))
