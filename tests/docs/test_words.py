"""What we write reads like a person wrote it: forms that came from a translation do not come back."""

import io
import re
import tokenize
from pathlib import Path

import pytest
from support import REPO

from nucliactl.text import plural

pytestmark = pytest.mark.once

FORMS = re.compile(
    r"""
    There\ is\ (?!1\b)\d | There\ are\ 1\b | There\ (?:is|are)\ \{(?:len|count|n\b|number) | \b(?!http)\w+\(s\)
    | \b(?:is|are)\ ended\b | \b[Yy]ou\ reach\b | \b(?:user|its\ user|person)\ reaches\b | \b[Ww]hom\b
    | \bis\ none\ of\ (?:them|this|the|its)\b | \bas\ yet\b | \bdid\ not\ tell\ (?:it|its|us)\b | \bthis\ command\ is\ not\b
    | \basked\ too\ often\b | \brides?\ on\b | \bin\ clear\b | \bhave\ access\ to\ no\b | (?<!here\ )\bis\ no\ (?:known|file|zone|URL|output)\b
    | \bstands\ alone\b | \bmade\ all\ the\ same\b | \bnothing\ renews\b | \bis\ in\ no\b | \bnow\ leads\ elsewhere\b
    """,
    re.VERBOSE,
)
OTHERS = ("reference", "decisions")  # generated; and history, which quotes what it replaced


def prose(path: Path) -> list[tuple[int, str]]:
    """The strings and comments of a module, or the lines of a page, with their numbers."""
    if path.suffix == ".md":
        return list(enumerate(path.read_text().splitlines(), 1))
    tokens = tokenize.generate_tokens(io.StringIO(path.read_text()).readline)
    wanted = (tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1))
    return [(token.start[0], re.sub(r"\s+", " ", token.string)) for token in tokens if token.type in wanted]


MODULES = sorted((REPO / "nucliactl").rglob("*.py"))
PAGES = [
    *REPO.glob("*.md"),
    *(p for p in (REPO / "docs").rglob("*.md") if not {parent.name for parent in p.parents} & {*OTHERS}),
]


def test_no_sentence_has_a_form_that_no_native_speaker_uses() -> None:
    found = [
        f"{path.relative_to(REPO)}:{line}: {match[0]!r} in {text[:90]}"
        for path in [*MODULES, *PAGES]
        for line, text in prose(path)
        if (match := FORMS.search(text))
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        "There is 2 arguments too many.",
        "There are 1 Knowledge Boxes.",
        "the token X is ended",
        "You reach no KB",
        "2 time(s)",
    ],
)
def test_the_forms_are_recognised(text: str) -> None:
    assert FORMS.search(text)


def test_a_number_goes_with_its_noun() -> None:
    assert [plural(number, "part") for number in (0, 1, 2)] == ["0 parts", "1 part", "2 parts"]
