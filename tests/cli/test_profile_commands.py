"""profile show, path, set, unset, rename, copy, delete, edit."""

import json

import pytest
from support import Home

URL = "https://z.dp.progress.cloud/api/v1/kb/x"


@pytest.fixture
def two(home: Home) -> Home:
    for name in ("box", "other"):
        url = URL if name == "box" else URL + "2"
        home.run("auth", "kb", url, "-", "--no-validate", "--name", name, stdin=f"{name}-key")
    path = home.store / "profiles/box.toml"
    path.write_text("# mine\n" + path.read_text() + 'description = "d" # why\n')
    return home


def definition(home: Home, name: str = "box") -> str:
    return (home.store / f"profiles/{name}.toml").read_text()


def test_show_tells_values_sources_and_where_the_credential_may_go(two: Home) -> None:
    found = two.run("profile", "show", "box", "-o", "json").json
    assert found["name"] == "box" and found["origins"] == ["https://z.dp.progress.cloud"]
    assert {"key": "url", "value": URL, "source": f"store: {two.store}/profiles/box.toml"} in found["values"]
    table = two.run("profile", "show").out
    assert table.startswith("other: Knowledge Box API key") and "box-key" not in table
    assert two.run("profile", "show", "nope").code == 3


def test_path_prints_where_a_definition_is(two: Home) -> None:
    assert two.run("profile", "path", "box").out == f"{two.store}/profiles/box.toml\n"
    assert two.run("profile", "path").out == f"{two.store}/profiles/other.toml\n"


def test_set_and_unset_keep_comments_and_check_before_saving(two: Home) -> None:
    assert two.run("profile", "set", "box", "account=acme", "timeout=5").code == 0
    assert two.run("profile", "set", "box", "description", "two words").code == 0
    text = definition(two)
    assert text.startswith("# mine\n") and 'account = "acme"' in text and "timeout = 5" in text
    assert 'description = "two words" # why' in text
    assert two.run("profile", "unset", "box", "account", "timeout").code == 0
    assert "account" not in definition(two)
    assert two.run("auth", "token", "--profile", "box").out == "box-key\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["set", "box", "url=nonsense"], "not a URL"),
        (["set", "box", "acount=x"], "Did you mean account?"),
        (["set", "box", "kind=nua"], "cannot be changed"),
        (["set", "box", "api_key=s3cret"], "no place for it"),
        (["set", "box", "timeout=soon"], "number of seconds"),
        (["set", "box", "public=maybe"], "neither true nor false"),
        (["set", "box", "roles=KING"], "not known"),
        (["set", "box", "s3cret"], "KEY=VALUE"),
        (["unset", "box", "url"], "url is missing"),
        (["unset", "box", "nope"], "no key"),
        (["copy", "box", "Bad Name"], "not a profile name"),
        (["rename", "box", "env"], "reserved"),
    ],
)
def test_what_would_not_be_valid_is_refused_and_changes_nothing(
    two: Home, words: list[str], sentence: str
) -> None:
    before = two.files()
    result = two.run("profile", *words)
    assert result.code == 2 and sentence in result.err, result
    assert "s3cret" not in result.err and two.files() == before


def test_a_changed_endpoint_never_takes_the_secret_along(two: Home) -> None:
    result = two.run("profile", "set", "box", "url=https://elsewhere.example/api/v1/kb/x")
    assert result.code == 0 and "log in again" in result.err
    assert two.run("auth", "token", "--profile", "box").code == 6


def test_rename_takes_everything_along(two: Home) -> None:
    two.define("child", 'kind = "nucliadb"\nurl = "http://localhost:1"\nextends = "box" # yes\n')
    two.run("use", "box")
    result = two.run("profile", "rename", "box", "acme")
    assert result.code == 0 and "child refers to it" in result.err
    assert two.run("current").out == "acme\n" and two.run("auth", "token").out == "box-key\n"
    assert 'extends = "acme" # yes' in definition(two, "child")
    assert "box" not in two.run("list", "-o", "name").out.split()
    assert json.loads((two.store / "active.json").read_text())["last"] == {"kb": "acme"}
    assert two.run("profile", "rename", "acme", "other").code == 3
    assert two.run("profile", "mv", "nope", "x").code == 3
    assert definition(two, "acme").startswith("# mine")


def test_copy_copies_a_key_and_never_a_session(two: Home) -> None:
    assert two.run("profile", "copy", "box", "box-test").code == 0
    assert two.run("auth", "token", "--profile", "box-test").out == "box-key\n"
    assert two.run("current").out == "other\n"
    two.run("auth", "set_user_token", "-", "--no-validate", "--name", "me", stdin="user-token")
    result = two.run("profile", "copy", "me", "me2")
    assert result.code == 0 and "needs a login" in result.err
    assert two.run("auth", "token", "--profile", "me2").code == 4
    assert two.run("profile", "copy", "box", "other").code == 3


def test_delete_forgets_everything_and_names_who_needs_it(two: Home) -> None:
    two.define("child", 'kind = "nucliadb"\nurl = "http://localhost:1"\nextends = "other"\n')
    refused = two.run("profile", "delete", "other")
    assert refused.code == 3 and "child" in refused.err
    result = two.run("profile", "delete", "other", "--force")
    assert result.code == 0 and "no current profile now" in result.err and "child" in result.err
    assert {p for p in two.files() if "other" in p} == set()
    assert two.run("current").code == 4
    assert two.run("profile", "rm", "other").code == 3
    two.define("broken", "kind = \n")
    assert two.run("profile", "delete", "broken").code == 0


def test_edit_saves_what_is_valid_and_nothing_else(two: Home) -> None:
    good = two.run("profile", "edit", "box", EDITOR='sed -i \'s/"d"/"edited"/\'')
    assert good.code == 0 and "edited" in definition(two)
    before = two.files()
    assert two.run("profile", "edit", "box", EDITOR="sed -i s/kb/xx/").code in (2, 7)
    assert two.run("profile", "edit", "box", VISUAL="false").code == 1
    assert two.run("profile", "edit", "box", EDITOR="/nowhere").code == 1
    racing = f"sh -c 'echo >> {two.store}/profiles/box.toml; echo >> $0'"
    result = two.run("profile", "edit", "other", EDITOR="true")
    assert result.code == 0
    assert two.files() == before
    raced = two.run("profile", "edit", "box", EDITOR=racing)
    assert raced.code == 1 and "somebody else" in raced.err


def test_a_rejected_text_is_kept_for_the_person(two: Home) -> None:
    result = two.run("profile", "edit", "box", EDITOR="sed -i s/kb/xx/")
    path = result.err.split("kept in ")[1].split()[0].rstrip(".")
    with open(path) as file:
        assert result.code == 2 and 'kind = "xx"' in file.read()
    quiet = two.run("profile", "edit", "box", EDITOR="false")
    assert "kept in" not in quiet.err
    gone = two.run("profile", "edit", "box", EDITOR="rm")
    assert gone.code == 1 and "left no file" in gone.err


def test_every_change_answers_in_json(two: Home) -> None:
    done = two.run("profile", "set", "box", "account=a", "-o", "json").json
    path = f"{two.store}/profiles/box.toml"
    assert done == {"name": "box", "kind": "kb", "path": path, "credential": True, "dependants": []}
    assert two.run("profile", "unset", "box", "account", "-o", "json").json["name"] == "box"
    assert two.run("profile", "copy", "box", "c", "-o", "json").json["name"] == "c"
    assert two.run("profile", "rename", "c", "d", "-o", "json").json["name"] == "d"
    assert two.run("profile", "edit", "d", "-o", "json", EDITOR="true").json["name"] == "d"
    assert two.run("profile", "delete", "d", "-o", "json").json == {"name": "d", "dependants": []}
    assert two.run("prompt", "-o", "json").json == {"name": "other"}
    pinned = two.run("use", "box", "--here", "-o", "json").json
    assert pinned == {"name": "box", "path": f"{two.work}/.nuclia-profile"}


def test_a_damaged_secret_is_not_copied(two: Home) -> None:
    (two.store / "credentials/box.json").write_text("{")
    before = two.files()
    assert two.run("profile", "copy", "box", "c").code == 7
    assert two.files() == before


def test_a_base_that_is_not_there_is_refused(two: Home) -> None:
    result = two.run("profile", "set", "box", "extends=nobody")
    assert result.code == 2 and "nobody" in result.err and "extends" not in definition(two)


def test_a_forced_login_keeps_a_damaged_definition_beside_the_new_one(two: Home) -> None:
    path = two.store / "profiles/box.toml"
    path.write_text("kind = ")
    words = ("auth", "kb", URL, "-", "--no-validate", "--name", "box")
    assert two.run(*words, stdin="k2").code == 7 and path.read_text() == "kind = "
    assert two.run(*words, "--force", stdin="k2").code == 0
    assert (two.store / "profiles/box.toml.damaged").read_text() == "kind = "
    assert two.run("auth", "token", "--profile", "box").out == "k2\n"


def test_a_link_that_leads_nowhere_is_called_that(two: Home) -> None:
    (two.store / "profiles/lost.toml").symlink_to("/nowhere/x.toml")
    result = two.run("auth", "token", "--profile", "lost")
    assert result.code == 3 and "leads nowhere" in result.err


def test_one_of_each_kind_is_pinned(two: Home) -> None:
    for names in ("box,other", "box,box"):
        assert two.run("use", names, "--here").code == 3
    assert not (two.work / ".nuclia-profile").exists()


def test_in_a_directory_that_is_gone_nothing_is_pinned(two: Home) -> None:
    gone = two.work / "gone"
    gone.mkdir()
    result = two.program("sh", "-c", f"cd {gone} && rmdir {gone} && nucliactl use box --here")
    assert result.code == 1 and "working directory is gone" in result.err


def test_a_profiles_dir_that_is_not_there_is_said(two: Home) -> None:
    result = two.run("--profiles-dir", "/nowhere", "list")
    assert result.code == 2 and "/nowhere" in result.err
