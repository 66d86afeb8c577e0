"""What the official documentation shows for keys, typed as written there with `nuclia` replaced; and the official
client's defects, each as a test that its behaviour fails."""

import base64
import json
import sys

import pytest
from support import REPO, Home, Recorder

pytestmark = pytest.mark.once
PLACES = {
    "[KB_URL]": "SANDBOX_KB_URL",
    "[API_KEY]": "SANDBOX_KB_KEY",
    "[NUA_KEY]": "SANDBOX_NUA_KEY",
    "[USER_TOKEN]": "SANDBOX_USER_TOKEN",
    "[NUCLIADB_URL]": "SANDBOX_NUCLIADB_URL",
    "[LOCAL_KB_URL]": "SANDBOX_LOCAL_KB_URL",
    "[ZONE]": "SANDBOX_AGENT_ZONE",
    "[ACCOUNT]": "SANDBOX_AGENT_ACCOUNT",
    "[AGENT]": "SANDBOX_AGENT_ID",
    "[AGENT_KEY]": "SANDBOX_AGENT_KEY",
}


def filled(line: str, home: Home) -> str:
    for place, variable in PLACES.items():
        line = line.replace(place, home.environ[variable])
    return line.replace("[KBID]", home.environ["SANDBOX_KB_URL"].rsplit("/", 1)[1])


@pytest.mark.parametrize(
    "line",
    [
        "nuclia auth kb [KB_URL] [API_KEY]",
        "nuclia auth kb [KB_URL] --token [API_KEY]",
        "nuclia auth kb --url=[KB_URL] --token=[API_KEY]",
        "nuclia auth kb [LOCAL_KB_URL]",
        "nuclia auth nua [NUA_KEY]",
        "nuclia auth nua --token=[NUA_KEY]",
        "nuclia auth nua europe-1 [NUA_KEY]",
        "nuclia auth nua --key [NUA_KEY]",
        "nuclia auth nua [NUA_KEY] --origin=[NUCLIADB_URL]",
        "nuclia auth nucliadb [NUCLIADB_URL]",
        "nuclia auth nucliadb --url=[NUCLIADB_URL]",
        "nuclia auth set_user_token [USER_TOKEN]",
        "nuclia auth set_user_token --code=[USER_TOKEN]",
        "nuclia auth kb [KB_URL] [API_KEY] && nuclia auth show",
        "nuclia auth nua [NUA_KEY] && nuclia auth nuas",
        "nuclia auth set_user_token [USER_TOKEN] && nuclia auth logout",
        "nuclia auth login && nuclia auth show",
        'nuclia auth login && nuclia auth create_personal_token "My token" 30',
        'nuclia auth login && nuclia auth create_personal_token --description "My token" --days 30 --login',
        "nuclia auth login && nuclia auth list_personal_tokens",
        "nuclia auth kb [KB_URL] [API_KEY] && nuclia auth create_ephemeral_token [KBID]",
        "nuclia auth agent [ZONE] [ACCOUNT] [AGENT] [AGENT_KEY]",
        "nuclia auth agent --region=[ZONE] --account_id=[ACCOUNT] --agent_id=[AGENT] --token=[AGENT_KEY]",
        "nuclia auth login && nuclia accounts list && nuclia zones list && nuclia kbs list && nuclia agents list",
        "nuclia auth login && nuclia accounts default acme && nuclia zones default europe-1",
        "nuclia auth kb [KB_URL] [API_KEY] && nuclia kbs default [KBID]",
        "nuclia auth nua [NUA_KEY] && nuclia auth list_nuas",
    ],
)
@pytest.mark.usefixtures("callback_ports")
def test_a_documented_command_works_as_written(person: Home, line: str) -> None:
    person.environ["BROWSER"] = f"{sys.executable} -m nucliactl.sandbox.visitor %s"
    line = line.replace("nuclia ", "nucliactl ")
    result = person.shell(filled(line, person))
    assert result.code == 0, result.err
    assert "Traceback" not in result.err


@pytest.mark.parametrize(
    ("line", "printed"),
    [
        ('sdk.NucliaAuth().kb(url="[KB_URL]", token="[API_KEY]")', "KB"),
        ('sdk.NucliaAuth().kb(url="[LOCAL_KB_URL]")', "LOCAL"),
        ('sdk.NucliaAuth().nua(token="[NUA_KEY]")', None),
        ('sdk.NucliaAuth().set_user_token("[USER_TOKEN]")', "None"),
        ('sdk.NucliaAuth().nucliadb(url="[NUCLIADB_URL]")', "None"),
        ('sdk.NucliaAuth().kb("[KB_URL]", "[API_KEY]"); sdk.NucliaAuth().show()', None),
        ("sdk.NucliaAuth().logout()", "None"),
        ('await sdk.AsyncNucliaAuth().kb(url="[KB_URL]", token="[API_KEY]")', "KB"),
        ('await sdk.AsyncNucliaAuth().nua(token="[NUA_KEY]")', None),
        ("await sdk.AsyncNucliaAuth().show()", None),
        ('sdk.NucliaAuth().login(); sdk.NucliaAuth().create_personal_token(description="d", days=30)', None),
        ("sdk.NucliaAuth().login(); sdk.NucliaAuth().list_personal_tokens()", None),
        ("sdk.NucliaAuth().login(); [a.slug for a in sdk.NucliaAuth().accounts()]", "ACCOUNTS"),
        (
            'sdk.NucliaAuth().agent(region="[ZONE]", account_id="[ACCOUNT]", agent_id="[AGENT]", token="[AGENT_KEY]")',
            None,
        ),
        ('await sdk.AsyncNucliaAuth().login(); await sdk.AsyncNucliaAuth().kbs(account="acme")', None),
    ],
)
@pytest.mark.usefixtures("callback_ports")
def test_a_documented_snippet_works_as_written(person: Home, line: str, printed: str | None) -> None:
    person.environ["BROWSER"] = f"{sys.executable} -m nucliactl.sandbox.visitor %s"
    *before, last = filled(line, person).split("; ")
    body = "\n    ".join([*before, f"print({last})"])
    code = f"import asyncio\nfrom nucliactl import sdk\nasync def main():\n    {body}\nasyncio.run(main())\n"
    result = person.python(code)
    assert result.code == 0, result.err
    wanted = {
        "KB": person.environ["SANDBOX_KB_URL"].rsplit("/", 1)[1],
        "LOCAL": person.environ["SANDBOX_LOCAL_KB_URL"].rsplit("/", 1)[1],
        "None": "None",
        "ACCOUNTS": "['acme', 'globex']",
    }
    assert printed is None or result.out.strip() == wanted[printed]


def test_a_users_token_never_goes_to_a_look_alike_or_in_clear(person: Home, sink: Recorder) -> None:
    person.run("auth", "set_user_token", "-", stdin=person.environ["SANDBOX_USER_TOKEN"])
    for url in ("https://progress.cloud.evil.example/api/v1/kb/x", f"{sink.origin}/api/v1/kb/x"):
        person.run("auth", "kb", url)
        code = f"import nucliactl; nucliactl.client(kind='user').get({url!r})"
        assert "Refused" in person.python(code).err
    assert [r for r in sink.requests if "authorization" in r.headers] == []


def test_logging_in_without_a_key_never_takes_a_stored_one_away(person: Home) -> None:
    env = person.environ
    person.run("auth", "kb", env["SANDBOX_KB_URL"], "-", stdin=env["SANDBOX_KB_KEY"])
    person.run("auth", "set_user_token", "-", stdin=env["SANDBOX_USER_TOKEN"])
    person.run("auth", "kb", "https://europe-1.dp.progress.cloud/api/v1/kb/x")
    assert person.run("auth", "token", "--profile", "handbook").out == env["SANDBOX_KB_KEY"] + "\n"


@pytest.mark.parametrize("key", ["123e4", "1_000", "true", "a,b", "None", "0x10", "[1]", "{}"])
def test_an_argument_stays_the_text_it_is(home: Home, recorder: Recorder, key: str) -> None:
    recorder.answer = lambda _: (200, {}, b'{"uuid": "x", "slug": "x"}')
    assert home.run("auth", "kb", f"{recorder.origin}/api/v1/kb/x", key).code == 0
    assert recorder.requests[0].headers["x-nuclia-serviceaccount"] == f"Bearer {key}"


@pytest.mark.real
def test_the_official_client_types_an_argument_anew(home: Home, recorder: Recorder) -> None:
    python = REPO / ".cache/nuclia/bin/python"
    if not python.exists():
        pytest.skip("the official client is not installed")
    recorder.answer = lambda _: (401, {}, b"{}")
    url = f"{recorder.origin}/api/v1/kb/x"
    code = "import sys; from nuclia.cli.run import run; sys.argv = ['nuclia', 'auth', 'kb', *sys.argv[1:]]; run()"
    theirs = home.program(str(python), "-c", code, url, "123e4")
    assert theirs.code == 0, "a rejected key ends with 0 there"
    assert recorder.requests[0].headers["x-nuclia-serviceaccount"] == "Bearer 1230000.0"
    assert home.run("auth", "kb", url, "123e4").code == 4
    assert recorder.requests[-1].headers["x-nuclia-serviceaccount"] == "Bearer 123e4"


def test_a_nua_key_is_decoded_as_base64url(home: Home, recorder: Recorder) -> None:
    payload = json.dumps({"iss": recorder.origin + "/", "sub": "c", "x": "??>>~~ÿþ"}, ensure_ascii=False)
    encoded = base64.urlsafe_b64encode(payload.encode()).decode().rstrip("=")
    assert "-" in encoded or "_" in encoded
    recorder.answer = lambda _: (200, {}, b'{"user": {"user_id": "c", "account_id": "a"}}')
    assert home.run("auth", "nua", "-", stdin=f"e30.{encoded}.sig").code == 0


def test_a_public_box_needs_no_login(person: Home) -> None:
    assert person.run("auth", "kb", person.environ["SANDBOX_PUBLIC_KB_URL"], "--public").code == 0
    assert person.run("auth", "status").code == 0


def test_no_escape_reaches_what_is_no_terminal(person: Home) -> None:
    env = person.environ
    person.run("auth", "kb", env["SANDBOX_KB_URL"], "-", stdin=env["SANDBOX_KB_KEY"])
    for words in (["list"], ["auth", "show"], ["auth", "status"], ["explain"], ["use", "nobody"], ["--help"]):
        result = person.run(*words)
        assert "\x1b" not in result.out + result.err


@pytest.mark.parametrize(
    "words",
    [
        ["kb", "[KB_URL]", "wrong"],
        ["nua", "[NUA_KEY]x"],
        ["set_user_token", "wrong"],
        ["personal_token", "wrong"],
    ],
)
def test_a_rejected_credential_is_four_and_saves_nothing(person: Home, words: list[str]) -> None:
    result = person.run("auth", *(filled(word, person) for word in words))
    assert result.code == 4 and "Nothing was saved" in result.err and person.files() == {}


def test_showing_after_a_logout_works(person: Home) -> None:
    env = person.environ
    person.run("auth", "kb", env["SANDBOX_KB_URL"], "-", stdin=env["SANDBOX_KB_KEY"])
    person.run("auth", "set_user_token", "-", stdin=env["SANDBOX_USER_TOKEN"])
    person.run("auth", "logout", "sam")
    result = person.run("auth", "show")
    assert result.code == 0 and "Staff handbook" in result.out
