"""Every scenario of scenarios.toml, through the resolver, `explain`, `auth token` and resolve()."""

import base64
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from support import REPO, Home

SCENARIOS = tomllib.loads((REPO / "tests/scenarios.toml").read_text())["scenario"]
KB = "https://europe-1.dp.progress.cloud/api/v1/kb/x"
KB_PROFILE = (
    'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/{0}"\napi_key = "{0}-key"\naccount = "{0}"\n'
)
NUA_PROFILE = 'kind = "nua"\nissuer = "https://z.dp.progress.cloud"\nnua_key = "{1}"\naccount = "{0}"\n'


def nua(issuer: str) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"iss": issuer, "sub": "c"}).encode()).decode().rstrip("=")
    return f"e30.{payload}.sig"


KNOWN = nua("https://z.dp.progress.cloud/")
PROFILES = {
    **{f"{name}-kb": KB_PROFILE.format(name) for name in ("acme", "globex")},
    **{f"{name}-nua": NUA_PROFILE.format(name, KNOWN) for name in ("acme", "globex")},
    "local": 'kind = "nucliadb"\nurl = "http://localhost:8080"\n',
    "me": 'kind = "personal-token"\ntoken = "my-token"\n',
}


def built(scenario: dict[str, Any], path: Path) -> tuple[Home, dict[str, str]]:
    """Make the machine a scenario describes; return it and its variables."""
    home = Home(path)
    values = {"{home}": str(path), "{nua}": KNOWN, "{evil_nua}": nua("https://nua.evil.example/"), "{kb}": KB}

    def filled(text: str) -> str:
        for name, value in values.items():
            text = text.replace(name, value)
        return text

    for name in scenario.get("profiles", PROFILES):
        home.define(name, PROFILES[name])
    kinds = {name: text.split('"')[1] for name, text in PROFILES.items()}
    active: dict[str, Any] = {"version": 1, "current": None, "previous": None, "last": {}}
    for name in scenario.get("use", ()):
        active |= {
            "current": name,
            "previous": active["current"],
            "last": {**active["last"], **{kinds[one]: one for one in name.split(",")}},
        }
    if active["current"]:
        home.store.mkdir(exist_ok=True)
        (home.store / "active.json").write_text(json.dumps(active))
    for name in scenario.get("remove", ()):
        (home.store / f"profiles/{name}.toml").unlink()
    (path / "repo/.git").mkdir(parents=True)
    for name, text in scenario.get("files", {}).items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(filled(text))
    for name, mode in scenario.get("modes", {}).items():
        (path / name).chmod(int(mode, 8))
    for name, target in scenario.get("links", {}).items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).symlink_to(target)
    home.work = path / scenario.get("cwd", "work")
    home.work.mkdir(parents=True, exist_ok=True)
    return home, {name: filled(value) for name, value in scenario.get("env", {}).items()}


IN_PROCESS = """
import json, os, sys, nucliactl
from nucliactl.resolver.result import Query
from nucliactl.resolver.choose import resolve
from nucliactl.sources.sources import Flags, sources_of
profile, env_file, kinds = json.loads(sys.argv[1])
def answer(call):
    try: return call()
    except nucliactl.NucliactlError as error: return error.exit_code
def by_resolver():
    choice = resolve(sources_of(os.environ, Flags(profile, env_file=env_file), os.getcwd()), Query(tuple(kinds))).require()
    return [choice.name, choice.source.kind]
def by_sdk():
    found = nucliactl.resolve(profile, kind=kinds or None, env_file=env_file)
    return [found.name, found.source.split(":")[0]]
print(json.dumps([answer(by_resolver), answer(by_sdk)]))
"""


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s["name"])
def test_scenario(scenario: dict[str, Any], tmp_path: Path) -> None:
    home, variables = built(scenario, tmp_path)
    env_file = str(tmp_path / scenario["env_file"]) if "env_file" in scenario else None
    kinds = scenario.get("kind", [])
    expected: Any = scenario["exit"] if "exit" in scenario else [scenario["winner"], scenario["source"]]
    selection = json.dumps([scenario.get("profile"), env_file, kinds])
    result = home.python(IN_PROCESS, selection, **variables)
    assert result.code == 0, result.err
    assert json.loads(result.out) == [expected, expected]

    flags = ["--profile", scenario["profile"]] if "profile" in scenario else []
    flags += ["--env-file", env_file] if env_file else []
    asked = [word for kind in kinds for word in ("--kind", kind)]
    explained = home.run("explain", "-o", "json", *flags, *asked, **variables)
    if expected == 2 and explained.code == 2:  # wrong usage of the command itself
        return
    found = explained.json
    assert found["exit_code"] == (expected if isinstance(expected, int) else 0), found["error"]
    chosen = [
        [c["profile"], c["source"].split(":")[0]] for c in found["candidates"] if c["outcome"] == "chosen"
    ]
    assert chosen == ([] if isinstance(expected, int) else [expected])
    if not kinds:
        token = home.run("auth", "token", *flags, **variables)
        keyless = not isinstance(expected, int) and found["profile"]["kind"] == "nucliadb"
        assert token.code == (expected if isinstance(expected, int) else 1 if keyless else 0), token


def test_there_are_enough_scenarios_and_no_two_alike() -> None:
    assert len({s["name"] for s in SCENARIOS}) == len(SCENARIOS) >= 60
    assert all(("exit" in s) != ("winner" in s) for s in SCENARIOS)


def test_the_page_of_the_docs_is_rendered_from_them() -> None:
    import render_scenarios

    page = (REPO / "docs/which-profile.md").read_text()
    assert page == render_scenarios.page(), "run: python tests/render_scenarios.py > docs/which-profile.md"
