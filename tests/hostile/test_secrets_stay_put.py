"""Where a secret could go astray, be lost or be shown: each case was found by somebody who tried."""

import base64
import json
import os
import shutil
import sys

import pytest
from support import COMMAND, Home, Recorder

pytestmark = pytest.mark.G7
SECRET = "canary-secret-0451"
strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


def nua(issuer: str) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"iss": issuer, "sub": "c"}).encode()).decode().rstrip("=")
    return f"e30.{payload}.sig"


def login(home: Home, url: str, secret: str, *words: str):
    return home.run("auth", "kb", url, "-", "--no-validate", *words, stdin=secret)


def test_a_trailing_dot_does_not_slip_a_key_through_a_proxy(
    home: Home, recorder: Recorder, sink: Recorder
) -> None:
    url = f"http://localhost:{recorder.port}/api/v1/kb/x"
    recorder.answer = lambda r: (307, {"Location": f"http://localhost.:{recorder.port}/api/v1/kb/x"}, b"")
    result = home.run("auth", "kb", url, "-", stdin=SECRET, HTTP_PROXY=sink.origin)
    assert result.code == 6, result
    assert sink.requests == []


def test_a_rotated_nua_key_of_another_issuer_is_not_sent(home: Home, recorder: Recorder) -> None:
    path = home.path / "nua"
    path.write_text(nua(recorder.origin))
    code = f"""
import nucliactl
http = nucliactl.client()
print(http.get("x").status_code)
open({str(path)!r}, "w").write({nua("https://europe-1.nuclia.cloud")!r})
try: http.get("x")
except nucliactl.Refused: print("refused")
"""
    assert home.python(code, NUCLIA_NUA_KEY_FILE=str(path)).out == "200\nrefused\n"
    assert len(recorder.requests) == 1


SPY = """#!/bin/sh
pid=$$
while [ "$pid" -gt 1 ]; do
    cat "/proc/$pid/cmdline" >> {argv}; cat "/proc/$pid/environ" >> {variables} 2> /dev/null
    while read -r word parent; do if [ "$word" = PPid: ]; then pid=$parent; break; fi; done < "/proc/$pid/status"
done
printf 'watched\\n' >> {argv}
"""


@pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="there is no /proc")
def test_no_process_has_a_key_among_its_arguments_nor_its_variables(home: Home) -> None:
    """Seen from each program that a command starts, up to that command: an editor, a key's program, `run`."""
    argv, variables, spy = home.path / "argv", home.path / "variables", home.path / "spy"
    spy.write_text(SPY.format(argv=argv, variables=variables))
    tells = home.path / "tells"
    tells.write_text(f"#!/bin/sh\n{spy}\ncat {home.path}/key\n")
    (home.path / "key").write_text(SECRET)
    for program in (spy, tells):
        program.chmod(0o700)
    assert login(home, "https://a.example/api/v1/kb/x", SECRET, "--name", "kept").code == 0
    box = 'kind = "kb"\nurl = "https://a.example/api/v1/kb/x"\n'
    home.define("held", f'{box}api_key = "{SECRET}"\n')
    home.define("told", f'{box}api_key_command = ["{tells}"]\n')
    assert home.process("profile", "edit", "held", EDITOR=str(spy)).code == 0
    assert home.process("auth", "token", "--profile", "told").out == f"{SECRET}\n"
    assert SECRET.encode() not in argv.read_bytes() + variables.read_bytes()
    for name in ("kept", "held", "told"):  # here the program is meant to have it, among its variables
        assert home.process("run", "--profile", name, "--", str(spy)).code == 0
    assert SECRET.encode() not in argv.read_bytes() and SECRET.encode() in variables.read_bytes()
    assert argv.read_bytes().count(b"watched") == 6


def test_two_peoples_tokens_never_overwrite_each_other(home: Home) -> None:
    for token in ("alice-token", "bob-token"):
        assert home.run("auth", "personal_token", "-", "--no-validate", stdin=token).code == 0
    found = {home.run("auth", "token", "--profile", n).out for n in ("personal-token", "personal-token-2")}
    assert found == {"alice-token\n", "bob-token\n"}
    home.define("hand", 'kind = "personal-token"\ntoken_env = "MY_PAT"\n')
    home.run("auth", "personal_token", "-", "--no-validate", stdin="carol-token")
    assert "MY_PAT" in (home.store / "profiles/hand.toml").read_text()


def test_kbs_of_one_id_under_two_prefixes_are_two(home: Home) -> None:
    for tenant in ("a", "b"):
        login(home, f"https://acme.example/{tenant}/api/v1/kb/k1", f"key-{tenant}")
    rows = {row["target"]: row["name"] for row in home.run("list", "-o", "json").json}
    for tenant in ("a", "b"):
        name = rows[f"https://acme.example/{tenant}/api/v1/kb/k1"]
        assert home.run("auth", "token", "--profile", name).out == f"key-{tenant}\n"


@strace
@pytest.mark.parametrize("force", [True, False])
def test_an_old_secret_never_meets_a_new_address_whoever_dies_when(home: Home, force: bool) -> None:
    for when in range(1, 8):
        home.environ["NUCLIA_CONFIG_DIR"] = str(home.path / f"s{when}{force}")
        login(home, "https://a.example/api/v1/kb/x", "OLD", "--name", "p")
        path = home.path / f"s{when}{force}/profiles/p.toml"
        if not force:
            path.unlink()
        words = [
            "auth",
            "kb",
            "https://a.example/api/v1/kb/other",
            "-",
            "--name",
            "p",
            "--force",
            "--no-validate",
        ]
        inject = f"inject=rename,unlink,fsync:signal=KILL:when={when}"
        home.program("strace", "-f", "-o", "/dev/null", "-e", inject, COMMAND, *words, stdin="NEW")
        token = home.run("auth", "token", "--profile", "p").out
        other = path.exists() and "/other" in path.read_text()
        assert token in ("", "NEW\n" if other else "OLD\n"), (when, token)


@strace
def test_a_full_disk_during_a_replacement_loses_no_secret(home: Home) -> None:
    login(home, "https://a.example/api/v1/kb/x", "OLD", "--name", "p")
    before = home.files()
    words = ["auth", "kb", "https://b.example/api/v1/kb/y", "-", "--name", "p", "--force", "--no-validate"]
    for when in (1, 2, 3):  # definition, credential, active
        inject = f"inject=fsync:error=ENOSPC:when={when}"
        result = home.program("strace", "-f", "-o", "/dev/null", "-e", inject, COMMAND, *words, stdin="NEW")
        assert result.code == 1 and "Nothing was changed" in result.err
        assert home.files() == before
    assert home.run("auth", "token", "--profile", "p").out == "OLD\n"


def test_a_failing_login_says_nothing_was_changed_only_if_so(home: Home) -> None:
    login(home, "https://a.example/api/v1/kb/x", "OLD", "--name", "p")
    for text in ("{", '{"version": 2, "current": null, "previous": null, "last": {}}'):
        (home.store / "active.json").write_text(text)
        before = home.files()
        assert login(home, "https://b.example/api/v1/kb/y", "NEW").code == 7
        assert home.files() == before


def test_logging_out_of_a_linked_credential_removes_the_link_and_says_what_stays(home: Home) -> None:
    login(home, "https://a.example/api/v1/kb/x", SECRET, "--name", "p")
    elsewhere = home.path / "elsewhere.json"
    (home.store / "credentials/p.json").rename(elsewhere)
    (home.store / "credentials/p.json").symlink_to(elsewhere)
    result = home.run("auth", "logout", "p")
    assert result.code == 0 and str(elsewhere) in result.err
    assert elsewhere.exists() and not os.path.lexists(home.store / "credentials/p.json")


def test_a_secret_without_a_definition_can_be_forgotten_by_name(home: Home) -> None:
    login(home, "https://a.example/api/v1/kb/x", SECRET, "--name", "p")
    (home.store / "profiles/p.toml").unlink()
    assert home.run("auth", "logout", "p").code == 0
    assert list((home.store / "credentials").iterdir()) == []


def test_too_many_redirects_and_refused_hops_carry_no_secret(
    home: Home, recorder: Recorder, sink: Recorder
) -> None:
    home.define("p", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/x"\napi_key = "{SECRET}"\n')
    code = """
import asyncio, httpx, nucliactl, traceback
def show(error):
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    text = "".join(shown.format())
    print(type(error).__name__, "canary" in text, "canary" in str(getattr(error, "_request", None) and error.request.headers.raw))
try: nucliactl.client("p", follow_redirects=True).get("loop")
except Exception as error: show(error)
async def main():
    try: await nucliactl.async_client("p", follow_redirects=True).get("loop")
    except Exception as error: show(error)
asyncio.run(main())
"""
    recorder.answer = lambda r: (302, {"Location": r.path}, b"")
    assert home.python(code).out == "TooManyRedirects False False\n" * 2


def test_what_a_server_repeats_of_a_key_is_masked(home: Home, recorder: Recorder) -> None:
    url = f"{recorder.origin}/api/v1/kb/x"
    recorder.answer = lambda _: (401, {}, json.dumps({"detail": f"bad key {SECRET}"}).encode())
    result = home.run("auth", "kb", url, "-", stdin=SECRET)
    assert result.code == 4 and "canary" not in result.err and "bad key ****" in result.err
    body = {"uuid": "x", "slug": SECRET, "config": {"title": SECRET}}
    recorder.answer = lambda _: (200, {}, json.dumps(body).encode())
    result = home.run("auth", "kb", url, "-", stdin=SECRET)
    assert result.code == 0 and "canary" not in result.err
    assert "canary" not in home.run("list").out


@pytest.mark.parametrize("variable", ["NUCLIA_API_KEY_FILE", "NUCLIA_NUA_KEY_FILE"])
def test_a_key_where_a_path_belongs_is_not_repeated(home: Home, variable: str) -> None:
    key = nua("https://x") + "canary" * 20
    variables = {"NUCLIA_KB_URL": "https://a.example/api/v1/kb/x", variable: key}
    for words in (["current"], ["explain", "-o", "json"], ["list"], ["auth", "token"]):
        result = home.run(*words, **variables)
        assert "canary" not in result.out + result.err
    for way in ("api_key_env", "api_key_file"):
        home.define("p", f'kind = "kb"\nurl = "https://a.example/api/v1/kb/x"\n{way} = "{key}"\n')
        for words in (["auth", "token"], ["explain", "-o", "json"], ["list"]):
            result = home.run(*words, "--profile", "p")
            assert "canary" not in result.out + result.err
    assert "canary" not in home.run("use", key).err


def test_an_empty_name_is_an_error_and_never_the_current_profile(home: Home) -> None:
    login(home, "https://a.example/api/v1/kb/x", SECRET, "--name", "p")
    for words in (
        ["auth", "token", "--profile", ""],
        ["auth", "logout", ""],
        ["auth", "logout", "--profile", ""],
    ):
        result = home.run(*words)
        assert (result.code, result.out) == (2, ""), words
    assert home.run("list", "--config-dir", "").code == home.run("list", "--profiles-dir", "").code == 2
    assert (
        home.python(
            "import nucliactl\ntry: nucliactl.resolve('')\nexcept nucliactl.Malformed: print('no')"
        ).out
        == "no\n"
    )
    assert home.run("auth", "token").out == SECRET + "\n"


def test_closed_streams_never_mix_notes_into_data(home: Home) -> None:
    home.define("p", f'kind = "kb"\nurl = "https://a.example/api/v1/kb/x"\napi_key = "{SECRET}"\n')
    variables = {"NUCLIA_PROFILE": "p", "NUCLIA_USER_TOKEN": "x"}
    result = home.program("sh", "-c", "nucliactl auth token 2>&-", **variables)
    assert result.out == SECRET + "\n"
    for script in (
        "nucliactl list >&-",
        "nucliactl use <&-",
        "nucliactl --help >&-",
        "nucliactl auth kb x - <&-",
    ):
        assert "Traceback" not in home.program("sh", "-c", script, **variables).err


def test_an_output_that_knows_only_ascii_gets_escapes(home: Home) -> None:
    variables = {"PYTHONIOENCODING": "ascii", "NUCLIA_ACCOUNT": "ä", "NUCLIA_USER_TOKEN": "t"}
    for words in (["--help"], ["list"], ["list", "-o", "json"], ["explain"]):
        assert home.run(*words, **variables).code == 0


@pytest.mark.parametrize(
    "variables",
    [
        {"HTTPS_PROXY": "socks5://127.0.0.1:1"},
        {"ALL_PROXY": "ftp://x"},
        {"HTTPS_PROXY": "http://[::1", "NO_PROXY": "[::1"},
        {"SSL_CERT_FILE": "/nonexistent"},
    ],
)
def test_proxy_and_certificate_variables_that_cannot_be_used_are_named(
    home: Home, variables: dict[str, str]
) -> None:
    result = home.run("auth", "kb", "https://127.0.0.1:1/api/v1/kb/x", "-", stdin="k", **variables)
    assert result.code in (2, 5) and "Traceback" not in result.err
    if result.code == 2:
        assert next(iter(variables)) in result.err


@pytest.mark.parametrize("reply", ["gzip", "endless", "redirect"])
def test_bombs_and_endless_bodies_meet_a_cap(home: Home, recorder: Recorder, reply: str) -> None:
    import gzip

    bomb = gzip.compress(gzip.compress(b"0" * 200_000_000))
    large = b"x" * 30_000_000
    recorder.answer = {
        "gzip": lambda _: (200, {"Content-Encoding": "gzip, gzip"}, bomb),
        "endless": lambda _: (200, {}, large),
        "redirect": lambda r: (302, {"Location": r.path}, large[:1_000_000]),
    }[reply]
    script = f"ulimit -v 1500000; exec {COMMAND} auth kb {recorder.origin}/api/v1/kb/x -"
    result = home.program("sh", "-c", script, stdin="k", NUCLIACTL_TIMEOUT="20")
    assert result.code == 5, result
    assert all(r.headers.get("accept-encoding") == "identity" for r in recorder.requests)


def test_a_pipe_as_a_secret_is_read_once_and_never_hangs(home: Home) -> None:
    pipe = home.path / "pipe"
    os.mkfifo(pipe)
    variables = {"NUCLIA_KB_URL": "https://a.example/api/v1/kb/x", "NUCLIA_API_KEY_FILE": str(pipe)}
    script = f"(printf 'from-a-pipe\\n' > {pipe}) & exec nucliactl auth token"
    assert home.program("sh", "-c", script, **variables).out == "from-a-pipe\n"


@pytest.mark.parametrize("account", ["a\ud800", "a" * 2_000_000, "a\x00b", True, None, {"a": 1}])
def test_odd_ids_of_a_server_never_reach_a_file(home: Home, recorder: Recorder, account: object) -> None:
    def answer(request):
        if "authorizer" in request.path:
            return 200, {}, json.dumps({"user": {"account_id": account}}).encode()
        return 200, {}, b'{"uuid": "x", "slug": "x", "config": {"title": "T"}}'

    recorder.answer = answer
    assert home.run("auth", "kb", f"{recorder.origin}/api/v1/kb/x", "-", stdin="k").code == 0
    assert "account" not in (home.store / "profiles/x.toml").read_text()
    assert home.run("auth", "token").out == "k\n"


@pytest.mark.parametrize("charset", ["hex", "rot13", "undefined", "idna", "utf-16"])
def test_an_odd_charset_of_a_nucliadb_is_no_traceback(home: Home, recorder: Recorder, charset: str) -> None:
    recorder.answer = lambda _: (200, {"Content-Type": f"text/html; charset={charset}"}, b"Nuclia")
    assert home.run("auth", "nucliadb", recorder.origin).code == 0


def test_a_secret_too_long_to_be_one_is_refused(home: Home) -> None:
    assert login(home, "https://a.example/api/v1/kb/x", "a" * 1_000_000).code == 2
    assert not (home.store / "credentials").exists()


def test_a_dangling_link_is_no_such_profile_everywhere(home: Home) -> None:
    path = home.define("p", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    home.run("use", "p")
    path.unlink()
    path.symlink_to(home.path / "nowhere")
    for words in (["current"], ["current", "-o", "json"], ["auth", "token"], ["use", "p"]):
        assert home.run(*words).code == 3, words
    assert home.run("explain", "-o", "json").json["exit_code"] == 3


def test_a_wrong_output_format_changes_nothing(home: Home) -> None:
    login(home, "https://a.example/api/v1/kb/x", "k", "--name", "p")
    before = home.files()
    for words in (["use", "p"], ["logout", "p"], ["auth", "nucliadb", "http://localhost:1", "--no-validate"]):
        assert home.run(*words, NUCLIACTL_OUTPUT="JSON").code == 2
    assert home.files() == before


def test_the_command_to_log_in_again_works_as_printed(person: Home) -> None:
    person.run("auth", "personal_token", "-", "--name", "me", stdin=person.environ["SANDBOX_PERSONAL_TOKEN"])
    person.run("auth", "logout", "me")
    urls = dict.fromkeys(("NUCLIA_GLOBAL_URL", "NUCLIA_OAUTH_URL", "NUCLIA_ZONE_URL"), "")
    hint = person.run("auth", "token", **urls).err.split("Log in again: ")[1].strip()
    result = person.program("sh", "-c", hint, stdin=person.environ["SANDBOX_PERSONAL_TOKEN"], **urls)
    assert result.code == 0 and "updated me" in result.err, result


def test_global_flags_may_stand_anywhere_and_unknown_ones_are_named(home: Home) -> None:
    assert home.run("auth", "-o", "json", "token").code == 4
    assert "There is no global option --kind" in home.run("--kind", "kb", "list").err
    assert "--profile needs a value" in home.run("--profile").err
    assert (
        "--name names the new one" in login(home, "https://a.example/api/v1/kb/x", "k", "--profile", "x").err
    )


def test_an_origin_given_at_a_later_login_is_kept(person: Home) -> None:
    key = person.environ["SANDBOX_NUA_KEY"]
    person.run("auth", "nua", "-", "--name", "n", stdin=key)
    assert person.run("auth", "nua", "-", "--origin", "https://europe-1.nuclia.cloud", stdin=key).code == 0
    assert 'origin = "https://europe-1.nuclia.cloud"' in (person.store / "profiles/n.toml").read_text()
    assert (
        person.python("import nucliactl; print(nucliactl.resolve().base_url)").out
        == "https://europe-1.nuclia.cloud/api/v1\n"
    )


def test_an_international_host_works_and_is_shown_as_punycode(home: Home) -> None:
    code = (
        "import httpx, nucliactl\n"
        "http = nucliactl.client(transport=httpx.MockTransport(lambda r: httpx.Response(200)))\n"
        "print(http.get('x').status_code)\n"
        "try: http.get('https://xn--rogress-p2g.cloud/')\n"
        "except nucliactl.Refused as e: print('xn--rogress-p2g.cloud' in str(e))\n"
    )
    variables = {"NUCLIA_KB_URL": "https://xn--bcher-kva.example/api/v1/kb/x", "NUCLIA_API_KEY": "k"}
    assert home.python(code, **variables).out == "200\nTrue\n"


def test_definitions_of_odd_shapes_hurt_only_themselves(home: Home) -> None:
    home.define("nul", 'kind = "kb"\nurl = "https://a.example/api/v1/kb/x"\napi_key_file = "a\\u0000b"\n')
    home.define(
        "deep", 'kind = "nucliadb"\nurl = "http://localhost:1"\nx = ' + "{a=" * 300 + "1" + "}" * 300 + "\n"
    )
    home.define("port", f'kind = "nucliadb"\nurl = "http://localhost:{"9" * 5000}"\n')
    assert home.run("auth", "status", "--all").code in (0, 5)
    assert home.run("list").code == 0
    assert home.run("auth", "nucliadb", "http://localhost:1", "--no-validate", "--name", "deep").code in (
        0,
        7,
    )


def test_views_agree_when_several_things_are_wrong(home: Home) -> None:
    login(home, "https://a.example/api/v1/kb/x", "k", "--name", "p")
    home.run("auth", "logout", "p")
    assert home.run("explain", "-o", "json", NUCLIACTL_TIMEOUT="abc").json["exit_code"] == 4
    assert home.run("auth", "token", NUCLIACTL_TIMEOUT="abc").code == 4
    for variables in (
        {"NUCLIA_KIND": "nua", "NUCLIA_PERSONAL_TOKEN": "t"},
        {"NUCLIA_KIND": "nua", "NUCLIA_API_KEY": "t"},
    ):
        assert home.run("current", **variables).code == 3
        assert home.run("explain", "-o", "json", **variables).json["exit_code"] == 3


def test_a_switch_that_a_broken_variable_shadows_says_so(home: Home) -> None:
    login(home, "https://a.example/api/v1/kb/x", "k", "--name", "p")
    assert "still stands in the way" in home.run("use", "p", NUCLIA_PROFILE="missing").err
    other = home.path / "other"
    other.mkdir()
    (other / "p.toml").write_text('kind = "nucliadb"\nurl = "http://localhost:1"\n')
    assert "leave out --profiles-dir" in home.run("--profiles-dir", str(other), "use", "p").err


def test_a_kind_asked_for_passes_by_what_is_of_another(home: Home) -> None:
    home.define("n", 'kind = "nua"\nissuer = "https://z.nuclia.cloud"\naccount = "a"\n')
    home.define(
        "bp", 'kind = "kb"\nurl = "https://z.nuclia.cloud/api/v1/kb/x"\npublic = true\naccount = "b"\n'
    )
    home.define("db", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    home.run("use", "bp")
    code = "import sys, nucliactl; from nucliactl.resolver.result import Query; from nucliactl.resolver.choose import resolve\n"
    code += "from nucliactl.sources.sources import sources_of; import os\n"
    code += "print(resolve(sources_of(os.environ), Query(tuple(sys.argv[1:]))).require().name)"
    assert home.program(sys.executable, "-c", code, "nua", "nucliadb").out == "db\n"
    variables = {"NUCLIA_PROFILE": "n,env", "NUCLIA_API_KEY": "half"}
    assert home.program(sys.executable, "-c", code, "nua", **variables).out == "n\n"
    assert home.run("current", NUCLIA_ZONE="EU west").out == "bp\n"
