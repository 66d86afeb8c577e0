"""Layers (config.toml, extends) and secrets by reference (X_file, X_env, X_command)."""

import os
import sys
from pathlib import Path

import pytest
from support import Home, Recorder

KB = 'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/x"\n'


def values(home: Home, name: str, **variables: str) -> dict[str, tuple[object, str]]:
    found = home.run("explain", "--profile", name, "-o", "json", **variables).json
    assert found["exit_code"] == 0, found
    return {v["key"]: (v["value"], v["source"].split("/")[-1]) for v in found["values"]}


def test_each_layer_beats_the_one_below(home: Home) -> None:
    home.define("base", KB + 'account = "base"\ntimeout = 5\npublic = true\n')
    home.define("p", KB + 'public = true\nextends = "middle"\n')
    home.define(
        "middle", 'kind = "nucliadb"\nurl = "http://localhost:1"\nextends = "base"\naccount = "middle"\n'
    )
    (home.store / "config.toml").write_text("timeout = 3\n")
    assert values(home, "base")["timeout"] == (5, "base.toml")
    found = values(home, "p")
    assert found["account"] == ("middle", "middle.toml") and found["timeout"] == (5, "base.toml")
    assert found["url"] == ("https://z.dp.progress.cloud/api/v1/kb/x", "p.toml")
    assert found["kb"] == ("x", "p.toml")
    assert values(home, "p", NUCLIACTL_TIMEOUT="7")["timeout"] == (7, "env: NUCLIACTL_TIMEOUT")
    home.define("base", KB + "public = true\n")
    assert values(home, "p")["timeout"] == (3, "config.toml")


def test_extends_never_supplies_kind_endpoint_or_credential(home: Home) -> None:
    home.define("base", KB + 'api_key = "base-key"\n')
    home.define("p", 'kind = "kb"\nextends = "base"\n')
    assert home.run("auth", "token", "--profile", "p").code == 7
    home.define("p", KB.replace("/x", "/y") + 'extends = "base"\n')
    assert home.run("auth", "token", "--profile", "p").code == 4


def test_circles_and_missing_bases_are_named(home: Home) -> None:
    home.define("a", KB + 'public = true\nextends = "b"\n')
    home.define("b", KB + 'public = true\nextends = "a"\n')
    found = home.run("explain", "--profile", "a", "-o", "json").json
    assert found["exit_code"] == 7 and "a → b → a" in found["error"]
    define_key = KB + 'api_key = "k"\nextends = "gone"\n'
    home.define("keyed", define_key)
    assert home.run("auth", "token", "--profile", "keyed") == (
        3,
        "",
        home.run("auth", "token", "--profile", "keyed").err,
    )
    home.define("b", KB + 'public = true\nextends = "gone"\n')
    assert home.run("explain", "--profile", "a", "-o", "json").json["exit_code"] == 3
    for n in range(8):
        home.define(f"c{n}", KB + f'public = true\nextends = "c{n + 1}"\n')
    assert home.run("explain", "--profile", "c0", "-o", "json").json["exit_code"] == 7
    assert home.run("list").code == 0


def test_the_output_format_may_come_from_the_config(home: Home) -> None:
    home.define("p", KB + "public = true\n")
    (home.store / "config.toml").write_text('output = "name"\n')
    assert home.run("list").out == "p\n"
    assert home.run("list", NUCLIACTL_OUTPUT="json").json[0]["name"] == "p"
    (home.store / "config.toml").write_text('output = "yaml"\n')
    for words in (["version"], ["completion", "bash"], ["list", "-o", "json"]):
        assert home.run(*words).code == 0, words
    assert home.run("list").code == 7
    (home.store / "config.toml").write_text('outptu = "json"\n')
    found = home.run("list")
    assert found.code == 0 and "unknown key 'outptu'; did you mean 'output'?\n" in found.err
    assert "outptu" in home.run("explain").err
    (home.store / "config.toml").write_text("output = \n")
    assert home.run("list").code == 7


def command(home: Home, body: str, *, name: str = "p") -> Path:
    """Define a profile whose secret a program prints."""
    script = home.path / f"{name}.py"
    script.write_text(f"import sys, os, time\n{body}\n")
    home.define(name, KB + f'api_key_command = ["{sys.executable}", "{script}", "a b", "$HOME"]\n')
    return script


def test_a_command_prints_the_secret_without_any_shell(home: Home) -> None:
    command(home, "print('|'.join(sys.argv[1:]))")
    assert home.run("auth", "token", "--profile", "p").out == "a b|$HOME\n"
    assert home.run("list", "-o", "json").json[0]["storage"] == "reference"


def test_listing_and_resolving_do_not_run_it(home: Home) -> None:
    command(home, f"open({str(home.path / 'ran')!r}, 'a').write('x'); print('k')")
    home.run("list")
    home.run("use", "p")
    home.run("explain")
    home.python("import nucliactl; nucliactl.resolve('p')")
    assert not (home.path / "ran").exists()


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (
            "sys.stderr.write('vault is sealed\\x1b[2J'); sys.exit(3)",
            4,
            "ended with 3 and said: vault is sealed\\x1b[2J",
        ),
        ("pass", 4, "printed nothing"),
        ("print('a\\nb')", 4, "no single line"),
        ("os.write(1, b'\\xff\\xfe')", 4, "no single line"),
        ("print('x' * 100000)", 4, "more than 64 KiB"),
        ("print('{\"expires_at\": 1}')", 4, 'without a "token"'),
    ],
)
def test_a_command_that_fails_is_put_in_words(home: Home, body: str, code: int, words: str) -> None:
    command(home, body)
    result = home.run("auth", "token", "--profile", "p")
    assert (result.code, result.out) == (code, "") and words in result.err


def test_a_command_that_is_not_there(home: Home) -> None:
    home.define("p", KB + 'api_key_command = ["/nowhere/tool"]\n')
    result = home.run("auth", "token", "--profile", "p")
    assert result.code == 4 and "/nowhere/tool cannot be run" in result.err
    home.define("p", KB + 'api_key_command = "pass show x"\n')
    assert home.run("auth", "token", "--profile", "p").code == 7


def test_a_command_that_hangs_meets_its_deadline_with_all_it_started(home: Home) -> None:
    body = "import subprocess; subprocess.Popen(['sleep', '900']); time.sleep(900)"
    command(home, body)
    code = (
        "import nucliactl, nucliactl.credentials.command as c; c.SECONDS = 1.0\n"
        "try: nucliactl.client('p').get('x')\n"
        "except nucliactl.LoginNeeded as error: print(error)\n"
    )
    assert "did not end within 1 seconds" in home.python(code).out


def test_a_command_that_asks_for_its_own_profile_is_refused(home: Home) -> None:
    command(
        home,
        "import subprocess; sys.exit(subprocess.run(['nucliactl', 'auth', 'token', '--profile', 'p']).returncode)",
    )
    result = home.run("auth", "token", "--profile", "p")
    assert result.code == 4 and "asks for the very profile" in result.err


def test_a_commands_secret_is_kept_until_it_expires_or_is_rejected(home: Home, recorder: Recorder) -> None:
    counter = home.path / "count"
    body = f"""
n = int(open({str(counter)!r}).read() or 0) if os.path.exists({str(counter)!r}) else 0
open({str(counter)!r}, 'w').write(str(n + 1))
import json; print(json.dumps({{"token": "t%d" % n, "expires_at": time.time() + (3600 if n else 25)}}))
"""
    script = command(home, body)
    url = f"{recorder.origin}/api/v1/kb/x"
    home.define("p", f'kind = "kb"\nurl = "{url}"\napi_key_command = ["{sys.executable}", "{script}"]\n')
    recorder.answer = lambda r: (
        401 if r.headers["x-nuclia-serviceaccount"].endswith("t1") else 200,
        {},
        b"{}",
    )
    code = """
import asyncio, nucliactl
async def main():
    async with nucliactl.async_client("p") as http:
        print([(await http.get("x")).status_code for _ in range(4)])
asyncio.run(main())
"""
    assert home.python(code).out == "[200, 200, 200, 200]\n"
    sent = [r.headers["x-nuclia-serviceaccount"] for r in recorder.requests]
    assert sent[-1] == "Bearer t2" and counter.read_text() == "3"


def test_an_event_loop_goes_on_while_a_command_runs(home: Home, recorder: Recorder) -> None:
    gate = home.path / "gate"  # the command ends once the loop has gone on beside it
    script = command(home, f"while not os.path.exists({str(gate)!r}): time.sleep(0.01)\nprint('k')")
    url = f"{recorder.origin}/api/v1/kb/x"
    home.define("p", f'kind = "kb"\nurl = "{url}"\napi_key_command = ["{sys.executable}", "{script}"]\n')
    code = """
import asyncio, sys, nucliactl
async def main():
    http = nucliactl.async_client("p")
    task = asyncio.create_task(http.get("x"))
    for _ in range(20):
        await asyncio.sleep(0.01)
    assert not task.done()
    open(sys.argv[1], "w").close()
    print((await task).status_code)
asyncio.run(main())
"""
    result = home.program(sys.executable, "-c", code, str(gate))
    assert result.out == "200\n", result.err


@pytest.mark.parametrize("word", ["flag", "path"])
def test_only_the_store_and_etc_may_name_a_command(home: Home, word: str) -> None:
    other = home.path / "other"
    other.mkdir()
    (other / "q.toml").write_text(KB + f'api_key_command = ["touch", "{home.path / "pwned"}"]\n')
    words = ("--profiles-dir", str(other)) if word == "flag" else ()
    variables = {"NUCLIA_PROFILES_PATH": str(other)} if word == "path" else {}
    assert home.run("auth", "token", "--profile", "q", *words, **variables).code == 6
    assert not (home.path / "pwned").exists()


def test_a_kubernetes_mount_is_a_profile_directory(home: Home) -> None:
    mount = home.path / "mount"
    (mount / "..2026_11_24").mkdir(parents=True)
    (mount / "..data").symlink_to("..2026_11_24")
    (mount / "..2026_11_24/box.toml").write_text(KB + 'api_key_file = "key"\n')
    (mount / "..2026_11_24/key").write_text("mounted\n")
    for name in ("box.toml", "key"):
        (mount / name).symlink_to(f"..data/{name}")
        os.chmod(mount / "..2026_11_24" / name, 0o644)
    for variables, words in (
        ({"NUCLIA_PROFILES_PATH": str(mount)}, ()),
        ({}, ("--profiles-dir", str(mount))),
    ):
        assert home.run("list", "-o", "name", *words, **variables).out == "box\n"
        assert home.run("auth", "token", "--profile", "box", *words, **variables).out == "mounted\n"


def test_use_here_pins_the_directory(home: Home) -> None:
    home.define("a", KB + "public = true\n")
    home.define("b", KB + "public = true\n")
    home.run("use", "b")
    before = home.files()
    assert home.run("use", "nope", "--here").code == 3
    assert home.run("use", "-", "--here").code == 2
    result = home.run("use", "a", "--here")
    assert result.code == 0 and (home.work / ".nuclia-profile").read_text() == "a\n"
    assert home.run("current").out == "a\n" and home.run("current", "--no-project").out == "b\n"
    assert home.files() == before
