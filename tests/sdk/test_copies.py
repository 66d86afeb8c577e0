"""A profile refers to its secret: copies and pickles carry none, and find it again where it stands."""

import json
import sys
from collections.abc import Callable

import pytest
from support import Home, Recorder

BIN_PYTHON = sys.executable

CANARY = "canary-secret-0452"
HOLDS = '''
import copy, gc, os, pickle, sys, types
import nucliactl

def inside(thing, seen):
    """Every text within a thing: attributes, slots, members."""
    if id(thing) in seen or isinstance(thing, (type, types.ModuleType, types.FunctionType)):
        return
    seen.add(id(thing))
    if isinstance(thing, (str, bytes)):
        yield str(thing)
    else:
        for one in gc.get_referents(thing):
            yield from inside(one, seen)

def holds(profile):
    texts = [*inside(profile, set()), repr(vars(profile)), repr(pickle.dumps(profile)), repr(profile)]
    return any("canary" in text or "KEEP-OUT" in text for text in texts)
'''
LATER = """
import pickle, sys, nucliactl
profile = pickle.load(open(sys.argv[1], "rb"))
try: print(profile.client().get("x").status_code)
except nucliactl.NucliactlError as error: print(type(error).__name__, error.exit_code, error)
"""
Setting = tuple[str, dict[str, str]]


def kb(server: Recorder) -> str:
    return f"{server.origin}/api/v1/kb/x"


def variables(home: Home, server: Recorder) -> Setting:
    return "nucliactl.resolve()", {"NUCLIA_KB_URL": kb(server), "NUCLIA_API_KEY": CANARY}


def twin(home: Home, server: Recorder) -> Setting:
    (home.path / "key").write_text(CANARY + "\n")
    return "nucliactl.resolve()", {"NUCLIA_KB_URL": kb(server), "NUCLIA_API_KEY_FILE": str(home.path / "key")}


def dotenv(home: Home, server: Recorder) -> Setting:
    (home.work / ".env").write_text(f"NUCLIA_KB_URL={kb(server)}\nNUCLIA_API_KEY={CANARY}\n")
    return "nucliactl.resolve()", {}


def env_file(home: Home, server: Recorder) -> Setting:
    (home.path / "ci.env").write_text(f"NUCLIA_KB_URL={kb(server)}\nNUCLIA_API_KEY={CANARY}\n")
    return f"nucliactl.resolve(env_file={str(home.path / 'ci.env')!r})", {}


def stored(home: Home, server: Recorder) -> Setting:
    made = home.run("auth", "kb", kb(server), "-", "--no-validate", "--name", "p", stdin=CANARY)
    assert made.code == 0
    return "nucliactl.resolve('p')", {}


def inline(home: Home, server: Recorder) -> Setting:
    home.define("p", f'kind = "kb"\nurl = "{kb(server)}"\napi_key = "{CANARY}"\n')
    return "nucliactl.resolve('p')", {}


def in_a_file(home: Home, server: Recorder) -> Setting:
    (home.path / "key").write_text(CANARY)
    home.define("p", f'kind = "kb"\nurl = "{kb(server)}"\napi_key_file = "{home.path / "key"}"\n')
    return "nucliactl.resolve('p')", {}


def in_a_variable(home: Home, server: Recorder) -> Setting:
    home.define("p", f'kind = "kb"\nurl = "{kb(server)}"\napi_key_env = "MY_KEY"\n')
    return "nucliactl.resolve('p')", {"MY_KEY": CANARY}


def of_a_command(home: Home, server: Recorder) -> Setting:
    (home.path / "key").write_text(CANARY)
    home.define("p", f'kind = "kb"\nurl = "{kb(server)}"\napi_key_command = ["cat", "{home.path / "key"}"]\n')
    return "nucliactl.resolve('p')", {}


def on_the_path(home: Home, server: Recorder) -> Setting:
    (home.path / "shared").mkdir()
    (home.path / "shared/p.toml").write_text(f'kind = "kb"\nurl = "{kb(server)}"\napi_key = "{CANARY}"\n')
    return "nucliactl.resolve('p')", {"NUCLIA_PROFILES_PATH": str(home.path / "shared")}


def official(home: Home, server: Recorder) -> Setting:
    (home.path / ".nuclia").mkdir()
    box = {"id": "x", "url": kb(server), "token": CANARY}
    path = home.path / ".nuclia/config"
    path.write_text(json.dumps({"kbs_token": [box], "default": {"kbid": "x"}}))
    path.chmod(0o600)
    return "nucliactl.resolve()", {}


def session(home: Home, server: Recorder) -> Setting:
    home.define("me", f'kind = "user"\nglobal_url = "{server.origin}"\noauth_url = "{server.origin}"\n')
    found = {"version": 1, "kind": "user", "origins": [server.origin, "https://*.dp.progress.cloud"]}
    found |= {"access_token": CANARY, "refresh_token": f"refresh-{CANARY}", "expires_at": None}
    path = home.store / "credentials/me.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found))
    path.chmod(0o600)
    return "nucliactl.resolve('me')", {}


def rider(home: Home, server: Recorder) -> Setting:
    session(home, server)
    home.define("p", f'kind = "kb"\nurl = "{kb(server)}"\nsession = "me"\n')
    return "nucliactl.resolve('p')", {}


def overridden(home: Home, server: Recorder) -> Setting:
    inline(home, server)
    return "[over := nucliactl.override('p'), over.__enter__(), nucliactl.resolve()][-1]", {}


SOURCES: list[Callable[[Home, Recorder], Setting]] = [
    variables, twin, dotenv, env_file, stored, inline, in_a_file, in_a_variable, of_a_command, on_the_path,
    official, session, rider, overridden,
]  # fmt: skip


@pytest.mark.parametrize("source", SOURCES, ids=lambda f: f.__name__)
def test_copies_and_pickles_carry_no_secret_and_work(
    home: Home, recorder: Recorder, source: Callable[[Home, Recorder], Setting]
) -> None:
    resolve, environ = source(home, recorder)
    home.environ |= environ
    pickled = home.path / "pickled"
    code = f"""
profile = {resolve}
copies = [profile, copy.copy(profile), copy.deepcopy(profile), pickle.loads(pickle.dumps(profile))]
print(*[holds(one) for one in copies], *[one.client().get("x").status_code for one in copies])
pickle.dump(profile, open({str(pickled)!r}, "wb"))
"""
    assert home.python(HOLDS + code, OTHER="KEEP-OUT").out == "False " * 4 + "200 200 200 200\n"
    home.work = home.path  # another process, elsewhere
    assert home.program(BIN_PYTHON, "-c", LATER, str(pickled)).out == "200\n"
    assert len(recorder.requests) == 5
    for request in recorder.requests:
        headers = (request.headers.get("x-nuclia-serviceaccount"), request.headers.get("authorization"))
        assert f"Bearer {CANARY}" in headers


def test_a_profile_reaches_a_spawned_process(home: Home, recorder: Recorder) -> None:
    (home.path / "job.py").write_text(
        "import multiprocessing, nucliactl\n"
        "def work(profile): return profile.client().get('x').status_code\n"
        "if __name__ == '__main__':\n"
        "    with multiprocessing.get_context('spawn').Pool(1) as pool:\n"
        "        print(pool.map(work, [nucliactl.resolve()]))\n"
    )
    _, environ = variables(home, recorder)
    assert home.program(BIN_PYTHON, str(home.path / "job.py"), **environ).out == "[200]\n"


def test_a_secret_given_to_the_sdk_does_not_travel(home: Home, recorder: Recorder) -> None:
    body = json.dumps({"uuid": "x", "slug": "x", "config": {"title": "X"}}).encode()
    recorder.answer = lambda _: (200, {}, body)
    pickled = home.path / "pickled"
    code = f"""
from nucliactl import sdk
sdk.NucliaAuth().kb({kb(recorder)!r}, "-".join(["canary", "1"]))
profile = nucliactl.resolve()
print(holds(profile), profile.source.split(":")[0], profile.client().get("x").status_code)
for one in (copy.deepcopy(profile), pickle.loads(pickle.dumps(profile))):
    http = one.client()
    try: http.get("x")
    except nucliactl.Incomplete as error: print(error.exit_code, "NucliaAuth().kb()" in str(error), bool(error.hint))
pickle.dump(profile, open({str(pickled)!r}, "wb"))
with nucliactl.override(profile): print(nucliactl.client().get("x").status_code)
nucliactl.reset(); print(profile.client().get("x").status_code, nucliactl.resolve().source.split(":")[0])
"""
    found = home.python(HOLDS + code).out.splitlines()
    assert found == ["False sdk 200", *["4 True True"] * 2, "200", "200 active"]
    asked = len(recorder.requests)
    assert home.program(BIN_PYTHON, "-c", LATER, str(pickled)).out.startswith("Incomplete 4 ")
    assert len(recorder.requests) == asked


CHANGES = {
    "another address": ('kind = "kb"\nurl = "{other}/api/v1/kb/x"\napi_key = "new"\n', "Refused 6"),
    "another box": ('kind = "kb"\nurl = "{origin}/api/v1/kb/y"\napi_key = "new"\n', "Refused 6"),
    "another kind": ('kind = "nucliadb"\nurl = "{origin}"\n', "Refused 6"),
    "another identity": ('kind = "kb"\nurl = "{origin}/api/v1/kb/x"\nidentity = "b"\napi_key = "new"\n', "Refused 6"),
    "somebody's session": ('kind = "kb"\nurl = "{origin}/api/v1/kb/x"\nidentity = "a"\nsession = "me"\n', "Refused 6"),
    "nothing": (None, "Incomplete 4"),
    "a new key": ('kind = "kb"\nurl = "{origin}/api/v1/kb/x"\nidentity = "a"\napi_key = "new"\n', "200 new"),
    "a new description": ('kind = "kb"\nurl = "{origin}/api/v1/kb/x"\nidentity = "a"\napi_key = "old"\ndescription = "D"\n', "200 old"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_profile_that_has_become_another_sends_nothing(
    home: Home, recorder: Recorder, sink: Recorder, change: str
) -> None:
    text, expected = CHANGES[change]
    path = home.define("p", f'kind = "kb"\nurl = "{kb(recorder)}"\nidentity = "a"\napi_key = "old"\n')
    step = f'os.replace({str(path)!r} + ".new", {str(path)!r})' if text else f"os.unlink({str(path)!r})"
    if text:
        new = path.with_name("p.toml.new")
        new.write_text(text.format(other=sink.origin, origin=recorder.origin))
        new.chmod(0o600)
    code = f"""
import os, nucliactl
profile = nucliactl.resolve("p"); http = profile.client()
http.get("x")
{step}
for client in (http, profile.client()):
    try: print(client.get("x").status_code)
    except nucliactl.NucliactlError as error: print(type(error).__name__, error.exit_code, bool(error.hint))
"""
    found = home.python(code)
    sent = [r.headers["x-nuclia-serviceaccount"].removeprefix("Bearer ") for r in recorder.requests]
    if expected.startswith("200"):
        assert (found.out, sent) == ("200\n200\n", ["old"] + [expected.split()[1]] * 2)
    else:
        assert (found.out, sent, sink.requests) == (f"{expected} True\n" * 2, ["old"], [])


def test_variables_that_lead_elsewhere_since_are_refused(
    home: Home, recorder: Recorder, sink: Recorder
) -> None:
    _, environ = variables(home, recorder)
    code = f"""
import os, nucliactl
profile = nucliactl.resolve(); http = profile.client()
def ask():
    try: print(http.get("x").status_code)
    except nucliactl.NucliactlError as error: print(type(error).__name__, error.exit_code)
ask()
os.environ["NUCLIA_API_KEY"] = "rotated"; ask()
os.environ["NUCLIA_KB_URL"] = {kb(sink)!r}; ask()
os.environ["NUCLIA_KB_URL"] = {kb(recorder)!r}; del os.environ["NUCLIA_API_KEY"]; ask()
"""
    assert home.python(code, **environ).out == "200\n200\nRefused 6\nIncomplete 4\n"
    sent = [r.headers["x-nuclia-serviceaccount"] for r in recorder.requests]
    assert sent == [f"Bearer {CANARY}", "Bearer rotated"] and sink.requests == []


def test_an_env_file_that_is_a_pipe_is_read_once(home: Home, recorder: Recorder) -> None:
    text = f"NUCLIA_KB_URL={kb(recorder)}\\nNUCLIA_API_KEY={CANARY}\\n"
    code = (
        "import sys, nucliactl; print(nucliactl.resolve(env_file=sys.argv[1]).client().get('x').status_code)"
    )
    script = f"{BIN_PYTHON} -c \"{code}\" <(printf '{text}')"
    assert home.program("bash", "-c", script).out == "200\n"
    assert (
        home.program("bash", "-c", f"nucliactl auth token --env-file <(printf '{text}')").out == CANARY + "\n"
    )
