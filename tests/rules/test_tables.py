"""Tables are aligned whatever their cells are written in."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import wcswidth

from nucliactl.text_table import columns, table

HEADERS = ("NAME", "ACCOUNT", "SOURCE")


@pytest.mark.parametrize("width", [None, 80, 40])
@pytest.mark.parametrize(
    "title", ["アカウント日本", "한국어 계정", "e\u0301te\u0301", "🙂🙂🙂🙂", "плата", "日" * 60, "a\x1bb"]
)
def test_the_column_after_a_title_begins_at_one_place(title: str, width: int | None) -> None:
    text = table([("one", title, "here"), ("two", "plain", "here")], HEADERS, width=width)
    head, *rows = text.split("\n")
    starts = {wcswidth(row[: row.index("here")]) for row in rows if "here" in row}
    assert len(starts) == 1 and starts == {wcswidth(head[: head.index("SOURCE")])}
    assert width is None or all(wcswidth(line) <= width for line in text.split("\n"))


@given(st.text(max_size=80), st.integers(30, 100))
def test_no_cell_is_wider_than_the_terminal(title: str, width: int) -> None:
    for line in table([("n", title, "x")], HEADERS, width=width).split("\n"):
        assert columns(line) <= width


def test_names_in_ascii_need_no_widths() -> None:
    code = (
        "import sys; from nucliactl.text_table import columns; columns('a'); print('wcwidth' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
