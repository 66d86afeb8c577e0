"""`nucliactl.testing`: what holds for the whole process, and what ends with its block."""

import asyncio
import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from support import Home, Result

import nucliactl
from nucliactl import testing

DEFINITION = 'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/{0}"\napi_key = "{0}-key"\n'


@pytest.fixture
def here(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """This very process as a program of somebody who has a, b and c, and has switched to a."""
    for name in ("a", "b", "c"):
        home.define(name, DEFINITION.format(name))
    home.run("use", "a")
    for name, value in home.environ.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(home.work)
    nucliactl.reset()
    yield home
    nucliactl.reset()


def name() -> str:
    return nucliactl.resolve().name


def in_a_thread() -> str:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(name).result()


@pytest.mark.usefixtures("here")
def test_an_override_of_a_test_is_seen_by_threads_and_the_programs_own_is_not() -> None:
    with testing.override("b"):
        assert (name(), in_a_thread()) == ("b", "b")
    with nucliactl.override("b"):
        assert (name(), in_a_thread()) == ("b", "a")
    assert (name(), in_a_thread()) == ("a", "a")
    with testing.override(nucliactl.resolve("c")):
        assert in_a_thread() == "c"
    with pytest.raises(nucliactl.Malformed):
        testing.override(None)  # type: ignore[arg-type]


@pytest.mark.usefixtures("here")
def test_the_inner_one_wins_whichever_sort_it_is() -> None:
    with testing.override("b"):
        with nucliactl.override("c"):
            assert (name(), in_a_thread()) == ("c", "b")
            with testing.override("a"):
                assert (name(), in_a_thread()) == ("a", "a")
            assert (name(), in_a_thread()) == ("c", "b")
        with pytest.raises(ZeroDivisionError), testing.override("c"):
            raise ZeroDivisionError
        assert (name(), in_a_thread()) == ("b", "b")
        nucliactl.reset()
        assert (name(), in_a_thread()) == ("a", "a")
    assert (name(), in_a_thread()) == ("a", "a")


@pytest.mark.usefixtures("here")
def test_a_thread_that_runs_already_sees_it_and_blocks_may_end_in_any_order() -> None:
    seen: list[str] = []
    go, done = threading.Barrier(2), threading.Barrier(2)

    def work() -> None:
        for _ in range(3):
            go.wait(300)
            seen.append(name())
            done.wait(300)

    thread = threading.Thread(target=work)
    thread.start()
    one, two = testing.override("b"), testing.override("c")

    def look() -> None:
        go.wait(300)
        done.wait(300)

    one.__enter__()
    two.__enter__()
    look()
    one.__exit__(None, None, None)
    look()
    two.__exit__(None, None, None)
    look()
    thread.join(60)
    assert seen == ["c", "c", "a"]


@pytest.mark.usefixtures("here")
def test_under_asyncio_every_task_and_every_worker_thread_sees_it() -> None:
    async def main() -> list[str]:
        async def task() -> str:
            await asyncio.sleep(0)
            return name()

        before = asyncio.create_task(task())
        with testing.override("b"):
            loop = asyncio.get_running_loop()
            return [
                await before,
                *await asyncio.gather(task(), asyncio.to_thread(name), loop.run_in_executor(None, name)),
            ]

    assert asyncio.run(main()) == ["b"] * 4


@pytest.mark.usefixtures("here")
def test_an_override_may_end_in_another_context_than_it_began_in() -> None:
    async def main() -> str:
        block = nucliactl.override("b")

        async def enter() -> None:
            block.__enter__()

        await asyncio.create_task(enter())
        block.__exit__(None, None, None)
        return name()

    assert asyncio.run(main()) == "a"


SUITE = """
import asyncio, os
from concurrent.futures import ThreadPoolExecutor
import nucliactl, pytest
from nucliactl import testing

def name(): return nucliactl.resolve().name
def in_threads():
    with ThreadPoolExecutor(3) as pool: return {f.result() for f in [pool.submit(name) for _ in range(3)]}

@pytest.fixture
def other(nucliactl_profile, nucliactl_store):
    (nucliactl_store / "profiles/mine.toml").write_text(
        'kind = "kb"\\nurl = "https://z.dp.progress.cloud/api/v1/kb/x"\\npublic = true\\n')
    with testing.override("mine"): yield

@pytest.mark.parametrize("number", range(4))
def test_the_fixtures_hold_in_threads(nucliactl_profile, number):
    assert in_threads() == {"handbook"}

@pytest.mark.parametrize("number", range(4))
def test_a_fixture_that_overrides(other, number):
    assert in_threads() == {"mine"} and asyncio.run(asyncio.to_thread(name)) == "mine"

def test_what_a_test_leaves_behind(nucliactl_store):
    testing.override("nobody").__enter__()
    nucliactl.override("nobody").__enter__()

@pytest.mark.parametrize("number", range(2))
def test_is_forgotten_by_the_next(nucliactl_store, number):
    with pytest.raises(nucliactl.NothingConfigured): nucliactl.resolve()
    assert not [n for n in os.environ if n.startswith("NUCLIA_PROFILE")]
"""


def test_a_suite_in_parallel_with_a_developers_own_profiles_about(here: Home) -> None:
    suite = here.work / "suite"
    suite.mkdir()
    (suite / "test_it.py").write_text(SUITE)
    (here.work / ".nuclia-profile").write_text("b\n")
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "suite"]
    result = here.program(sys.executable, *words, seconds=240, NUCLIA_PROFILE="c", NUCLIACTL_PROJECT="trust")
    assert result.code == 0 and "11 passed" in result.out, result.out + result.err


def suite_of(home: Home, text: str, *words: str, **variables: str) -> Result:
    """Run a suite of somebody's in the home, with what pytest finds by itself."""
    (home.work / "test_it.py").write_text(text)
    return home.program(
        sys.executable, "-X", "importtime", "-m", "pytest", "-p", "no:cacheprovider", *words, **variables
    )


def imported(result: Result) -> set[str]:
    """Return the modules of ours that `-X importtime` names: all but the plugin's own two, which pytest imports
    by `importlib`."""
    return set(re.findall(r"\|\s+(nucliactl[\w.]*)$", result.err, re.MULTILINE))


UNTOUCHED = """
import os, sys
def test_nothing_of_ours_is_here():
    ours = {name for name in sys.modules if name.split(".")[0] == "nucliactl"}
    assert ours <= {"nucliactl", "nucliactl.version", "nucliactl.testing"}, ours
    assert "httpx" not in sys.modules and os.environ["NUCLIA_PROFILE"] == "mine"
"""


def test_a_suite_that_asks_for_no_fixture_imports_the_plugin_alone(home: Home) -> None:
    result = suite_of(home, UNTOUCHED, NUCLIA_PROFILE="mine")
    assert result.code == 0 and imported(result) == {"nucliactl.version"}, result.out + result.err


def test_it_can_be_turned_off_and_asked_for(home: Home) -> None:
    asks = "def test_it(nucliactl_profile): assert nucliactl_profile.name == 'handbook'\n"
    off = suite_of(home, asks, "-p", "no:nucliactl")
    assert off.code == 1 and "fixture 'nucliactl_profile' not found" in off.out and imported(off) == set()
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    assert suite_of(home, asks, **alone).code == 1
    for name in ("nucliactl", "nucliactl.testing"):
        result = suite_of(home, asks, "-p", name, **alone)
        assert result.code == 0, result.out


@pytest.mark.parametrize("words", [(), ("-p", "no:nucliactl")])
def test_a_conftest_may_name_the_plugin_too(home: Home, words: tuple[str, ...]) -> None:
    (home.work / "conftest.py").write_text('pytest_plugins = ["nucliactl.testing"]\n')
    result = suite_of(home, "def test_it(nucliactl_store): assert not nucliactl_store.exists()\n", *words)
    assert result.code == 0 and "1 passed" in result.out, result.out


ASYNC = """
import nucliactl, pytest
pytestmark = pytest.mark.{mark}

async def test_a_coroutine_asks_the_sandbox(nucliactl_profile):
    async with nucliactl.async_client() as http:
        assert (await http.get("counters")).status_code == 200
"""


@pytest.mark.parametrize(("mark", "words"), [("asyncio", ()), ("anyio", ("-p", "no:asyncio"))])
def test_coroutines_use_the_fixtures_with_pytest_asyncio_and_without(
    home: Home, mark: str, words: tuple[str, ...]
) -> None:
    backend = "@pytest.fixture\ndef anyio_backend(): return 'asyncio'\n"
    result = suite_of(home, ASYNC.format(mark=mark) + backend, *words)
    assert result.code == 0 and "1 passed" in result.out, result.out + result.err
