"""Several kinds at once: `use A,B`, `use --account`, `use --unset`, and what logins learn of an account."""

import json
import os
import sys
import tomllib

import pytest
from support import Home, Terminal

KB = 'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/{0}"\napi_key = "{0}-key"\naccount = "{0}-id"\n'
NUA = 'kind = "nua"\nissuer = "https://z.dp.progress.cloud"\nnua_key_env = "K"\naccount = "{0}-id"\n'


@pytest.fixture
def laptop(home: Home) -> Home:
    """Two customers; of one the slug is known, by one of its profiles."""
    for name in ("acme", "globex"):
        home.define(f"{name}-kb", KB.format(name) + f'account_slug = "{name}"\n')
        home.define(f"{name}-nua", NUA.format(name))
    return home


def active(home: Home) -> dict[str, object]:
    return json.loads((home.store / "active.json").read_text())


def resolved(home: Home, kind: str) -> str:
    code = (
        "import nucliactl\n"
        f"try: print(nucliactl.resolve(kind={kind!r}).name)\n"
        "except nucliactl.NucliactlError as error: print(error.exit_code, error)\n"
    )
    return home.python(code).out.strip()


def test_several_kinds_are_switched_to_in_one_write_and_everything_follows(laptop: Home) -> None:
    laptop.run("use", "globex-nua")
    result = laptop.run("use", "acme-kb,acme-nua", "-o", "json")
    source = f"store: {laptop.store}/profiles/acme-kb.toml"
    shape = {"name": "acme-kb", "kind": "kb", "source": source, "names": ["acme-kb", "acme-nua"]}
    assert result.json == shape and "acme-kb (kb, " in result.err and "acme-nua (nua, " in result.err
    assert active(laptop) == {
        "version": 1,
        "current": "acme-kb,acme-nua",
        "previous": "globex-nua",
        "last": {"nua": "acme-nua", "kb": "acme-kb"},
    }
    assert laptop.run("current").out == laptop.run("prompt").out == "acme-kb\n"
    found = laptop.run("current", "-o", "json").json
    assert found == {
        "name": "acme-kb",
        "kind": "kb",
        "source": f"active: {laptop.store}/active.json",
        "names": ["acme-kb", "acme-nua"],
    }
    assert laptop.run("prompt", "-o", "json").json == {"name": "acme-kb", "names": ["acme-kb", "acme-nua"]}
    marked = [row["name"] for row in laptop.run("list", "-o", "json").json if row["active"]]
    assert marked == ["acme-kb", "acme-nua"]
    assert (resolved(laptop, "kb"), resolved(laptop, "nua")) == ("acme-kb", "acme-nua")
    explained = laptop.run("explain", "-o", "json").json["candidates"]
    rows = [(c["profile"], c["outcome"]) for c in explained if c["rank"] == "5"]
    assert rows == [("acme-kb", "chosen"), ("acme-nua", "not reached")]
    assert "acme-nua" in laptop.run("explain").out
    shown = [laptop.run("profile", "show", name, "-o", "json").json["active"] for name in found["names"]]
    assert shown == [True, True]


def test_a_half_that_is_gone_is_named_with_what_is_left(laptop: Home) -> None:
    laptop.run("use", "acme-kb,acme-nua")
    gone = laptop.store / "profiles/acme-nua.toml"
    text = gone.read_text()
    gone.unlink()
    for words in (["current"], ["current", "-o", "json"], ["auth", "token"]):
        result = laptop.run(*words)
        assert (result.code, result.out) == (3, "") and "no profile 'acme-nua'" in result.err
        assert "nucliactl use acme-kb" in result.err
    assert laptop.run("prompt").out == ""
    gone.write_text(text)
    laptop.run("use", "globex-kb")
    gone.unlink()
    before = active(laptop)
    result = laptop.run("use", "-")
    assert result.code == 3 and "acme-kb,acme-nua: nucliactl use acme-kb" in result.err, result
    assert active(laptop) == before
    assert laptop.run("use", "acme-kb").code == 0 and active(laptop)["previous"] == "globex-kb"


def test_dash_goes_back_to_the_previous_selection(laptop: Home) -> None:
    laptop.run("use", "acme-kb,acme-nua")
    laptop.run("use", "globex-kb")
    assert resolved(laptop, "nua").startswith("3 ")  # the other customer's key stays with its customer
    for selection in ("acme-kb,acme-nua", "globex-kb", "acme-kb,acme-nua"):
        assert laptop.run("use", "-").code == 0
        assert active(laptop)["current"] == selection
    assert resolved(laptop, "nua") == "acme-nua"


@pytest.mark.parametrize(
    ("selection", "code", "words"),
    [
        ("acme-kb,globex-kb", 3, "two profiles of kind kb: acme-kb and globex-kb"),
        ("acme-kb,acme-kb", 3, "twice"),
        ("acme-kb,acme-nau", 3, "Did you mean 'acme-nua'?"),
        ("acme-kb,env", 2, "reserved"),
        ("acme-kb,nuclia:nua", 2, "official client"),
        ("acme-kb,-", 2, "not a profile name"),
        (",", 2, "names no profile"),
        ("", 2, "names no profile"),
        ("acme-kb,broken", 7, "broken.toml"),
    ],
)
def test_all_is_checked_before_anything_is_written(
    laptop: Home, selection: str, code: int, words: str
) -> None:
    laptop.define("broken", "kind = \n")
    laptop.run("use", "globex-kb")
    before = laptop.files()
    for here in ([], ["--here"]):
        result = laptop.run("use", selection, *here)
        assert (result.code, result.out) == (code, "") and words in result.err, result
    assert laptop.files() == before and not list(laptop.work.iterdir())


def test_what_does_not_go_together_is_wrong_usage(laptop: Home) -> None:
    for words in (
        ["acme-kb", "--account", "acme"],
        ["acme-kb", "--unset"],
        ["--unset", "--account", "acme"],
        ["--account", ""],
        ["-", "--here"],
    ):
        assert laptop.run("use", *words).code == 2, words
    assert not (laptop.store / "active.json").exists()


def test_a_damaged_profile_hurts_only_itself(laptop: Home) -> None:
    laptop.run("use", "acme-kb,acme-nua")
    laptop.define("acme-nua", "kind = \n")
    assert laptop.run("current").out == "acme-kb\n" and resolved(laptop, "kb") == "acme-kb"
    assert laptop.run("current", "-o", "json").json["name"] == "acme-kb"
    assert resolved(laptop, "nua").startswith("7 ")
    laptop.define("acme-nua", NUA.format("acme"))
    laptop.define("acme-kb", "kind = \n")
    assert laptop.run("current").out == "acme-kb\n" and resolved(laptop, "kb").startswith("7 ")
    assert laptop.run("auth", "token").code == 7 and resolved(laptop, "nua") == "acme-nua"


def test_what_becomes_two_of_one_kind_by_hand_is_ambiguous(laptop: Home) -> None:
    laptop.run("use", "acme-kb,acme-nua")
    laptop.define("acme-nua", KB.format("other"))
    assert laptop.run("current").code == 3 and resolved(laptop, "kb") == "acme-kb"


def test_renaming_and_deleting_follow_the_selection(laptop: Home) -> None:
    laptop.run("use", "acme-kb,acme-nua")
    laptop.run("profile", "rename", "acme-nua", "pipeline")
    assert active(laptop)["current"] == "acme-kb,pipeline"
    assert "now using pipeline" in laptop.run("profile", "delete", "acme-kb").err
    assert laptop.run("current").out == "pipeline\n"
    assert "no current profile" in laptop.run("profile", "delete", "pipeline").err
    assert laptop.run("current").code == 4


def test_one_customers_profiles_are_switched_to_by_slug_or_id(laptop: Home) -> None:
    for account in ("acme", "acme-id"):
        laptop.run("use", "globex-kb")
        assert laptop.run("use", "--account", account).code == 0
        assert active(laptop)["current"] == "acme-kb,acme-nua"
    names = [laptop.run("list", "--account", word, "-o", "name").out.split() for word in ("acme", "acme-id")]
    assert names == [["acme-kb", "acme-nua"]] * 2
    result = laptop.run("use", "--account", "acmee")
    assert result.code == 3 and "There are: acme, globex" in result.err
    assert active(laptop)["current"] == "acme-kb,acme-nua"


def test_several_of_a_kind_of_one_customer_are_the_last_used_or_ambiguous(laptop: Home) -> None:
    laptop.define("acme-write", KB.format("acme"))
    result = laptop.run("use", "--account", "acme")
    assert result.code == 3 and "acme-kb (kb), acme-write (kb)" in result.err
    assert not (laptop.store / "active.json").exists()
    (hint,) = [line.strip() for line in result.err.splitlines() if "nucliactl use" in line]
    assert laptop.run(*hint.partition("nucliactl ")[2].split()).code == 0  # as it is typed
    laptop.run("use", "acme-write")
    laptop.run("use", "globex-nua")
    laptop.run("use", "--account", "acme")
    assert active(laptop)["current"] == "acme-write,acme-nua"


def test_an_account_is_pinned_and_unpinned(laptop: Home) -> None:
    pin = laptop.work / ".nuclia-profile"
    assert laptop.run("use", "--account", "acme", "--here").code == 0
    assert pin.read_text() == "acme-kb,acme-nua\n" and not (laptop.store / "active.json").exists()
    assert laptop.run("current", "-o", "json").json["names"] == ["acme-kb", "acme-nua"]
    assert resolved(laptop, "nua") == "acme-nua"
    result = laptop.run("use", "--unset", "--here", "-o", "json")
    assert result.json == {"name": None, "path": str(pin), "previous": "acme-kb,acme-nua"}
    assert not pin.exists()
    again = laptop.run("use", "--unset", "--here")
    assert again.code == 0 and "there is no" in again.err


def test_a_pin_is_removed_with_nothing_that_is_somebodys(laptop: Home) -> None:
    pin = laptop.work / ".nuclia-profile"
    pin.write_text("# why acme\nacme-kb\n")
    assert laptop.run("use", "--unset", "--here").code == 0
    assert pin.read_text() == "# why acme\n" and laptop.run("current").code == 4
    pin.write_text("notes\nof somebody\n")
    assert laptop.run("use", "--unset", "--here").code == 7
    assert pin.read_text() == "notes\nof somebody\n"
    pin.unlink()
    target = laptop.path / "shared-pin"
    target.write_text("acme-kb\n")
    pin.symlink_to(target)
    assert laptop.run("use", "--unset", "--here").code == 0
    assert not os.path.lexists(pin) and target.read_text() == "acme-kb\n"
    pin.mkdir()
    assert laptop.run("use", "--unset", "--here").code == 2 and pin.is_dir()


def test_a_pin_above_is_named_where_there_is_none_here(laptop: Home) -> None:
    (laptop.work / ".git").mkdir()
    (laptop.work / ".nuclia-profile").write_text("acme-kb\n")
    inner = laptop.work / "inner"
    inner.mkdir()
    laptop.work = inner
    result = laptop.run("use", "--unset", "--here")
    assert result.code == 0 and f"{inner.parent}/.nuclia-profile counts" in result.err


def test_unset_leaves_nothing_current_and_there_is_a_way_back(laptop: Home) -> None:
    assert laptop.run("use", "--unset").code == 0  # nothing was
    laptop.run("use", "acme-kb,acme-nua")
    result = laptop.run("use", "--unset", "-o", "json")
    assert result.json == {"name": None, "previous": "acme-kb,acme-nua"}
    assert laptop.run("current").code == 4 and laptop.run("prompt").out == ""
    assert resolved(laptop, "kb").startswith("3 ")  # nor is the last one of a kind used
    assert not [row for row in laptop.run("list", "-o", "json").json if row["active"]]
    assert laptop.run("use", "-").code == 0
    assert active(laptop)["current"] == "acme-kb,acme-nua"
    warned = laptop.run("use", "--unset", NUCLIA_PROFILE="globex-kb,globex-nua").err
    assert "NUCLIA_PROFILE=globex-kb,globex-nua (environment) still wins" in warned


def test_what_still_wins_over_a_selection_is_said(laptop: Home) -> None:
    both = "acme-kb,acme-nua"
    assert "still wins" not in laptop.run("use", both, NUCLIA_PROFILE=both).err
    assert "still wins" not in laptop.run("use", "acme-kb", NUCLIA_PROFILE=both).err
    assert (
        "NUCLIA_PROFILE=acme-kb (environment) still wins"
        in laptop.run("use", both, NUCLIA_PROFILE="acme-kb").err
    )
    (laptop.work / ".nuclia-profile").write_text("globex-kb,globex-nua\n")
    assert "still wins with globex-kb,globex-nua" in laptop.run("use", both).err


def test_lists_of_other_sources_mark_and_name_all_of_theirs(laptop: Home) -> None:
    both = {"NUCLIA_PROFILE": "globex-kb,acme-nua"}
    assert laptop.run("current", "-o", "json", **both).json["names"] == ["globex-kb", "acme-nua"]
    marked = [row["name"] for row in laptop.run("list", "-o", "json", **both).json if row["active"]]
    assert marked == ["acme-nua", "globex-kb"]


def test_a_full_disk_leaves_the_selection_as_it_was(laptop: Home) -> None:
    laptop.run("use", "acme-kb,acme-nua")
    before = laptop.files()
    script = 'ulimit -f 0; trap "" XFSZ; exec nucliactl use globex-kb,globex-nua'
    result = laptop.program("sh", "-c", script)
    assert result.code == 1 and laptop.files() == before, result


def test_logout_without_a_name_is_the_users_where_several_are_active(laptop: Home) -> None:
    laptop.define("sam", 'kind = "user"\n')
    laptop.define("acme-kb", KB.format("acme").replace('api_key = "acme-key"\n', ""))
    for name in ("sam", "acme-kb"):
        folder = laptop.store / "credentials"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.json").write_text("{}")
        (folder / f"{name}.json").chmod(0o600)
    laptop.run("use", "acme-kb,sam")
    result = laptop.run("auth", "logout")
    assert result.code == 0 and not (laptop.store / "credentials/sam.json").exists(), result
    assert (laptop.store / "credentials/acme-kb.json").exists()
    said, done = result.err.splitlines()[:2]
    assert "logging out of sam, not of acme-kb" in said and "logged out of sam" in done
    laptop.run("use", "acme-kb,acme-nua")
    result = laptop.run("auth", "logout", "-o", "json")
    assert result.json == [{"name": "acme-kb", "removed": True}] and "not of acme-nua" in result.err


# -- what logins learn ------------------------------------------------------------------------------


@pytest.fixture
def sam(person: Home) -> Home:
    assert person.run("auth", "set_user_token", "-", stdin=person.environ["SANDBOX_USER_TOKEN"]).code == 0
    return person


def row(home: Home, name: str) -> dict[str, object]:
    (found,) = [row for row in home.run("list", "-o", "json").json if row["name"] == name]
    return found


def log_in(home: Home, *words: str) -> None:
    result = home.run(
        "auth", "kb", home.environ["SANDBOX_KB_URL"], "-", *words, stdin=home.environ["SANDBOX_KB_KEY"]
    )
    assert result.code == 0, result.err


def test_logins_write_title_and_account_slug_where_they_learn_them(sam: Home) -> None:
    assert row(sam, "sam")["title"] == "Sam Sandbox <sam@sandbox.invalid>"
    assert sam.run("auth", "kb", "handbook", "--name", "by-slug").code == 0
    found = row(sam, "by-slug")
    assert (found["title"], found["account_slug"]) == ("Staff handbook", "acme")
    log_in(sam, "--name", "by-key")
    found = row(sam, "by-key")  # a key does not tell the slug; by-slug knows whose the id is
    assert (found["title"], found["account_slug"]) == ("Staff handbook", "acme")
    assert found["account"] == row(sam, "by-slug")["account"] and found["zone"] is None
    shown = sam.run("profile", "show", "by-slug", "-o", "json").json
    assert shown["title"] == "Staff handbook" and shown["account_slug"] == "acme"
    sam.run("profile", "delete", "by-slug")
    assert sam.run("accounts", "default", "acme").code == 0
    assert row(sam, "sam")["account_slug"] == "acme"
    assert sam.run("use", "--account", "acme").code == 0
    assert active(sam)["current"] == "by-key,sam"
    made = sam.run("auth", "create_api_key", "handbook", "--save-as", "made", "--role", "READER")
    assert made.code == 0 and row(sam, "made")["account_slug"] == "acme", made


def test_a_relogin_refreshes_them_and_keeps_the_selection(sam: Home) -> None:
    log_in(sam, "--name", "box")
    path = sam.store / "profiles/box.toml"
    path.write_text(path.read_text().replace("Staff handbook", "Old title") + '# mine\ndescription = "d"\n')
    sam.run("use", "box,sam")
    log_in(sam)
    found = row(sam, "box")
    assert (found["title"], found["description"]) == ("Staff handbook", "d") and "# mine" in path.read_text()
    assert active(sam)["current"] == "box,sam"


def test_a_definition_that_is_a_link_is_not_rewritten_for_them_only(sam: Home) -> None:
    log_in(sam, "--name", "box")
    path = sam.store / "profiles/box.toml"
    lines = [line for line in path.read_text().splitlines() if not line.startswith("title")]
    target = sam.path / "checkout.toml"
    target.write_text("\n".join(lines) + "\n")
    path.unlink()
    path.symlink_to(target)
    before = target.read_bytes()
    log_in(sam)
    assert path.is_symlink() and target.read_bytes() == before and row(sam, "box")["title"] is None


def test_the_slug_of_another_account_does_not_stay(sam: Home) -> None:
    sam.run("accounts", "default", "acme")
    sam.run("profile", "set", "sam", "account=another")
    assert row(sam, "sam")["account_slug"] is None
    sam.run("profile", "set", "sam", "account=x", "account_slug=y")
    sam.run("profile", "set", "sam", "description=words", "account=x")
    assert row(sam, "sam")["account_slug"] == "y"
    sam.run("profile", "unset", "sam", "account")
    assert "account_slug" not in tomllib.loads((sam.store / "profiles/sam.toml").read_text())


def test_extending_a_profile_does_not_take_its_title(home: Home) -> None:
    home.define("base", KB.format("acme") + 'title = "T"\naccount_slug = "acme"\n')
    home.define("other", 'kind = "nucliadb"\nurl = "http://localhost:1"\nextends = "base"\n')
    values = {value["key"] for value in home.run("profile", "show", "other", "-o", "json").json["values"]}
    assert not values & {"title", "account_slug"}


# -- completion -------------------------------------------------------------------------------------


def answers(home: Home, line: str) -> list[str]:
    variables = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_IFS": "\n", "_ARGCOMPLETE_SHELL": "bash"}
    variables |= {"COMP_LINE": line, "COMP_POINT": str(len(line.encode()))}
    result = home.program("sh", "-c", "exec nucliactl 8>&1 9>/dev/null", **variables)
    return sorted(answer.strip() for answer in result.out.split("\n")) if result.out else []


def test_lists_and_accounts_are_completed(laptop: Home) -> None:
    laptop.define("broken", "kind = \n")
    both = ["acme-kb,acme-nua", "acme-kb,broken", "acme-kb,globex-nua"]
    for line in ("use acme-kb,", "--profile acme-kb,", "profile use acme-kb,"):
        assert answers(laptop, f"nucliactl {line}") == both, line
    assert answers(laptop, "nucliactl use acme-kb,g") == ["acme-kb,globex-nua"]
    assert answers(laptop, "nucliactl use acme-kb,acme-nua,g") == []
    assert answers(laptop, "nucliactl use g") == ["globex-kb", "globex-nua"]
    for line in ("use --account ", "list --account "):
        assert answers(laptop, f"nucliactl {line}") == ["acme", "globex"]
    assert answers(laptop, "nucliactl profile show acme-kb,") == []


def test_bash_types_a_list_to_its_end(laptop: Home) -> None:
    laptop.environ |= {"PS1": "ready> ", "TERM": "xterm", "HISTFILE": "/dev/null"}
    terminal = Terminal(laptop, "--norc", "--noprofile", "-i", program="/bin/bash")
    terminal.type('eval "$(nucliactl completion bash)"; echo set-up-$((1+1))\n')
    terminal.expect("set-up-2")
    terminal.type("nucliactl use acme-kb,acme-n\t")
    terminal.expect("acme-nua")
    terminal.type("\necho round-$?-over\n")
    terminal.expect("round-0-over")
    terminal.type("exit\n")
    terminal.close()
    assert active(laptop)["current"] == "acme-kb,acme-nua"


def test_a_list_is_the_light_path_too(laptop: Home) -> None:
    laptop.run("use", "acme-kb,acme-nua")
    heavy = "('httpx', 'dynaconf', 'tabulate', 'tomlkit')"
    code = (
        "import sys; from nucliactl.cli.main import main; "
        f"main(sys.argv[1:]); print([m for m in {heavy} if m in sys.modules])"
    )
    for words in (["current"], ["prompt"], ["use", "globex-kb,globex-nua"], ["list", "-o", "name"]):
        result = laptop.program(sys.executable, "-c", code, *words)
        assert result.out.endswith("[]\n"), result
