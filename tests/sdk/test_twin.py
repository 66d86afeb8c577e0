"""`from nucliactl import sdk`: the official client's class for keys, sync and async by one code."""

import asyncio
import inspect
import json
import logging
import shutil
import subprocess
import sys

import pytest
from support import PATIENCE, REPO, Home

import nucliactl
from nucliactl import sdk

URLS = ("NUCLIA_GLOBAL_URL", "NUCLIA_OAUTH_URL", "NUCLIA_ZONE_URL")


@pytest.fixture
def here(home: Home, sandbox: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Home:
    """This very process as a program of the home's owner."""
    for name, value in {**{n: sandbox[n] for n in URLS}, **home.environ}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(home.work)
    home.environ.update(sandbox)
    nucliactl.reset()
    yield home
    nucliactl.reset()


class Both:
    """Calls a method of either class, and waits for it where it is to be waited for."""

    def __init__(self, kind: str) -> None:
        self.auth = sdk.NucliaAuth() if kind == "sync" else sdk.AsyncNucliaAuth()

    def __getattr__(self, name: str):
        def call(*args, **named):
            async def inside():
                found = getattr(self.auth, name)(*args, **named)
                return await found if inspect.isawaitable(found) else found

            return (
                asyncio.run(inside())
                if isinstance(self.auth, sdk.AsyncNucliaAuth)
                else getattr(self.auth, name)(*args, **named)
            )

        return call


@pytest.fixture(params=["sync", "async"])
def auth(request: pytest.FixtureRequest, here: Home) -> Both:
    return Both(request.param)


def test_a_kb_is_chosen_for_this_process_and_saved_without_taking_the_current_place(
    auth: Both, here: Home
) -> None:
    env = here.environ
    one, two = env["SANDBOX_KB_URL"], env["SANDBOX_KB2_URL"]
    assert auth.kb(url=one, token=env["SANDBOX_KB_KEY"]) == one.rsplit("/", 1)[1]
    assert here.run("current").out == "handbook\n"  # there was none
    assert auth.kb(two, env["SANDBOX_KB2_KEY"]) == two.rsplit("/", 1)[1]
    found = nucliactl.resolve()
    assert (found.name, found.source) == ("catalogue", "sdk: NucliaAuth().kb()")
    assert here.run("current").out == "handbook\n"  # another script's choice stays
    assert nucliactl.resolve("handbook").name == "handbook"
    with nucliactl.client() as http:
        assert http.get(found.url).json()["config"]["title"] == "Product catalogue"
    nucliactl.reset()
    assert nucliactl.resolve().name == "handbook"


def test_a_choice_of_one_kind_does_not_answer_for_another(auth: Both, here: Home) -> None:
    env = here.environ
    client = auth.nua(token=env["SANDBOX_NUA_KEY"])
    auth.kb(env["SANDBOX_KB_URL"], env["SANDBOX_KB_KEY"])
    assert (
        nucliactl.resolve().kind == "kb" and nucliactl.resolve(kind="nua").source == "sdk: NucliaAuth().nua()"
    )
    auth.nucliadb(env["SANDBOX_NUCLIADB_URL"])
    auth.kb(env["SANDBOX_LOCAL_KB_URL"])
    assert nucliactl.resolve(kind="nucliadb").name == "local"
    keys = auth.list_nuas()
    assert [(k.client_id, k.token, k.origin) for k in keys] == [(client, env["SANDBOX_NUA_KEY"], None)]
    assert env["SANDBOX_NUA_KEY"] not in repr(keys)


def test_a_refused_credential_is_none_with_the_reason_in_the_log(
    auth: Both, here: Home, caplog: pytest.LogCaptureFixture
) -> None:
    env = here.environ
    with caplog.at_level(logging.ERROR, "nucliactl"):
        assert auth.kb(env["SANDBOX_KB_URL"], "wrong-key") is None
        assert auth.validate_kb(env["SANDBOX_KB_URL"], "wrong-key") is None
        assert auth.validate_nua(env["SANDBOX_NUA_KEY"] + "x") == (None, None, None, None)
        assert auth.nua(env["SANDBOX_NUA_KEY"] + "x") is None
        assert auth.get_account_from_service_token("europe-1", "wrong-key") == (None, None, None)
        assert auth._validate_user_token("wrong") is False
    assert "rejected the API key (401" in caplog.text and "wrong-key" not in caplog.text
    assert here.files() == {}
    with pytest.raises(nucliactl.Rejected):
        auth.set_user_token("wrong")
    with pytest.raises(nucliactl.Malformed):
        auth.kb("nonsense", "key")
    with pytest.raises(nucliactl.NotThere):
        auth.nucliadb(env["NUCLIA_GLOBAL_URL"])


def test_validating_returns_what_the_service_says_and_saves_nothing(auth: Both, here: Home) -> None:
    env = here.environ
    box = auth.validate_kb(env["SANDBOX_KB_URL"], env["SANDBOX_KB_KEY"])
    assert (box.uuid, box.slug, box.config.title) == (
        env["SANDBOX_KB_URL"].rsplit("/", 1)[1],
        "handbook",
        "Staff handbook",
    )
    client, account_type, account, base = auth.validate_nua(env["SANDBOX_NUA_KEY"])
    assert account_type == "v3enterprise" and base == env["NUCLIA_GLOBAL_URL"] + "/" and client and account
    found = auth.get_account_from_service_token("europe-1", env["SANDBOX_KB_KEY"])
    assert found == (account, box.uuid, "SOWNER")
    zone = env["NUCLIA_ZONE_URL"].replace("{zone}", "europe-1").removesuffix("/zones/europe-1")
    assert auth.get_account_from_service_token(zone, env["SANDBOX_KB_KEY"]) == found
    assert auth._validate_user_token(env["SANDBOX_USER_TOKEN"]) is True
    assert here.files() == {}


def test_the_user_comes_and_goes_and_keys_stay(auth: Both, here: Home) -> None:
    env = here.environ
    auth.kb(env["SANDBOX_KB_URL"], env["SANDBOX_KB_KEY"])
    auth.set_user_token(env["SANDBOX_USER_TOKEN"])
    assert nucliactl.resolve(kind="user").name == "sam" and auth._validate_user_token() is True
    auth.logout()
    with pytest.raises(nucliactl.LoginNeeded):
        nucliactl.resolve(kind="user")
    assert auth._validate_user_token() is False and nucliactl.resolve().name == "handbook"


def test_defaults_are_switched_by_the_services_ids(auth: Both, here: Home) -> None:
    env = here.environ
    for url, key in (("SANDBOX_KB_URL", "SANDBOX_KB_KEY"), ("SANDBOX_KB2_URL", "SANDBOX_KB2_KEY")):
        auth.kb(env[url], env[key])
    client = auth.nua(env["SANDBOX_NUA_KEY"])
    auth.default_kb(env["SANDBOX_KB_URL"].rsplit("/", 1)[1])
    assert nucliactl.resolve(kind="kb").name == "handbook" and here.run("current").out == "handbook\n"
    auth.default_nua(client)
    assert here.run("current").out.startswith("nua-")
    auth.default_kb("handbook")
    auth.unset_kb(env["SANDBOX_KB_URL"].rsplit("/", 1)[1])
    assert here.run("current").code == 4 and "handbook" in here.run("list", "-o", "name").out
    with pytest.raises(nucliactl.UnknownProfile):
        auth.default_nua("nobody")


def test_show_and_nuas_print_what_there_is(
    auth: Both, here: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    env = here.environ
    auth.kb(env["SANDBOX_KB_URL"], env["SANDBOX_KB_KEY"])
    auth.nua(env["SANDBOX_NUA_KEY"])
    auth.show()
    shown = capsys.readouterr().out
    assert "Staff handbook" in shown and "OWNER" in shown and "NUA keys" in shown and "valid" in shown
    assert env["SANDBOX_KB_KEY"] not in shown
    auth.nuas()
    assert "CLIENT ID" in capsys.readouterr().out


def test_a_store_that_cannot_be_written_warns_once_and_the_process_goes_on(here: Home) -> None:
    here.store.write_text("a file where the store should be")
    code = f"""
import logging; logging.basicConfig(format="%(message)s")
from nucliactl import sdk, resolve
for _ in range(3): sdk.NucliaAuth().kb({here.environ["SANDBOX_KB_URL"]!r}, {here.environ["SANDBOX_KB_KEY"]!r})
print(resolve().name)
"""
    result = here.python(code)
    assert result.out == "handbook\n" and result.err.count("not saved") == 1, result


def test_two_scripts_never_overwrite_each_others_choice(here: Home) -> None:
    env = here.environ
    code = """
import sys, nucliactl
from nucliactl import sdk
for _ in range(8):
    sdk.NucliaAuth().kb(sys.argv[1], sys.argv[2])
    assert nucliactl.resolve().url == sys.argv[1]
"""
    commands = [
        [sys.executable, "-c", code, env[f"SANDBOX_KB{n}_URL"], env[f"SANDBOX_KB{n}_KEY"]]
        for n in ("", "2") * 3
    ]
    running = [subprocess.Popen(words, env=env, cwd=here.work) for words in commands]
    assert [process.wait(PATIENCE) for process in running] == [0] * 6
    assert sorted(here.run("list", "-o", "name").out.split()) == ["catalogue", "handbook"]


def test_an_override_belongs_to_its_task_and_ends_with_its_block(here: Home) -> None:
    env = here.environ
    auth = sdk.NucliaAuth()
    auth.kb(env["SANDBOX_KB_URL"], env["SANDBOX_KB_KEY"])
    auth.kb(env["SANDBOX_KB2_URL"], env["SANDBOX_KB2_KEY"])
    nucliactl.reset()

    async def named(name: str, seen: list[str]) -> None:
        with nucliactl.override(name):
            for _ in range(5):
                await asyncio.sleep(0)
                seen.append(nucliactl.resolve().name)

    async def main() -> tuple[list[str], list[str]]:
        one, two = [], []
        await asyncio.gather(named("handbook", one), named("catalogue", two))
        return one, two

    assert asyncio.run(main()) == (["handbook"] * 5, ["catalogue"] * 5)
    profile = nucliactl.resolve("catalogue")
    with nucliactl.override(profile):
        assert nucliactl.resolve().source == "sdk: override()"
        assert nucliactl.resolve("handbook").name == "handbook"
        with pytest.raises(nucliactl.UnknownProfile):
            nucliactl.resolve(kind="nua")
        with pytest.raises(nucliactl.Malformed):
            nucliactl.override(None)
        with nucliactl.override("nobody"), pytest.raises(nucliactl.UnknownProfile):
            nucliactl.resolve()
        nucliactl.reset()
        assert nucliactl.resolve().name == "handbook"
    assert nucliactl.resolve().name == "handbook"


def test_the_process_stands_between_a_name_and_the_environment(
    here: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = here.environ
    sdk.NucliaAuth().kb(env["SANDBOX_KB_URL"], env["SANDBOX_KB_KEY"])
    monkeypatch.setenv("NUCLIA_PROFILE", "nobody")
    assert nucliactl.resolve().name == "handbook"
    nucliactl.reset()
    with pytest.raises(nucliactl.UnknownProfile):
        nucliactl.resolve()


def test_a_users_own_suite_runs_with_our_fixtures(home: Home) -> None:
    shutil.copytree(REPO / "docs/examples/testing", home.work / "suite")
    (home.work / "suite/pytest.ini").write_text("[pytest]\npythonpath = .\n")
    result = home.program(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "suite")
    assert result.code == 0 and "3 passed" in result.out, result.out + result.err


@pytest.mark.once
@pytest.mark.parametrize("changed", [None, "concurrent.py", "blocking.py"])
def test_the_async_class_is_what_its_source_makes(home: Home, changed: str | None) -> None:
    tree = home.work
    shutil.copytree(REPO / "nucliactl/sdk", tree / "nucliactl/sdk")
    (tree / "docs").mkdir()
    for name in ("docs/twin.py", "pyproject.toml"):
        shutil.copy(REPO / name, tree / name)
    if changed:
        path = tree / "nucliactl/sdk" / changed
        path.write_text(path.read_text().replace("days: int = 90", "days: int = 30"))
    result = home.program(sys.executable, str(tree / "docs/twin.py"), "--check")
    assert (result.code, "make generate" in result.err) == ((1, True) if changed else (0, False)), result.err


def test_both_classes_have_the_same_methods() -> None:
    def methods(kind: type) -> dict[str, str]:
        found = inspect.getmembers(kind, inspect.isfunction)
        return {name: str(inspect.signature(f)).split(" ->")[0] for name, f in found}

    assert methods(sdk.NucliaAuth) == methods(sdk.AsyncNucliaAuth)


@pytest.mark.real
def test_every_public_method_of_the_official_class_has_its_twin_with_the_same_arguments() -> None:
    python = REPO / ".cache/nuclia/bin/python"
    if not python.exists():
        pytest.skip("the official client is not installed")
    code = """
import inspect, json
from nuclia import sdk
found = {**dict(inspect.getmembers(sdk.AsyncNucliaAuth, inspect.isfunction)), **dict(inspect.getmembers(sdk.NucliaAuth, inspect.isfunction))}
print(json.dumps({n: list(inspect.signature(f).parameters) for n, f in found.items()}))
"""
    finished = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    theirs = json.loads(finished.stdout)
    for name in ("kbs", "agents"):
        theirs[name].remove("_zones")  # its own cache
    public = [name for name in theirs if not name.startswith("_")]
    assert len(public) >= 29
    for name in [*public, "_validate_user_token"]:
        ours = list(inspect.signature(getattr(sdk.NucliaAuth, name)).parameters)
        assert ours == theirs[name], name
