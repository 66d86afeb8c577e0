"""The order: flag, NUCLIA_PROFILE, the environment's credential, what was switched to."""

import pytest
from support import Home

KB = 'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/{0}"\napi_key = "{0}-key"\naccount = "{1}"\n'
NUA = 'kind = "nua"\nissuer = "https://z.dp.progress.cloud/"\nnua_key_env = "K"\naccount = "{0}"\n'
ENV = {"NUCLIA_KB_URL": "https://z.dp.progress.cloud/api/v1/kb/e", "NUCLIA_API_KEY": "env-key"}


@pytest.fixture
def laptop(home: Home) -> Home:
    for name, account in (("acme", "a"), ("globex", "g")):
        home.define(f"{name}-kb", KB.format(name, account))
        home.define(f"{name}-nua", NUA.format(account))
    return home


def current(home: Home, *words: str, **variables: str) -> str:
    return home.run("current", *words, **variables).out.strip()


def resolved(home: Home, kind: str, name: str | None = None, **variables: str) -> str:
    code = (
        "import nucliactl\n"
        f"try: print(nucliactl.resolve({name!r}, kind={kind!r}).name)\n"
        "except nucliactl.NucliactlError as error: print(error.exit_code, error)\n"
    )
    return home.python(code, **variables).out.strip()


def test_each_rank_beats_those_below_it(laptop: Home) -> None:
    laptop.run("use", "acme-kb")
    assert current(laptop) == "acme-kb"
    assert current(laptop, **ENV) == "env"
    assert current(laptop, NUCLIA_PROFILE="globex-kb", **ENV) == "globex-kb"
    assert current(laptop, "--profile", "acme-nua", NUCLIA_PROFILE="globex-kb", **ENV) == "acme-nua"


def test_a_named_profile_that_is_not_there_is_an_error_not_a_fall_through(laptop: Home) -> None:
    laptop.run("use", "acme-kb")
    for words, variables in ((["--profile", "nope"], {}), ([], {"NUCLIA_PROFILE": "nope"})):
        for shape in ("table", "json"):
            result = laptop.run("current", "-o", shape, *words, **variables)
            assert result.code == 3 and "nope" in result.err


def test_a_name_beats_credential_variables_with_one_notice(laptop: Home) -> None:
    result = laptop.run("current", NUCLIA_PROFILE="acme-kb", **ENV)
    assert result.out == "acme-kb\n"
    assert (
        result.err.count("\n") == 1
        and "NUCLIA_KB_URL, NUCLIA_API_KEY in the environment are not used" in result.err
    )


def test_a_list_of_names_serves_several_kinds(laptop: Home) -> None:
    both = {"NUCLIA_PROFILE": "acme-kb, globex-nua"}
    assert current(laptop, **both) == "acme-kb"
    assert resolved(laptop, "nua", **both) == "globex-nua"
    assert resolved(laptop, "nucliadb", **both).startswith("3 ")
    assert laptop.run("current", NUCLIA_PROFILE="acme-kb,globex-kb").code == 3
    assert laptop.run("current", NUCLIA_PROFILE="acme-kb,nope").code == 3
    assert laptop.run("current", NUCLIA_PROFILE=",").code == 2
    assert laptop.run("current", NUCLIA_PROFILE="env,acme-nua", **ENV).out == "env\n"
    assert resolved(laptop, "nua", NUCLIA_PROFILE="env,acme-nua", **ENV) == "acme-nua"


def test_asking_for_a_kind_skips_candidates_of_another(laptop: Home) -> None:
    laptop.run("use", "acme-nua")
    assert resolved(laptop, "nua", **ENV) == "acme-nua"
    found = laptop.run("explain", "--kind", "nua", "-o", "json", **ENV).json
    assert [(c["rank"], c["outcome"]) for c in found["candidates"]] == [
        ("1", "absent"),
        ("1b", "absent"),
        ("2", "absent"),
        ("3", "other kind"),
        ("4", "absent"),
        ("5", "chosen"),
        ("6", "absent"),
    ]


def test_switching_both_kinds_leaves_both_usable(laptop: Home) -> None:
    laptop.run("use", "acme-kb")
    laptop.run("use", "acme-nua")
    assert resolved(laptop, "kb") == "acme-kb"
    assert resolved(laptop, "nua") == "acme-nua"


def test_another_customers_key_is_never_handed_out(laptop: Home) -> None:
    laptop.run("use", "acme-nua")
    laptop.run("use", "globex-kb")
    answer = resolved(laptop, "nua")
    assert answer.startswith("3 ") and "acme-nua" in answer and "globex-nua" in answer
    (laptop.store / "profiles/globex-nua.toml").unlink()
    assert resolved(laptop, "nua").startswith("3 ")  # the only one, but of another account


def test_the_only_profile_of_a_kind_is_taken_when_no_account_speaks_against_it(laptop: Home) -> None:
    (laptop.store / "profiles/globex-nua.toml").unlink()
    assert resolved(laptop, "nua") == "acme-nua"  # nothing is current at all
    laptop.run("use", "acme-kb")
    assert resolved(laptop, "nua") == "acme-nua"
    laptop.define("plain", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    laptop.run("use", "plain")
    assert resolved(laptop, "nua") == "acme-nua"  # the current one's account is not known


def test_several_kinds_are_tried_in_the_order_asked(laptop: Home) -> None:
    laptop.define("db", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    laptop.run("use", "db")
    laptop.run("use", "acme-kb")
    code = "import nucliactl; print(nucliactl.resolve(kind=('nucliadb', 'kb')).name)"
    assert laptop.python(code).out == "acme-kb\n"  # the current one fits: it is the candidate
    laptop.run("use", "acme-nua")
    assert laptop.python(code).out == "db\n"


def test_using_a_flag_is_not_switching(laptop: Home) -> None:
    laptop.run("use", "acme-kb")
    before = laptop.files()
    laptop.run("auth", "token", "--profile", "globex-kb")
    laptop.run("explain", "--profile", "globex-kb")
    assert laptop.files() == before


def test_nothing_configured_is_four_with_the_commands_that_fix_it(home: Home) -> None:
    result = home.run("auth", "token")
    assert result.code == 4
    for words in ("nucliactl auth kb URL", "nucliactl use NAME", "NUCLIA_KB_URL"):
        assert words in result.err


def test_explain_exits_zero_and_says_what_resolve_would_give(laptop: Home) -> None:
    found = laptop.run("explain", "-o", "json").json
    assert set(found) == {"profile", "values", "candidates", "exit_code", "error"}
    assert (found["profile"], found["exit_code"]) == (None, 4)
    laptop.run("use", "acme-kb")
    found = laptop.run("explain", "-o", "json", NUCLIA_TOKEN="x")
    assert "NUCLIA_TOKEN is set but not read" in found.err
    found = found.json
    assert found["profile"] == laptop.run("list", "-o", "json").json[0]
    values = {v["key"]: (v["value"], v["source"]) for v in found["values"]}
    place = f"store: {laptop.store}/profiles/acme-kb.toml"
    assert values["url"] == ("https://z.dp.progress.cloud/api/v1/kb/acme", place)
    assert values["zone"] == ("z", place)
    assert values["api_key"] == ("****", place)
    assert values["timeout"] == (30, "default: built in")
    assert all(set(c) == {"rank", "source", "profile", "outcome"} for c in found["candidates"])


def test_explain_names_the_variable_each_value_came_from(home: Home) -> None:
    variables = {
        **ENV,
        "NUCLIA_ACCOUNT": "acc",
        "NUCLIACTL_TIMEOUT": "7",
        "NUCLIA_API_KEY": "0123456789abcdef",
    }
    found = home.run("explain", "-o", "json", **variables)
    values = {v["key"]: (v["value"], v["source"]) for v in found.json["values"]}
    assert values["account"] == ("acc", "env: NUCLIA_ACCOUNT")
    assert values["timeout"] == (7, "env: NUCLIACTL_TIMEOUT")
    assert values["api_key"] == ("****cdef", "env: NUCLIA_API_KEY")
    assert "0123456789" not in found.out + home.run("explain", **variables).out


def test_an_environments_account_and_zone_overlay_signed_in_profiles_only(laptop: Home) -> None:
    laptop.define("me", 'kind = "user"\ntoken = "t"\naccount = "mine"\n')
    overlay = {"NUCLIA_ACCOUNT": "other", "NUCLIA_ZONE": "elsewhere"}
    code = "import nucliactl; p = nucliactl.resolve({!r}); print(p.account, p.zone)"
    assert laptop.python(code.format("me"), **overlay).out == "other elsewhere\n"
    assert laptop.python(code.format("acme-kb"), **overlay).out == "a z\n"


def test_profile_directories_have_their_order_and_their_limits(laptop: Home) -> None:
    shared = laptop.path / "shared"
    shared.mkdir()
    (shared / "acme-kb.toml").write_text(KB.format("shadowed", "s"))
    (shared / "team.toml").write_text(KB.format("team", "t"))
    path = {"NUCLIA_PROFILES_PATH": str(shared)}
    rows = {row["name"]: row for row in laptop.run("list", "-o", "json", **path).json}
    assert rows["acme-kb"]["source"].startswith("store: ") and rows["team"]["source"].startswith("path: ")
    assert (
        laptop.run("auth", "token", "--profile", "acme-kb", "--profiles-dir", str(shared)).out
        == "shadowed-key\n"
    )
    assert laptop.run("list", NUCLIA_PROFILES_PATH="relative/dir").code == 2
    (shared / "bad.toml").write_text(
        'kind = "kb"\nurl = "https://evil.example/api/v1/kb/x"\napi_key_env = "NUCLIA_X"\n'
    )
    (shared / "far.toml").write_text(
        NUA.format("x").replace('nua_key_env = "K"', 'nua_key_file = "/etc/hostname"')
    )
    (shared / "var.toml").write_text(NUA.format("x").replace('"K"', '"AWS_SECRET_ACCESS_KEY"'))
    for name in ("bad", "far", "var"):
        result = laptop.run("auth", "token", "--profile", name, "--profiles-dir", str(shared))
        assert result.code == 6, (name, result)


def test_a_kind_the_environment_does_not_hold_is_explained_as_another_kind(laptop: Home) -> None:
    found = laptop.run("explain", "-o", "json", NUCLIA_PERSONAL_TOKEN="t", NUCLIA_KIND="nua").json
    rows = [(row["rank"], row["outcome"]) for row in found["candidates"] if row["rank"] == "3"]
    assert found["exit_code"] == 3 and rows == [("3", "other kind")]
