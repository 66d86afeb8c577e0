"""Tables are aligned whatever their cells are written in, fit the terminal, and show what tells something."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from nucliactl import text_table
from nucliactl.model.ending import Life
from nucliactl.model.short import short_targets
from nucliactl.text_table import Column, Toned, end_cell, flowing, table, width_of

COLUMNS = (Column("NAME"), Column("ACCOUNT", least=10, leaves=1), Column("SOURCE", always=True))
TITLES = ["アカウント日本", "한국어 계정", "e\u0301te\u0301", "🙂🙂🙂🙂", "плата", "日" * 60, "a\x1b[31mb"]
TITLES += ["حساب العملاء", "חשבון", "a\u202eb", "line\nbreak", "👩‍👩‍👧‍👦 family", "\u0301", "ไทย"]


@pytest.mark.parametrize("width", [None, 80, 40])
@pytest.mark.parametrize("title", TITLES)
def test_the_column_after_a_title_begins_at_one_place(title: str, width: int | None) -> None:
    text = table([("one", title, "here"), ("two", "plain", "here")], COLUMNS, width=width).text
    head, *rows = text.split("\n")
    starts = {wcswidth(row[: row.index("here")]) for row in rows}
    assert len(starts) == 1 and starts == {wcswidth(head[: head.index("SOURCE")])}
    assert width is None or all(wcswidth(line) <= width for line in text.split("\n"))


@pytest.mark.parametrize("width", [None, 80, 30])
@pytest.mark.parametrize("title", TITLES)
def test_colours_take_no_room_and_no_cell_brings_its_own(title: str, width: int | None) -> None:
    rows = [("one", title, "valid"), ("two", "plain", "expired"), ("three", "x", Toned("in 2 days", "near"))]
    plain, coloured = (table(rows, COLUMNS, width=width, colour=colour).text for colour in (False, True))
    for code in ("1", "31", "32", "33", "0"):
        coloured = coloured.replace(f"\x1b[{code}m", "")
    assert [line.rstrip() for line in coloured.split("\n")] == plain.split("\n") and "\x1b" not in coloured


@given(st.text(max_size=80), st.integers(30, 100))
def test_no_cell_is_wider_than_the_terminal(title: str, width: int) -> None:
    for line in table([("n", title, "x")], COLUMNS, width=width).text.split("\n"):
        assert width_of(line) <= width


@given(st.lists(st.tuples(st.text(min_size=1, max_size=40), st.text(max_size=120)), min_size=1, max_size=4))
def test_where_nothing_is_cut_every_cell_is_whole_at_every_width(rows: list[tuple[str, str]]) -> None:
    columns = (Column("KEY", always=True), Column("VALUE", least=10, always=True), Column("END", always=True))
    printable = [("".join(c if c.isprintable() else "?" for c in text) for text in row) for row in rows]
    cells = [(key, value, "here") for key, value in printable]
    for width in (None, 20, 40, 80):
        lines = [line.strip() for line in flowing(cells, columns, width=width).split("\n")]
        assert all(any(cell.strip() in line for line in lines) for row in cells for cell in row)


def test_what_tells_nothing_is_not_shown_and_what_alarms_always_is() -> None:
    columns = (Column("NAME"), Column("KIND", told=True), Column("ENDS"), Column("STATE"))
    found = table([("a", "kb", "-", "expired"), ("b", "kb", "", "expired")], columns)
    assert found.text.split("\n")[0].split() == ["NAME", "STATE"] and found.same == "all have KIND kb"
    assert table([("a", "kb", "-", "valid")], columns).text.split("\n")[0].split() == [
        "NAME",
        "KIND",
        "STATE",
    ]
    wide = table([("a", "kb", "-", "x"), ("b", "kb", "", "x")], columns, wide=True)
    assert wide.text.split("\n")[0].split() == ["NAME", "KIND", "ENDS", "STATE"]


def test_what_is_cut_or_left_out_is_named_and_an_id_is_whole() -> None:
    identity = "57c19b48-6a2d-4e0f-8f3b-2c1d0e9f8a7b"
    columns = (Column("ID"), Column("TITLE", least=8, leaves=1), Column("ZONE", leaves=2))
    rows = [(identity, "a title that is long", "europe-1"), (identity[::-1], "b", "europe-2")]
    for width, cut, left_out in ((80, (), ()), (60, ("TITLE",), ()), (46, ("TITLE",), ("ZONE",))):
        found = table(rows, columns, width=width)
        assert (found.cut, found.left_out) == (cut, left_out) and identity in found.text
    assert table(rows, columns, width=20).left_out == ("TITLE", "ZONE")
    assert identity in table(rows, columns, width=20).text


def test_sentences_stand_below_their_row_and_break_between_words() -> None:
    columns = (Column("RANK"), Column("PLACE", least=10), Column("WHY", least=10))
    why = "is of kind kb, and a profile of kind nua is asked for"
    text = flowing([("1", "here", why), ("2", "there", "-")], columns, width=40)
    assert text == (
        "RANK  PLACE\n1     here\n      is of kind kb, and a profile of\n      kind nua is asked for\n2     there"
    )


def test_ten_thousand_rows_look_like_ten() -> None:
    rows = [("*" if n == 7 else "", f"p{n:05}", "", f"t{n % 3}") for n in range(10_000)]
    text = table(rows, (Column(""), Column("NAME"), Column("EMPTY"), Column("T"))).text.split("\n")
    assert (
        text[:2] == ["   NAME    T", "   p00000  t0"] and text[8] == "*  p00007  t1" and len(text) == 10_001
    )


KB = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48-6a2d-4e0f-8f3b-2c1d0e9f8a7b"


@pytest.mark.parametrize(
    ("target", "short"),
    [
        (KB, "europe-1/57c19b48"),
        ("https://europe-1.nuclia.cloud/api/v1/kb/s/handbook", "europe-1/handbook"),
        (
            "https://kb.example.com/nuclia/api/v1/kb/57c19b486a2d4e0f8f3b2c1d0e9f8a7b",
            "kb.example.com/57c19b48",
        ),
        ("http://127.0.0.1:8080/api/v1/kb/57c19b48-6a2d-4e0f-8f3b-2c1d0e9f8a7b", "127.0.0.1:8080/57c19b48"),
        ("https://europe-1.rag.progress.cloud/api/v1/agent/helpdesk", "europe-1/helpdesk"),
        ("https://europe-1.dp.progress.cloud", "europe-1"),
        ("https://accounts.stashify.cloud", "accounts.stashify.cloud"),
        ("http://[::1]:8080", "[::1]:8080"),
        ("http://nucliadb:8080/behind", "nucliadb:8080/behind"),
        ("progress.cloud", "progress.cloud"),
        ("-", "-"),
    ],
)
def test_an_address_is_shortened(target: str, short: str) -> None:
    assert short_targets([target]) == [short]


def test_two_addresses_stay_two() -> None:
    other = KB.replace("dp.progress.cloud", "nuclia.cloud")
    assert short_targets([KB, other, KB, "progress.cloud"]) == [KB[8:], other[8:], KB[8:], "progress.cloud"]


@pytest.mark.parametrize(
    ("life", "cell"),
    [
        (Life(), ("-", "")),
        (Life(None, 100), ("expired", "bad")),
        (Life(None, 1000 + 5 * 86400), ("in 5 days", "near")),
        (Life(None, 1000 + 8 * 86400), ("in 8 days", "")),
        (Life(1000, 1000 + 5 * 86400), ("in 5 days", "")),
        (Life(1000 - 5 * 86400, 1000 + 3600), ("in 1 h", "near")),
        (Life(None, 100, renews=True), ("renewable", "")),
    ],
)
def test_an_end_is_coloured_by_how_near_it_is(life: Life, cell: tuple[str, str]) -> None:
    assert tuple(end_cell(life, 1000)) == cell


def test_names_in_ascii_need_no_widths() -> None:
    code = "import sys; from nucliactl.text_table import width_of; width_of('a'); print('wcwidth' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"


CELLS = st.text(st.sampled_from("aé 世́*-%\t\x1b|"), max_size=8)


@given(
    st.lists(st.tuples(CELLS, CELLS, st.sampled_from(("*", "", "valid", "-"))), min_size=1, max_size=6),
    st.booleans(),
    st.booleans(),
    st.one_of(st.none(), st.integers(8, 40)),
)
def test_what_is_joined_is_what_tabulate_sets_side_by_side(
    rows: list[tuple[str, str, str]], colour: bool, wide: bool, width: int | None
) -> None:
    columns = (Column(""), Column("NAME", least=4, always=True), Column("STATE", leaves=1))
    cells = [(state, name, other) for name, other, state in rows]
    by_tabulate = table(cells, columns, width=width, colour=colour, wide=wide)
    before, text_table.MANY = text_table.MANY, 0
    try:
        assert table(cells, columns, width=width, colour=colour, wide=wide) == by_tabulate
    finally:
        text_table.MANY = before
