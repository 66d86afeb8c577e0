"""What tables of real profiles show on terminals of 80 and 120 columns; and what a cron job is told of ends."""

import re
import time

import pytest
import ten_profiles
from support import Home, Terminal
from ten_profiles import BOXES, DAY

WIDTHS = (80, 120)


@pytest.fixture
def ten(home: Home) -> Home:
    ten_profiles.write(home.store)
    assert home.run("use", "acme-handbook").code == 0
    home.environ["TERM"] = "xterm"
    return home


def screen(home: Home, *words: str, columns: int) -> str:
    """What a terminal of so many columns shows."""
    terminal = Terminal(home, *words, columns=columns)
    terminal.close()
    return re.sub(r"\x1b\[[0-9;]*m", "", terminal.seen.replace("\r", ""))


def rows_of(text: str) -> list[dict[str, str]]:
    """The rows of the first table of a screen, by the heads of its columns (wide characters as one)."""
    head, *lines = text.split("\n\n")[0].split("\n")
    starts = [match.start() for match in re.finditer(r"\S+", head)]
    from wcwidth import wcwidth

    rows = []
    for line in lines:
        if line and not line.startswith(("nucliactl:", "all have")):
            wide = "".join(c + "\0" * (wcwidth(c) - 1) for c in line)
            ends = [*starts[1:], len(wide) + 1]
            cells = (wide[a:b].replace("\0", "").strip() for a, b in zip(starts, ends, strict=True))
            rows.append(dict(zip(head.split(), cells, strict=True)))
    return rows


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_list_has_no_column_that_tells_nothing_and_names_what_is_cut(ten: Home, columns: int) -> None:
    text = screen(ten, "list", columns=columns)
    rows = rows_of(text)
    assert len(rows) == 10 and {row["NAME"] for row in rows} >= {*BOXES}
    for head in rows[0]:
        assert len({row[head] for row in rows}) > 1, head
    assert {"NAME", "KIND", "TARGET", "ACCOUNT", "EXPIRES"} <= {*rows[0]} and "SOURCE" not in rows[0]
    ends = {row["NAME"]: row["EXPIRES"] for row in rows}
    assert ends["globex-catalogue"] == "expired" and ends["globex-legal"] == "login needed"
    assert (ends["acme-handbook-write"], ends["me"], ends["local"]) == ("in 5 days", "renewable", "-")
    (note,) = [line for line in text.split("\n") if "fit" in line]
    assert note.startswith("nucliactl: cut to fit") and "-o wide shows everything" in note
    assert ("TITLE" in rows[0]) is (columns == 120) and "…" in text
    assert all(len(line) <= columns for line in text.split("\n") if not line.startswith("nucliactl:"))


def test_a_wide_list_and_one_that_is_no_terminals_cut_nothing(ten: Home) -> None:
    assert "file" in {row["STORAGE"] for row in rows_of(ten.run("list", "-o", "wide").out)}
    for words in (["-o", "wide"], []):
        out = ten.run("list", *words).out
        assert "…" not in out and all(title in out for _, _, title, _, _ in BOXES.values())
    assert ten_profiles.box_url("globex-legal") in ten.run("list", NUCLIACTL_OUTPUT="wide").out
    assert str(ten.store / "profiles/local.toml") in screen(ten, "list", "-o", "wide", columns=80)
    (ten.store / "config.toml").write_text('output = "wide"\n')
    assert "SOURCE" in ten.run("list").out and "SOURCE" not in ten.run("list", "-o", "table").out


def test_a_source_is_shown_where_it_differs(ten: Home) -> None:
    found = rows_of(ten.run("list", NUCLIADB_URL="http://127.0.0.1:1").out)
    assert {row["SOURCE"] for row in found} == {"env", "store"}


@pytest.mark.parametrize("columns", (*WIDTHS, 40))
@pytest.mark.parametrize("words", [["explain"], ["explain", "--kind", "nua"], ["profile", "show"]])
def test_nothing_is_cut_where_an_answer_is_explained(ten: Home, words: list[str], columns: int) -> None:
    text = screen(ten, *words, columns=columns)
    found = ten.run(*words, "-o", "json").json
    assert "…" not in text and "SOURCE" in text and "KEY" in text
    for value in found["values"]:
        shown = value["value"] if isinstance(value["value"], str) else None
        assert value["source"] in text and (shown is None or shown in text)
    for candidate in found.get("candidates", ()):
        assert candidate["source"] in text and candidate["outcome"] in text


def test_what_explains_stands_on_one_line_where_there_is_room(ten: Home) -> None:
    text = screen(ten, "explain", columns=400)
    (line,) = [line for line in text.split("\n") if line.startswith("kind ")]
    assert line.split() == ["kind", "kb", "store:", str(ten.store / "profiles/acme-handbook.toml")]


@pytest.mark.parametrize(
    ("order", "first", "last"),
    [
        ("name", "acme-handbook", "nightly"),
        ("kind", "globex-helpdesk", "me"),
        ("account", "acme-handbook", "local"),
        ("expires", "globex-catalogue", "me"),
    ],
)
def test_a_list_is_sorted(ten: Home, order: str, first: str, last: str) -> None:
    names = ten.run("list", "--sort", order, "-o", "name").out.split()
    assert (names[0], names[-1], len(names)) == (first, last, 10)
    assert [row["name"] for row in ten.run("list", "--sort", order, "-o", "json").json] == names
    assert ten.run("list", "--sort", "colour").code == 2


def test_the_shape_of_a_row_is_what_it_was(ten: Home) -> None:
    row = {row["name"]: row for row in ten.run("list", "-o", "json").json}["globex-legal"]
    assert list(row) == [
        "name", "kind", "target", "account", "account_slug", "source", "active", "expires_at", "storage",
        "login_needed", "title", "description", "zone",
    ]  # fmt: skip
    assert row["login_needed"] is True and row["target"] == ten_profiles.box_url("globex-legal")


def test_ends_are_coloured_on_a_terminal(ten: Home) -> None:
    out = ten.run("list", FORCE_COLOR="1").out
    for tone, cell in (("31", "expired "), ("31", "login needed"), ("33", "in 5 days"), ("33", "in 20 h")):
        assert f"\x1b[{tone}m{cell}" in out, cell
    assert re.search(r"\x1b\[\d+mrenewable", out) is None and re.search(r"\x1b\[\d+min 299 days", out) is None


def test_a_job_is_told_which_credentials_end(ten: Home) -> None:
    found = ten.run("auth", "status", "--expires-within", "7d", "-o", "json")
    assert found.code == 4
    assert [row["name"] for row in found.json] == ["globex-catalogue", "nightly", "acme-handbook-write"]
    assert [row["state"] for row in found.json] == ["expired", "unchecked", "unchecked"]
    told = ten.run("auth", "status", "--expires-within", "12h")
    assert told.code == 4 and "globex-catalogue" in told.out and "nightly" not in told.out
    url = ten_profiles.box_url("globex-catalogue")
    assert f"log in again: nucliactl auth kb {url} - --name globex-catalogue" in told.err
    assert (
        ten.run("auth", "status", "--expires-within", "7d", "-o", "name").out.split()[0] == "globex-catalogue"
    )


def test_a_job_hears_nothing_where_nothing_ends(ten: Home) -> None:
    for words in (["acme-handbook"], ["me"], ["local"], ["acme-nua"], ["--profile", "initech-docs"]):
        assert ten.run("auth", "status", "--expires-within", "30d", *words) == (0, "", ""), words
    assert ten.run("auth", "status", "--expires-within", "301d", "acme-handbook").code == 4


def test_the_end_of_a_key_in_a_file_or_variable_is_known_and_no_program_is_run(home: Home) -> None:
    key = ten_profiles.jwt(sub="x", exp=int(time.time()) + 3 * DAY)
    (home.path / "key").write_text(key)
    url = f'kind = "kb"\nurl = "{ten_profiles.box_url("initech-docs")}"\n'
    home.define("mounted", f'{url}api_key_file = "{home.path}/key"\n')
    home.define("program", f'{url}api_key_command = ["{home.path}/never"]\n')
    variables = {"NUCLIA_KB_URL": ten_profiles.box_url("initech-docs"), "NUCLIA_API_KEY": key}
    found = home.run("auth", "status", "--expires-within", "7d", "-o", "name", **variables)
    assert (found.code, sorted(found.out.split())) == (4, ["env", "mounted"])
    (home.path / "key").unlink()
    gone = home.run("auth", "status", "--expires-within", "7d")
    assert gone.code == 0 and str(home.path / "key") in gone.err


@pytest.mark.parametrize("text", ["7", "d", "7w", "-1d", "0d", "1.5d", "", "7d7d", "\u0667d", "9999999d"])
def test_a_time_that_is_none_is_wrong_usage(ten: Home, text: str) -> None:
    result = ten.run("auth", "status", f"--expires-within={text}")
    assert result.code == 2 and "For example --expires-within 7d" in result.err and result.out == ""


def test_a_status_says_why_below_its_row_on_a_narrow_terminal(ten: Home) -> None:
    text = " ".join(screen(ten, "auth", "status", "globex-legal", columns=60).split())
    (row,) = ten.run("auth", "status", "globex-legal", "-o", "json").json
    assert row["detail"] in text and "DETAIL" not in text
    assert list(row) == ["name", "kind", "state", "target", "expires_at", "detail", "hint"]
