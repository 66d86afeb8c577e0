"""What docs/explanation/first-ten-minutes.md says was mended, for somebody in the sandbox's own shell."""

import pytest
from support import Home, Terminal

BOXES = ("KB", "KB2")


@pytest.fixture
def newcomer(person: Home) -> Home:
    """Somebody with two Knowledge Boxes of two accounts, and the NUA key of the first."""
    for box in BOXES:
        url, key = person.environ[f"SANDBOX_{box}_URL"], person.environ[f"SANDBOX_{box}_KEY"]
        assert person.run("auth", "kb", url, "-", stdin=key).code == 0
    assert (
        person.run("auth", "nua", "-", "--name", "pipeline", stdin=person.environ["SANDBOX_NUA_KEY"]).code
        == 0
    )
    return person


def test_an_end_that_all_share_is_said_below_the_table(newcomer: Home) -> None:
    terminal = Terminal(newcomer, "list", columns=80)
    terminal.expect("all have EXPIRES in 36")
    assert terminal.close() == 0
    head = next(line for line in terminal.seen.splitlines() if "NAME" in line)
    assert "TITLE" in head and "ACCOUNT" not in head  # three ids would have taken its room


def test_one_profile_that_has_the_slug_names_the_account_of_all(newcomer: Home) -> None:
    newcomer.run("profile", "set", "handbook", "account_slug=acme")
    rows = {
        line.split()[0]: line.split()[-1]
        for line in newcomer.run("list").out.replace("*", " ").splitlines()[1:]
    }
    assert rows["handbook"] == rows["pipeline"] == "acme" != rows["catalogue"]
    assert (
        newcomer.run("list", "-o", "json").json[-1]["account_slug"] is None
    )  # only its own definition counts


def test_the_sandboxs_own_variables_are_no_mistake(newcomer: Home) -> None:
    assert "not read" not in newcomer.run("explain").err
    assert "SANDBOX_NUCLIA_KEY is set but not read" in newcomer.run("explain", SANDBOX_NUCLIA_KEY="k").err


def test_what_to_type_is_said(newcomer: Home) -> None:
    url = newcomer.environ["SANDBOX_KB_URL"]
    assert " looks like https://" in newcomer.run("auth", "kb", url.partition("://")[2]).err
    refused = newcomer.run("auth", "kb", url)
    assert refused.code == 4 and f"nucliactl auth kb {url} -" in refused.err
    assert f"now using handbook (kb, {url.split('/')[2]}/" in newcomer.run("use", "handbook").err
