"""A time-out is no wrong key, a NucliaDB has a header for a secret, trio is as good as asyncio."""

import json
import time

from support import Home, Recorder
from wires import Wire

BOX = b'{"uuid": "abc", "slug": "abc", "config": {"title": "T"}}'


def test_the_hint_after_a_time_out_is_about_the_time_out(home: Home) -> None:
    silent = Wire(lambda connection: connection.recv(1 << 20) and time.sleep(60))
    url = f"http://127.0.0.1:{silent.port}/api/v1/kb/abc"
    result = home.run("auth", "kb", url, "-", stdin="a" * 40, NUCLIACTL_TIMEOUT="1")
    silent.close()
    assert result.code == 5 and "did not answer within 1 seconds" in result.err, result
    assert "NUCLIACTL_TIMEOUT" in result.err and "token of a user" not in result.err


def test_a_nucliadb_has_its_header_where_others_have_a_secret(home: Home, recorder: Recorder) -> None:
    home.define("db", f'kind = "nucliadb"\nurl = "{recorder.origin}"\n')
    found = home.run("auth", "token", "--profile", "db", "-o", "json")
    assert found.code == 0 and found.json == {
        "token": None,
        "expires_at": None,
        "header": "X-NucliaDB-ROLES",
        "value": "READER;WRITER;MANAGER",
        "headers": {"X-NucliaDB-ROLES": "READER;WRITER;MANAGER"},
        "base_url": f"{recorder.origin}/api/v1",
        "origins": [recorder.origin],
    }
    plain = home.run("auth", "token", "--profile", "db")
    assert plain.code == 1 and plain.out == "" and "nucliactl auth token db -o json" in plain.err
    home.define("open", 'kind = "kb"\nurl = "https://a.example/api/v1/kb/b"\npublic = true\n')
    found = home.run("auth", "token", "--profile", "open", "-o", "json")
    assert found.code == 0 and found.json["header"] is None and found.json["headers"] == {}


def test_a_session_and_a_command_serve_a_client_under_trio(home: Home, recorder: Recorder) -> None:
    def answer(request):
        if request.path == "/oauth2/token":
            return 200, {}, b'{"access_token": "second", "refresh_token": "s", "expires_in": 1800}'
        good = {"Bearer second", "Bearer from-a-command"}
        sent = {request.headers.get("authorization"), request.headers.get("x-nuclia-serviceaccount")}
        return (200, {}, BOX) if good & sent else (401, {}, b"")

    recorder.answer = answer
    urls = "".join(f'{name} = "{recorder.origin}"\n' for name in ("global_url", "oauth_url", "zone_url"))
    home.define("me", f'kind = "user"\n{urls}')
    now, path = int(time.time()), home.store / "credentials/me.json"
    path.parent.mkdir()
    ends = {"issued_at": now, "expires_at": now + 9000, "login_required": False}
    tokens = {"access_token": "first", "refresh_token": "r"}
    path.write_text(
        json.dumps({"version": 1, "kind": "user", "origins": [recorder.origin], **tokens, **ends})
    )
    path.chmod(0o600)
    url = f'url = "{recorder.origin}/api/v1/kb/abc"'
    home.define("c", f'kind = "kb"\n{url}\napi_key_command = ["/bin/echo", "from-a-command"]\n')
    program = (
        "import trio, nucliactl\n"
        "async def main():\n"
        "    for name in ('me', 'c'):\n"
        "        async with nucliactl.async_client(name) as http:\n"
        "            print((await http.get('x')).status_code)\n"
        "trio.run(main)"
    )
    result = home.python(program)
    assert result.out == "200\n200\n", result
    assert [r.path for r in recorder.requests].count("/oauth2/token") == 1
