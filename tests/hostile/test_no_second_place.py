"""A secret has no second place: not in the traceback of any error, whatever failed with it in hand."""

import base64
import json

import pytest
from support import Home, Recorder

pytestmark = pytest.mark.G7
CANARY = "canary-secret-0451"
LOOK = '''
import asyncio, gc, os, sys, traceback
import httpx, nucliactl
from nucliactl import sdk

def said(error):
    """Everything a tool may show of an error: locals of every frame that is not this script's, notes,
    the request it carries, and all it came from."""
    seen, left, found = set(), [error], []
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        left += [one.__cause__, one.__context__]
        found += [repr(one), str(one), repr(vars(one))]
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if frame.f_code.co_filename != "<string>":
                found += [f"{frame.f_code.co_qualname}: {name} = {value!r}" for name, value in frame.f_locals.items()]
        request = getattr(one, "_request", None)
        if request is not None:
            found += [repr(request.headers.raw), repr(getattr(request, "_content", b""))]
    found += traceback.TracebackException.from_exception(error, capture_locals=True).format()
    return [line for line in found if "canary" in line]

def fails(work):
    try:
        work()
    except Exception as error:
        print(type(error).__name__, *said(error))
    else:
        print("nothing failed")

def fails_async(work):
    async def main():
        try:
            await work()
        except Exception as error:
            print(type(error).__name__, *said(error))
        else:
            print("nothing failed")
    asyncio.run(main())
'''


def nua(issuer: str) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"iss": issuer, "sub": "client"}).encode()).decode()
    return f"e30.{payload.rstrip('=')}.sig-{CANARY}"


def sign_in(home: Home, server: Recorder) -> None:
    """Put a session into the store whose access token has expired."""
    home.define("me", f'kind = "user"\nglobal_url = "{server.origin}"\noauth_url = "{server.origin}"\n')
    zone = "https://*.dp.progress.cloud"
    found = {"version": 1, "kind": "user", "origins": [server.origin, zone], "issued_at": 1, "expires_at": 2}
    found |= {"access_token": f"access-{CANARY}", "refresh_token": f"refresh-{CANARY}"}
    path = home.store / "credentials/me.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found))
    path.chmod(0o600)


TOKEN_ANSWERS = {
    "spent": (400, {}, b'{"error": "invalid_grant"}'),
    "refused": (403, {}, b'{"error": "access_denied", "error_description": "refresh-canary-secret-0451"}'),
    "broken": (503, {}, b"<html>"),
    "without a token": (200, {}, b'{"refresh_token": "canary-new"}'),
    "cut off": (200, {}, b'{"refresh_token": "canary-new", "access_tok'),
    "not text": (200, {}, b'\xff{"refresh_token": "canary-new"}'),
    "elsewhere": (307, {"Location": "http://127.0.0.1:1/oauth2/token"}, b""),
}


@pytest.mark.parametrize("answer", TOKEN_ANSWERS)
def test_a_refresh_that_fails_keeps_no_token_in_its_traceback(
    home: Home, recorder: Recorder, answer: str
) -> None:
    sign_in(home, recorder)
    recorder.answer = lambda _: TOKEN_ANSWERS[answer]
    found = home.python(
        LOOK
        + """
fails(lambda: nucliactl.client("me").get("user"))
fails_async(lambda: nucliactl.async_client("me").get("user"))
fails(lambda: httpx.Client(auth=nucliactl.resolve("me").auth()).get(nucliactl.resolve("me").base_url + "/user"))
fails(lambda: nucliactl.resolve("me").client().stream("GET", "user").__enter__())
"""
    )
    lines = found.out.splitlines()
    assert len(lines) == 4 and "nothing failed" not in lines, found
    assert all(len(line.split()) == 1 for line in lines), found.out


def test_a_login_that_fails_keeps_no_key_in_its_traceback(home: Home, recorder: Recorder) -> None:
    recorder.answer = lambda r: (401, {}, json.dumps({"detail": CANARY}).encode())
    nobody = "http://127.0.0.1:1"
    home.environ |= {"NUCLIA_GLOBAL_URL": recorder.origin, "NUCLIA_OAUTH_URL": recorder.origin}
    home.environ |= {"KEY": CANARY, "FOREIGN": nua("https://elsewhere.example"), "OWN": nua(nobody)}
    calls = [
        f"kb(url='{nobody}/api/v1/kb/x', token=os.environ['KEY'])",
        "kb(url='no url', token=os.environ['KEY'])",
        f"kb(url='{recorder.origin}/api/v1/kb/x', token=os.environ['KEY'] + '\\n')",
        "nua(token=os.environ['KEY'])",
        "nua(token=os.environ['FOREIGN'])",
        "nua(token=os.environ['OWN'])",
        "set_user_token(os.environ['KEY'])",
        f"agent('{nobody}', 'a', 'g', os.environ['KEY'])",
        f"validate_kb('{nobody}/api/v1/kb/x', os.environ['KEY'])",
        f"get_account_from_service_token('{nobody}', os.environ['KEY'])",
    ]
    code = LOOK + "".join(f"fails(lambda: sdk.NucliaAuth().{call})\n" for call in calls)
    code += "".join(f"fails_async(lambda: sdk.AsyncNucliaAuth().{call})\n" for call in calls)
    lines = home.python(code).out.splitlines()
    assert len(lines) == 2 * len(calls)
    for line, call in zip(lines, calls * 2, strict=True):
        assert len(line.split()) == 1 and line != "nothing failed", (call, line)


SOURCES = {
    "a half credential": {"NUCLIA_API_KEY": CANARY},
    "two spellings": {"NUCLIA_KB_URL": "https://a.example/api/v1/kb/x", "NUCLIA_API_KEY": CANARY, "NUCLIA_SERVICEACCOUNT": "canary-2"},
    "two kinds": {"NUCLIA_USER_TOKEN": CANARY, "NUCLIA_PERSONAL_TOKEN": CANARY},
    "no NUA key": {"NUCLIA_NUA_KEY": CANARY},
    "a foreign NUA key": {"NUCLIA_NUA_KEY": nua("https://elsewhere.example")},
    "a store that is no path": {"NUCLIA_API_KEY": CANARY, "NUCLIA_CONFIG_DIR": "relative"},
    "no header carries it": {"NUCLIA_KB_URL": "http://127.0.0.1:1/api/v1/kb/x", "NUCLIA_API_KEY": CANARY + "\n\x01"},
    "nobody answers": {"NUCLIA_KB_URL": "http://127.0.0.1:1/api/v1/kb/x", "NUCLIA_API_KEY": CANARY},
    "a foreign address": {"NUCLIA_KB_URL": "http://127.0.0.1:1/api/v1/kb/x", "NUCLIA_API_KEY": CANARY, "GO": "https://b.example/"},
}  # fmt: skip


@pytest.mark.parametrize("source", SOURCES)
def test_what_an_environment_gets_wrong_is_said_without_its_secrets(home: Home, source: str) -> None:
    code = """
go = os.environ.get("GO", "x")
fails(lambda: nucliactl.client().get(go))
fails_async(lambda: nucliactl.async_client().get(go))
fails(lambda: httpx.Client(auth=nucliactl.resolve().auth()).get("http://127.0.0.1:1/" if go == "x" else go))
"""
    found = home.python(LOOK + code, **SOURCES[source])
    lines = found.out.splitlines()
    assert len(lines) == 3 and "nothing failed" not in lines, found
    assert all(len(line.split()) == 1 for line in lines), found.out


@pytest.mark.parametrize(
    "printed",
    [
        f'{{"token": "{CANARY}", "expires_at": 1}}',
        f'{{"token": "{CANARY}"',
        f'{{"tokens": "{CANARY}"}}',
        f"{CANARY}\\n{CANARY}",
        f"\\377{CANARY}",
    ],
)
def test_what_a_command_prints_amiss_is_in_no_traceback(home: Home, printed: str) -> None:
    (home.path / "printed").write_text(printed)
    home.define(
        "p",
        f'kind = "kb"\nurl = "http://127.0.0.1:1/api/v1/kb/x"\n'
        f'api_key_command = ["sh", "-c", "printf \\"$(cat {home.path}/printed)\\""]\n',
    )
    code = 'fails(lambda: nucliactl.client("p").get("x"))\nfails_async(lambda: nucliactl.async_client("p").get("x"))\n'
    lines = home.python(LOOK + code).out.splitlines()
    assert lines == ["LoginNeeded"] * 2, lines


def test_a_damaged_credential_is_in_no_traceback(home: Home) -> None:
    home.define("p", 'kind = "kb"\nurl = "http://127.0.0.1:1/api/v1/kb/x"\n')
    path = home.store / "credentials/p.json"
    path.parent.mkdir()
    for text in (f'{{"secret": "{CANARY}"', f'{{"version": 1, "secret": "{CANARY}"}}', f'["{CANARY}"]'):
        path.write_text(text)
        path.chmod(0o600)
        assert home.python(LOOK + 'fails(lambda: nucliactl.client("p").get("x"))').out == "Damaged\n"
    home.define("p", f'kind = "kb"\nurl = "http://127.0.0.1:1/api/v1/kb/x"\napi_key = "{CANARY}"\nx = [')
    assert home.python(LOOK + 'fails(lambda: nucliactl.resolve("p"))').out == "Damaged\n"
    (home.work / ".env").write_text(f'NUCLIA_API_KEY={CANARY}\nNUCLIA_KB_URL="\n')
    assert home.python(LOOK + "fails(lambda: nucliactl.resolve())").out == "Damaged\n"


@pytest.mark.parametrize(
    "answer", ["drops the connection", "redirects in a circle", "refuses after a redirect"]
)
def test_a_client_of_ones_own_that_fails_keeps_no_key_either(
    home: Home, recorder: Recorder, answer: str
) -> None:
    """Its requests, those of redirects and those of the frames below it, hold headers, not only text."""

    def at_last(request: object) -> tuple[int, dict[str, str], bytes]:
        path = getattr(request, "path", "")
        if answer == "drops the connection":
            return 200, {"Content-Length": "100"}, b"{"
        if answer == "refuses after a redirect" and path.endswith("/there"):
            return 403, {}, b"{}"
        return 302, {"Location": "/there"}, b""

    recorder.answer = at_last
    url = f"{recorder.origin}/api/v1/kb/x"
    code = """
def headers_of(error):
    for frame, _ in traceback.walk_tb(error.__traceback__):
        for value in frame.f_locals.values():
            for one in (value, *(getattr(value, "history", None) or ()), getattr(value, "request", None)):
                found = getattr(one, "headers", None)
                yield getattr(found, "raw", found)

def hold(error):
    left = list(filter(None, (error, error.__cause__, error.__context__)))
    return [str(h) for e in left for h in headers_of(e) if "canary" in str(h)]

said_before = said
def said(error):
    return said_before(error) + hold(error)

def work():
    with httpx.Client(auth=nucliactl.resolve().auth(), follow_redirects=True) as http:
        http.get("URL").raise_for_status()

async def work_async():
    async with httpx.AsyncClient(auth=nucliactl.resolve().auth(), follow_redirects=True) as http:
        (await http.get("URL")).raise_for_status()

fails(work)
fails_async(work_async)
""".replace("URL", url)
    found = home.python(LOOK + code, NUCLIA_KB_URL=url, NUCLIA_API_KEY=CANARY)
    lines = found.out.splitlines()
    assert len(lines) == 2 and "nothing failed" not in lines, found
    assert all(len(line.split()) == 1 for line in lines), found.out
