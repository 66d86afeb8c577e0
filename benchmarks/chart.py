"""Draws what a run found as an SVG: a line a program, from its time with few profiles to its time with
many, on a logarithmic scale of ratios to the bare interpreter. It is readable on light and on dark ground."""

import math
from collections.abc import Iterator
from html import escape

from interleaved import Spread
from ours import COMPLETION
from results import Results
from targets import FEW, MANY, TARGETS

GROUPS = {
    "Who is active": (
        "current",
        "prompt",
        COMPLETION,
        "use NAME",
        "docker context show",
        "kubectl current-context",
        "aws configure get",
    ),
    "The secret": ("auth token", "gh auth token"),
    "The list": (
        "list -o name",
        "list -o json",
        "list",
        "docker context ls",
        "kubectl get-contexts",
        "hf auth list",
        "nuclia auth nuas",
    ),
    "In a program, from its start": (
        "resolve()",
        "client()",
        "hf get_token()",
        "boto3 get_credentials()",
        "databricks Config()",
        "google.auth.default()",
    ),
}
AIMS = {target.measure: target.most for target in TARGETS}
OURS = {name for name, _, _ in AIMS}
WIDTH, LEFT, RIGHT, TOP, LINE = 820, 215, 40, 84, 22
SCALE = 0.7, 600
TICKS = (1, 2, 5, 10, 20, 50, 100, 200, 500)
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2430 }
  .ground { fill: #ffffff } .grid { stroke: #d5d9e2 } .small { font-size: 11px; fill: #5a6374 }
  .head { font-weight: 600 } .title { font-size: 16px; font-weight: 600 }
  .ours { stroke: #1d4ed8; fill: #1d4ed8 } .peer { stroke: #6b7280; fill: #6b7280 }
  .many { fill: #ffffff } .target { stroke: #b45309; stroke-width: 3 }
  .far { stroke-width: 1.5; stroke-dasharray: 3 2 }
  .name { stroke: none }
  .name.ours { fill: #1d4ed8; font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6e9f0 } .ground { fill: #1b1e26 } .grid { stroke: #3a4050 } .small { fill: #a3acbd }
    .ours { stroke: #8ab4ff; fill: #8ab4ff } .peer { stroke: #9aa3b2; fill: #9aa3b2 }
    .many { fill: #1b1e26 } .target { stroke: #fbbf24 } .name.ours { fill: #8ab4ff }
  }
"""


def drawn(results: Results) -> str:
    """Return the chart."""
    parts = list(_rows(results))
    bottom = TOP + LINE * sum(len(rows) + 1 for rows in _present(results).values())
    height = bottom + 34
    title = "Start-up times: ratios to a bare Python interpreter"
    note = f"{results.date}, {results.machine}, Python {results.versions['Python']}; medians and quartiles"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
            f"<title>{title}</title>",
            f"<desc>{escape(note)}. The table on the same page has every number.</desc>",
            f"<style>{STYLE}</style>",
            f'<rect class="ground" width="{WIDTH}" height="{height}" rx="6"/>',
            f'<text class="title" x="16" y="28">{title}</text>',
            f'<text class="small" x="16" y="46">{escape(note)}</text>',
            *_legend(),
            *_scale(bottom),
            *parts,
            "</svg>\n",
        ]
    )


def _present(results: Results) -> dict[str, list[str]]:
    return {group: [n for n in names if results.at(n, FEW)] for group, names in GROUPS.items()}


def _x(ratio: float) -> float:
    low, high = math.log(SCALE[0]), math.log(SCALE[1])
    share = (math.log(min(max(ratio, SCALE[0]), SCALE[1])) - low) / (high - low)
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _legend() -> Iterator[str]:
    y = 64
    for x, mark, words in (
        (16, f'<circle class="peer" cx="22" cy="{y - 4}" r="4"/>', f"{FEW} profiles"),
        (118, f'<circle class="peer many" cx="124" cy="{y - 4}" r="4"/>', f"{MANY:,} profiles"),
        (240, f'<line class="target" x1="246" x2="246" y1="{y - 11}" y2="{y + 2}"/>', f"target with {FEW}"),
        (350, f'<line class="target far" x1="356" x2="356" y1="{y - 11}" y2="{y + 2}"/>', f"with {MANY:,}"),
    ):
        yield mark
        yield f'<text class="small" x="{x + 16}" y="{y}">{words}</text>'
    yield f'<text class="name ours" x="460" y="{y}">nucliactl</text>'


def _scale(bottom: int) -> Iterator[str]:
    for tick in TICKS:
        x = _x(tick)
        yield f'<line class="grid" x1="{x}" x2="{x}" y1="{TOP - 6}" y2="{bottom}"/>'
        yield f'<text class="small" x="{x}" y="{bottom + 16}" text-anchor="middle">{tick}x</text>'


def _rows(results: Results) -> Iterator[str]:
    y = TOP
    for group, names in _present(results).items():
        y += LINE
        yield f'<text class="head" x="16" y="{y - 7}">{group}</text>'
        for name in names:
            y += LINE
            yield from _row(name, y - 11, results.at(name, FEW), results.at(name, MANY))


def _row(name: str, y: int, few: Spread | None, many: Spread | None) -> Iterator[str]:
    whose = "ours" if name in OURS else "peer"
    yield f'<text class="name {whose}" x="28" y="{y + 4}">{escape(name)}</text>'
    if few and many:
        yield _line(whose, few.middle, many.middle, y, 'opacity="0.5"')
    for size, kind in ((FEW, "target"), (MANY, "target far")):
        if aim := AIMS.get((name, size, "x")):
            yield f'<line class="{kind}" x1="{_x(aim)}" x2="{_x(aim)}" y1="{y - 8}" y2="{y + 8}"/>'
    for spread, hollow in ((many, " many"), (few, "")):
        if spread:
            yield _line(whose, spread.low, spread.high, y, 'stroke-width="3"')
            middle = _x(spread.middle)
            yield f'<circle class="{whose}{hollow}" cx="{middle}" cy="{y}" r="4" stroke-width="2"/>'


def _line(whose: str, begin: float, end: float, y: int, more: str) -> str:
    return f'<line class="{whose}" x1="{_x(begin)}" x2="{_x(end)}" y1="{y}" y2="{y}" {more}/>'
