"""What a user waits for: the commands typed all day import almost nothing."""

import sys

import pytest
from support import COMMAND, Home

HEAVY = {
    "argparse",
    "gettext",
    "dynaconf",
    "httpx",
    "tabulate",
    "ssl",
    "asyncio",
    "keyring",
    "importlib.metadata",
    "dataclasses",
    "tomlkit",
    "typing",
    "inspect",
    "hashlib",
    "traceback",
}
BASE = ["__future__", "itertools", "_collections", "_functools", "gc"]
IN_MEMORY = ["_contextvars", "contextvars", "weakref", "_weakrefset", "types"]
ALLOWED = {  # of Python's library, beside what the bare interpreter has
    ("version",): BASE,
    ("current",): [*BASE, "errno"],
    ("prompt",): [*BASE, "errno"],
    ("use", "a"): [*BASE, "errno", "fcntl"],
    ("auth", "token"): [*BASE, "errno", *IN_MEMORY],
}
DEFINITION = 'kind = "kb"\nurl = "https://europe-1.dp.progress.cloud/api/v1/kb/{0}"\napi_key = "k"\n'


@pytest.fixture
def two(home: Home) -> Home:
    for name in "ab":
        home.define(name, DEFINITION.format(name))
    home.run("use", "b")
    return home


def imported(home: Home, *words: str, **variables: str) -> set[str]:
    result = home.program(sys.executable, "-X", "importtime", COMMAND, *words, **variables)
    assert result.code == 0, result.err
    return {
        line.rsplit("|", 1)[-1].strip() for line in result.err.splitlines() if line.startswith("import time:")
    }


@pytest.mark.parametrize(
    "words",
    [
        ["current"],
        ["use", "a"],
        ["use", "-"],
        ["version"],
        ["help"],
        ["list", "-o", "json"],
        ["list", "-o", "name"],
    ],
)
def test_the_light_commands_import_nothing_heavy(two: Home, words: list[str]) -> None:
    two.run("use", "a")
    names = imported(two, *words)
    assert "nucliactl.cli.main" in names
    assert names & HEAVY == set()


@pytest.mark.parametrize("words", ALLOWED)
def test_a_light_command_imports_what_is_listed_here_alone(two: Home, words: tuple[str, ...]) -> None:
    if words != ("use", "a"):
        two.run("use", "a")
    bare = two.program(sys.executable, "-X", "importtime", "-c", "pass").err
    started = {line.rsplit("|", 1)[-1].strip() for line in bare.splitlines()}
    more = imported(two, *words) - started - {*ALLOWED[words]}
    assert sorted(name for name in more if not name.startswith("nucliactl")) == []


def test_current_reads_no_definition_so_it_needs_no_toml(two: Home) -> None:
    assert "tomllib" not in imported(two, "current")


def test_importing_the_package_loads_only_itself(home: Home) -> None:
    program = "import sys, nucliactl; print(sorted(m for m in sys.modules if m.startswith('nucliactl')))"
    assert home.python(program).out == "['nucliactl', 'nucliactl.version']\n"


def test_list_current_and_use_work_with_dynaconf_made_unimportable(two: Home) -> None:
    program = (
        "import sys; sys.modules['dynaconf'] = None\n"
        "from nucliactl.cli.main import main\n"
        "for words in (['list', '-o', 'json'], ['list'], ['current'], ['current', '-o', 'json'], ['use', 'a']):\n"
        "    code = main(words)\n"
        "    if code: sys.exit(code)\n"
    )
    result = two.python(program)
    assert result.code == 0, result.err
    assert two.run("current").out == "a\n"


ZONED = 'kind = "user"\ntoken = "t"\naccount = "{0}"\nzone = "{0}"\n'


def test_dynaconf_is_no_decoration(two: Home) -> None:
    two.define("base", ZONED.format("base"))
    two.define("p", ZONED.format("own") + 'extends = "base"\n')
    program = (
        "import nucliactl; from dynaconf.base import Settings\n"
        "before = nucliactl.resolve('p').zone\n"
        "Settings.update = lambda *a, **k: None\n"
        "print(before, nucliactl.resolve('p').zone)\n"
    )
    assert two.python(program).out == "own None\n"


def test_what_needs_no_merge_is_resolved_without_dynaconf(two: Home) -> None:
    program = "import sys, nucliactl; print(nucliactl.resolve('a').zone, sorted({'dynaconf', 'typing'} & set(sys.modules)))"
    assert two.python(program).out == "europe-1 []\n"
    assert "dynaconf" in imported(two, "explain")


def test_a_warm_resolve_imports_nothing_more(two: Home) -> None:
    program = (
        "import sys, nucliactl; nucliactl.warm(); nucliactl.resolve('a')\n"
        "before = set(sys.modules); nucliactl.resolve('b'); print(sorted(set(sys.modules) - before))\n"
    )
    assert two.python(program).out == "[]\n"


def test_foreign_dynaconf_variables_change_no_answer(two: Home) -> None:
    hostile = {
        "DYNACONF_ZONE": "evil",
        "ZONE": "evil",
        "ENV_FOR_DYNACONF": "production",
        "SETTINGS_FILE_FOR_DYNACONF": str(two.path / "evil.toml"),
        "INCLUDES_FOR_DYNACONF": str(two.path / "evil.py"),
        "AUTO_CAST_FOR_DYNACONF": "true",
        "MERGE_ENABLED_FOR_DYNACONF": "true",
        "VAULT_ENABLED_FOR_DYNACONF": "true",
        "REDIS_ENABLED_FOR_DYNACONF": "true",
    }
    (two.path / "evil.toml").write_text('zone = "evil"\n')
    (two.path / "evil.py").write_text("open('pwned', 'w')\nZONE = 'evil'\n")
    (two.work / "settings.toml").write_text('zone = "evil"\n')
    (two.work / "dynaconf_hooks.py").write_text("def post(settings):\n    return {'ZONE': 'evil'}\n")
    plain = two.run("explain", "-o", "json").json
    assert two.run("explain", "-o", "json", **hostile).json == plain
    program = "import nucliactl, os; print(nucliactl.resolve('a').zone, os.environ['DYNACONF_ZONE'])"
    assert two.python(program, **hostile).out == "europe-1 evil\n"
    assert not (two.work / "pwned").exists()


def test_every_module_can_be_imported_whatever_only_checkers_see(home: Home) -> None:
    program = (
        "import importlib, pkgutil, nucliactl\n"
        "for found in pkgutil.walk_packages(nucliactl.__path__, 'nucliactl.'):\n"
        "    if not found.name.endswith('__main__'): importlib.import_module(found.name)\n"
    )
    result = home.python(program)
    assert result.code == 0, result.err
