"""What a hostile checkout, and a user of every option, got wrong with us once."""

import os

import pytest
from support import Home

URL = "https://z.dp.progress.cloud/api/v1/kb/x"
KB = f'kind = "kb"\nurl = "{URL}"\n'


@pytest.fixture
def acme(home: Home) -> Home:
    home.run("auth", "kb", URL, "-", "--no-validate", "--name", "acme", stdin="acme-key")
    return home


def test_a_pin_is_never_written_through_a_link(acme: Home) -> None:
    target = acme.path / "bashrc"
    target.write_text("ORIG")
    target.chmod(0o600)
    (acme.work / ".nuclia-profile").symlink_to(target)
    for flags in ([], ["--no-project"]):
        assert acme.run(*flags, "use", "acme", "--here").code == 6
    assert target.read_text() == "ORIG" and target.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", [".nuclia-profile", ".env"])
def test_a_link_out_of_the_project_shows_nothing(acme: Home, name: str) -> None:
    secret = acme.path / "secret"
    secret.write_text("canary0451\n" if name == ".nuclia-profile" else "NUCLIA_USER_TOKEN=canary0451\n")
    (acme.work / name).symlink_to(secret)
    for words in (["current"], ["explain"], ["explain", "-o", "json"], ["auth", "token"]):
        result = acme.run(*words)
        assert "canary" not in result.out + result.err
    result = acme.run("current")
    assert (result.code, result.out) == (6, "") and "a link that leaves its project" in result.err
    assert acme.run("current", NUCLIACTL_PROJECT="trust").code == 6
    assert acme.run("current", "--no-project").out == "acme\n"


def test_a_link_within_the_project_is_followed(acme: Home) -> None:
    acme.define("other", KB + "public = true\n")
    (acme.work / "pin").write_text("other\n")
    (acme.work / ".nuclia-profile").symlink_to("pin")
    assert acme.run("current").out == "other\n"


@pytest.mark.parametrize("command", ["copy", "rename"])
def test_a_secret_left_behind_is_not_taken_up_by_a_new_name(acme: Home, command: str) -> None:
    acme.run("profile", "copy", "acme", "orphan")
    (acme.store / "profiles/orphan.toml").unlink()
    acme.define("nokey", KB)
    assert acme.run("profile", command, "nokey", "orphan").code == 0
    assert acme.run("auth", "token", "--profile", "orphan").code == 4


def test_an_env_file_names_no_other_source(acme: Home) -> None:
    path = acme.path / "e"
    for name in ("env", "dotenv", "acme,env"):
        path.write_text(f"NUCLIA_PROFILE={name}\n")
        result = acme.run(
            "auth", "token", "--env-file", str(path), NUCLIA_KB_URL=URL, NUCLIA_API_KEY="process-key"
        )
        assert (result.code, result.out) == (3, "")


def test_a_command_that_leaves_a_child_behind_is_not_waited_for(acme: Home) -> None:
    acme.define("p", KB + 'api_key_command = ["sh", "-c", "sleep 900 & echo TOKEN"]\n')
    assert acme.run("auth", "token", "--profile", "p").out == "TOKEN\n"


@pytest.mark.parametrize("printed", ["\\nTOKEN\\n", "TO\\rKEN", "  ", '{"token": "a\\\\nb"}'])
def test_a_command_prints_one_line_or_nothing_is_taken(acme: Home, printed: str) -> None:
    acme.define("p", KB + f"api_key_command = [\"printf\", '''{printed}''']\n")
    assert acme.run("auth", "token", "--profile", "p").code == 4


def test_utf_16_is_said_and_never_a_fall_through(acme: Home) -> None:
    (acme.work / ".env").write_bytes(f"NUCLIA_KB_URL={URL}\nNUCLIA_API_KEY=k\n".encode("utf-16"))
    result = acme.run("current")
    assert result.code == 7 and "UTF-16" in result.err


def test_a_profile_cannot_be_made_to_extend_itself(acme: Home) -> None:
    acme.define("kid", KB + 'public = true\nextends = "acme"\n')
    before = acme.files()
    for words in (["set", "acme", "extends=kid"], ["set", "kid", "extends=kid"]):
        result = acme.run("profile", *words)
        assert result.code == 2 and "in a circle" in result.err
    assert acme.files() == before


def test_use_does_not_switch_to_what_is_gone_without_the_flag(acme: Home) -> None:
    other = acme.path / "pd"
    other.mkdir()
    (other / "ok.toml").write_text(KB + "public = true\n")
    assert acme.run("--profiles-dir", str(other), "use", "ok").code == 3
    assert acme.run("current").out == "acme\n"


def test_the_hint_for_a_wildcard_origin_works_as_printed(acme: Home) -> None:
    (acme.work / ".env").write_text("NUCLIA_USER_TOKEN=t\nNUCLIA_ZONE_URL=https://{zone}.private.example\n")
    result = acme.run("current")
    assert result.code == 6 and "allowed_origins" in result.err
    line = result.err.split("If you trust it: ")[1].split(" in config.toml")[0]
    (acme.store / "config.toml").write_text(line + "\n")
    assert acme.run("current").out == "dotenv\n"


def test_show_marks_the_active_profile(acme: Home) -> None:
    assert acme.run("profile", "show", "acme", "-o", "json").json["active"] is True
    assert os.path.exists(acme.store / "active.json")


def test_what_cannot_be_understood_is_kept_beside_what_replaces_it(acme: Home) -> None:
    words = ("auth", "kb", URL, "-", "--no-validate", "--name", "acme")
    path = acme.store / "profiles/acme.toml"
    for number, text in enumerate(("FIRST =", "SECOND =")):
        path.write_text(text)
        result = acme.run(*words, "--force", stdin="k")
        assert result.code == 0 and "is kept as" in result.err
        copy = path.with_name("acme.toml.damaged" + ("-2" if number else ""))
        assert copy.read_text() == text
    credential = acme.store / "credentials/acme.json"
    credential.write_text("{")
    result = acme.run(*words, stdin="k2")
    assert result.code == 0 and "acme.json.damaged" in result.err
    assert acme.run("auth", "token").out == "k2\n"
    credential.write_text('{"version": 2, "newer": "x"}')
    result = acme.run(*words, stdin="k3")
    assert result.code == 7 and "newer nucliactl" in result.err
    credential.write_text('{"version": 1, "kind": "kb", "origins": [], "secret": ""}')
    assert acme.run("auth", "token").code == 7


def test_a_pin_is_changed_and_its_comments_stay_or_it_is_refused(acme: Home) -> None:
    pin = acme.work / ".nuclia-profile"
    pin.write_text("# the team's\nother\n")
    assert acme.run("use", "acme", "--here").code == 0
    assert pin.read_text() == "# the team's\nacme\n"
    pin.write_text("a\n# note\nb\n")
    assert acme.run("use", "acme", "--here").code == 7 and pin.read_text() == "a\n# note\nb\n"
    pin.unlink()
    assert "no effect" in acme.run("use", "acme", "--here", NUCLIACTL_PROJECT="0").err
    pin.unlink()
    pin.mkdir()
    assert acme.run("use", "acme", "--here").code == 2
    assert "not a regular file" in acme.run("current").err


def test_an_edit_does_not_change_the_kind_and_names_unknown_keys(acme: Home) -> None:
    editor = acme.path / "ed"
    editor.write_text('#!/bin/sh\nprintf \'kind = "nucliadb"\\nurl = "http://localhost:1"\\n\' > $1\n')
    editor.chmod(0o755)
    result = acme.run("profile", "edit", "acme", EDITOR=str(editor))
    assert result.code == 2 and "kind cannot be changed" in result.err and "kept in" in result.err
    result = acme.run("profile", "edit", "acme", EDITOR="sh -c 'echo foo=1 >> $0'")
    assert result.code == 0 and "unknown key 'foo'" in result.err


def test_a_command_that_prints_half_an_answer_is_no_secret(acme: Home) -> None:
    for answer in (
        '{"token": "half',
        '{"token": "t", "expires_at": 1}',
        '{"token": "t", "expires_at": "soon"}',
    ):
        acme.define("cmd", f"{KB}api_key_command = ['echo', '{answer}']\n")
        result = acme.run("auth", "token", "--profile", "cmd")
        assert (result.code, result.out) == (4, "") and "half" not in result.err
    acme.define("gone", KB + 'api_key_file = "gone"\n')
    assert acme.run("auth", "token", "--profile", "gone").code == 4


def test_a_key_no_header_can_carry_is_not_saved(acme: Home) -> None:
    before = acme.files()
    for key in ("a\nb", "sn\u2603w"):
        assert acme.run("auth", "kb", URL, "-", "--no-validate", "--name", "n", stdin=key).code == 2
    assert acme.files() == before


def test_a_broken_default_of_the_official_client_is_named(acme: Home) -> None:
    (acme.path / ".nuclia").mkdir()
    text = '{"kbs_token": [{"id": "i", "url": "nonsense", "token": "x"}], "default": {"kbid": "i"}, "token": "u"}'
    (acme.path / ".nuclia/config").write_text(text)
    assert ".nuclia/config" in acme.run("list").err
    assert acme.run("--profile", "nuclia:kb", "current").code == 7
    for _ in range(2):
        acme.run("profile", "import", "--from-nuclia")
    assert sorted(acme.run("list", "-o", "name").out.split()) == ["acme", "nuclia:user", "user"]
    assert "profile import" in acme.run("use", "nuclia:kb").err


def test_logging_out_says_when_the_secret_stands_in_the_definition(acme: Home) -> None:
    acme.define("acme", KB + 'api_key = "inline-key"\n')
    assert "its secret is inline, and stays" in acme.run("auth", "logout", "acme").err


def test_a_prompt_is_never_disturbed_by_settings(acme: Home) -> None:
    (acme.store / "config.toml").write_text("output = ")
    assert acme.run("prompt") == (0, "acme\n", "")
