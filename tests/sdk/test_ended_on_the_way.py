"""A session whose token ends between being handed out and being looked at, perhaps more than once."""

import json

import pytest
from support import Home, Recorder, Request

ASKING = """
import asyncio, sys, nucliactl
async def main():
    async with nucliactl.async_client("ann") as http: return await http.post("user/welcome", content=b"body")
if sys.argv[1] == "async": answer = asyncio.run(main())
else:
    with nucliactl.client("ann") as http: answer = http.post("user/welcome", content=b"body")
print(answer.status_code)
"""


def lives(home: Home, recorder: Recorder, number: int) -> None:
    """Store the session as another process would that has renewed it."""
    path = home.store / "credentials/ann.json"
    held = json.loads(path.read_text())
    fresh = {"access_token": f"at-{number}", "issued_at": 4_000_000_000, "expires_at": 4_000_001_800}
    new = path.with_name("new")
    new.write_text(json.dumps({**held, **fresh}))
    new.chmod(0o600)
    new.replace(path)


@pytest.mark.parametrize("how", ["sync", "async"])
@pytest.mark.parametrize(("ended", "status"), [(1, 200), (3, 200), (100, 401)])
def test_a_request_is_repeated_while_its_tokens_end_on_their_way(
    home: Home, recorder: Recorder, how: str, ended: int, status: int
) -> None:
    home.ended_session(recorder.origin)
    lives(home, recorder, 0)

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        number = int(request.headers["authorization"].partition("at-")[2])
        lives(home, recorder, number + 1)
        return 401 if number < ended else 200, {}, b"{}"

    recorder.answer = answer
    assert home.python(ASKING, how).out == f"{status}\n"
    sent = [request.headers["authorization"] for request in recorder.requests]
    assert sent == [f"Bearer at-{number}" for number in range(min(ended, 4) + 1)]
    assert {request.body for request in recorder.requests} == {b"body"}


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_server_that_refuses_each_token_is_asked_for_one(home: Home, recorder: Recorder, how: str) -> None:
    home.ended_session(recorder.origin)
    lives(home, recorder, 0)
    fresh = {"access_token": "at-1", "refresh_token": "r2", "expires_in": 1800}
    recorder.answer = lambda r: (
        (200, {}, json.dumps(fresh).encode()) if r.path == "/oauth2/token" else (401, {}, b"{}")
    )
    assert home.python(ASKING, how).out == "401\n"
    sent = [(r.path == "/oauth2/token", r.headers.get("authorization")) for r in recorder.requests]
    assert sent == [(False, "Bearer at-0"), (True, None), (False, "Bearer at-1")]


def test_what_led_on_to_another_page_is_not_sent_again(home: Home, recorder: Recorder) -> None:
    home.ended_session(recorder.origin)
    lives(home, recorder, 0)

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        lives(home, recorder, 1)
        return (303, {"Location": "/done"}, b"") if request.body else (401, {}, b"{}")

    recorder.answer = answer
    for how in ("sync", "async"):
        lives(home, recorder, 0)
        assert home.python(ASKING.replace('b"body"', 'b"body", follow_redirects=True'), how).out == "401\n"
    assert [(r.method, r.body) for r in recorder.requests] == [("POST", b"body"), ("GET", b"")] * 2
