"""Five hundred worlds nobody thought of: the resolver, resolve(), explain, current and auth token agree."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from support import Home

from .oracle import expected

pytestmark = pytest.mark.once
WORLDS = 500
KB = "https://z.dp.progress.cloud/api/v1/kb/x"
EVIL = "https://evil.example/api/v1/kb/x"
_PAYLOAD = (
    base64.urlsafe_b64encode(b'{"iss": "https://z.dp.progress.cloud/", "sub": "c"}').decode().rstrip("=")
)
NUA = f"e30.{_PAYLOAD}.sig"
PROFILES = {
    "a-kb": ("kb", "a"), "a-nua": ("nua", "a"), "b-kb": ("kb", "b"), "b-nua": ("nua", "b"),
    "plain-nua": ("nua", None), "db": ("nucliadb", None), "pat": ("personal-token", None),
}  # fmt: skip
ASKED = ["kb", "nua", "nucliadb", "personal-token"]
NONE = [[], ["nua"], ["kb"]]
TEXT = {
    "kb": f'url = "{KB}"\napi_key = "SECRET"\n',
    "nua": 'issuer = "https://z.dp.progress.cloud"\nnua_key = "SECRET"\n',
    "nucliadb": 'url = "http://localhost:1"\n',
    "personal-token": 'token = "SECRET"\n',
}


def secret_of(name: str) -> str:
    """Every stored profile has a secret of its own, so that a printed one tells whose it is."""
    return f"e30.{_PAYLOAD}.{name}" if PROFILES[name][0] == "nua" else f"secret-of-{name}"


def names(known: list[str]) -> st.SearchStrategy[list[str]]:
    """One or two names, mostly of profiles that are there."""
    words = st.sampled_from([*known, *known, *known, "nobody", "env", "dotenv"])
    return st.lists(words, min_size=1, max_size=2, unique=True)


def one_in(number: int) -> st.SearchStrategy[bool]:
    return st.integers(1, number).map(lambda n: n == 1)


variables = st.fixed_dictionaries(
    {},
    optional={
        "NUCLIA_KB_URL": st.sampled_from([KB, KB, EVIL, ""]),
        "NUCLIA_API_KEY": st.sampled_from(["k", "k", ""]),
        "NUCLIA_NUA_KEY": st.just(NUA),
        "NUCLIA_PERSONAL_TOKEN": st.just("t"),
        "NUCLIADB_URL": st.sampled_from(["http://localhost:1", "http://evil.example"]),
        "NUCLIA_KIND": st.sampled_from(["kb", "nua", "nucliadb"]),
    },
)


@st.composite
def worlds(draw: Any) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(list(PROFILES)), unique=True, min_size=4))
    some = names(chosen)

    def sometimes(number: int, strategy: Any) -> Any:
        return draw(strategy) if draw(one_in(number)) else None

    last: dict[str, str] = {}
    current = None
    for name in draw(st.lists(st.sampled_from([*chosen, *chosen, *PROFILES]), min_size=1, max_size=4)):
        one_of_each = {PROFILES[name][0]: name}
        for other in draw(st.lists(st.sampled_from(chosen), max_size=2)) if draw(one_in(3)) else ():
            one_of_each.setdefault(PROFILES[other][0], other)  # several at once, of different kinds
        current, last = ",".join(one_of_each.values()), {**last, **one_of_each}
    dotenv = sometimes(3, variables)
    if dotenv is not None and draw(one_in(3)):
        dotenv = {**dotenv, "NUCLIA_PROFILE": ",".join(draw(some))}
    return {
        "profiles": {name: PROFILES[name] for name in chosen},
        "current": current,
        "last": last,
        "flag": sometimes(8, some),
        "names": sometimes(6, some),
        "env": sometimes(4, variables) or {},
        "dotenv": dotenv if dotenv and any(dotenv.values()) else None,
        "pin": sometimes(4, some),
        "flaws": {
            which: draw(st.sampled_from(["mode", "link"])) for which in ("dotenv", "pin") if draw(one_in(5))
        },
        "project": sometimes(3, st.sampled_from(["", "1", "ON", "0", "No", "trust", "Trust", "never"])) or "",
        "trusted": draw(one_in(4)),
        "kinds": draw(st.lists(st.sampled_from(ASKED), max_size=2, unique=True))
        or draw(st.sampled_from(NONE)),
    }


def generated() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    @seed(4)
    @settings(
        max_examples=WORLDS,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(worlds())
    def collect(world: dict[str, Any]) -> None:
        found.append(world)

    collect()
    return found


ASK = """
import contextlib, io, json, os, sys, nucliactl
from nucliactl.cli.main import main
from nucliactl.resolver.result import Query
from nucliactl.resolver.choose import resolve
from nucliactl.sources.sources import Flags, sources_of
root, base = sys.argv[1], dict(os.environ)
def answer(call):
    try: return call()
    except nucliactl.NucliactlError as error: return error.exit_code
def command(*words):
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()): code = main(list(words))
    return code, out.getvalue()
for number, case in enumerate(json.load(sys.stdin)):
    os.environ.clear(); os.environ.update(base); os.environ.update(case["env"])
    os.environ["NUCLIA_CONFIG_DIR"] = f"{root}/{number}/store"
    os.environ["NUCLIACTL_PROJECT"] = case["project"]
    if case["names"]: os.environ["NUCLIA_PROFILE"] = ",".join(case["names"])
    os.chdir(f"{root}/{number}/repo")
    flag, kinds = ",".join(case["flag"]) if case["flag"] else None, case["kinds"]
    def by_resolver():
        choice = resolve(sources_of(os.environ, Flags(flag), os.getcwd()), Query(tuple(kinds))).require()
        return [choice.name, choice.source.kind]
    def by_sdk():
        found = nucliactl.resolve(flag, kind=kinds or None)
        return [found.name, found.source.split(":")[0]]
    flags = ["--profile", flag] if flag else []
    code, out = command("explain", "-o", "json", *flags, *[w for k in kinds for w in ("--kind", k)])
    found = json.loads(out) if out else {"candidates": [], "exit_code": code}
    chosen = [[c["profile"], c["source"].split(":")[0]] for c in found["candidates"] if c["outcome"] == "chosen"]
    by_explain = chosen[0] if chosen else found["exit_code"]
    answers = [answer(by_resolver), answer(by_sdk), by_explain]
    if not kinds:
        code, out = command("current", "-o", "json", *flags)
        if code == 0 and found["candidates"] and case["current"] and json.loads(out)["source"].startswith("active"):
            assert json.loads(out).get("names", [json.loads(out)["name"]]) == case["current"].split(","), (out, case)
        answers.append(code or [json.loads(out)["name"], json.loads(out)["source"].split(":")[0]])
    code, out = command("auth", "token", *flags)
    print(json.dumps([answers, None if kinds else code or out.strip()]))
"""


def test_generated_worlds_have_one_answer_and_it_is_the_oracles(home: Home, tmp_path: Path) -> None:
    cases = generated()
    assert len(cases) >= WORLDS * 0.9
    for number, case in enumerate(cases):
        root = tmp_path / "worlds" / str(number)
        (root / "repo/.git").mkdir(parents=True)
        (root / "store/profiles").mkdir(parents=True)
        for name, (kind, account) in case["profiles"].items():
            text = f'kind = "{kind}"\n{TEXT[kind]}'.replace("SECRET", secret_of(name)) + (
                f'account = "{account}"\n' if account else ""
            )
            path = root / f"store/profiles/{name}.toml"
            path.write_text(text)
            path.chmod(0o600)
        active = {"version": 1, "current": case["current"], "previous": None, "last": case["last"]}
        (root / "store/active.json").write_text(json.dumps(active))
        for which, name, text in (
            ("dotenv", ".env", "".join(f"{k}={v}\n" for k, v in (case["dotenv"] or {}).items())),
            ("pin", ".nuclia-profile", ",".join(case["pin"] or ())),
        ):
            if not text:
                continue
            file = root / "repo" / name
            if case["flaws"].get(which) == "link":
                file.symlink_to(f"../outside{name}")
                file = root / f"outside{name}"
            file.write_text(text)
            file.chmod(0o666 if case["flaws"].get(which) == "mode" else 0o644)
        if case["trusted"]:
            (root / "store/config.toml").write_text(f"trusted_projects = ['{tmp_path.resolve()}']\n")
    result = home.program(sys.executable, "-c", ASK, str(tmp_path / "worlds"), stdin=json.dumps(cases))
    assert result.code == 0, result.err
    for case, line in zip(cases, result.out.splitlines(), strict=True):
        answers, token = json.loads(line)
        wanted = expected(case)
        for answer in answers:
            assert answer == wanted, (wanted, answers, case)
        if not case["kinds"]:
            assert token in tokens(wanted), (wanted, token, case)


def tokens(wanted: Any) -> tuple[Any, ...]:
    """What `auth token` may end with or print, where the oracle says who is active."""
    if isinstance(wanted, int):
        return (wanted,)
    name = wanted[0]
    if name in ("env", "dotenv"):
        return ("k", "t", NUA, 1)
    return (1,) if PROFILES[name][0] == "nucliadb" else (secret_of(name),)
