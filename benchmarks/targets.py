"""The targets, and what stands beside each. A number is known by what was measured, on how many profiles,
and its unit: `x` is the ratio to the bare interpreter, `x own` that to our own time with five profiles."""

from typing import NamedTuple

from ours import COMPLETION
from subject import SIZES

Measure = tuple[str, int | None, str]
STATUS = "auth status --all"
WARM = "resolve() again"
REQUEST = "a request through client()"
PROCESSOR = "x processor time"
CALLS = "system calls"
SHOW, SHOW_OFFICIAL = "auth show, one of 6 zones dead", "the official client"
ASKED = 300
"""How many profiles `auth status --all` asks about."""
MANY, FEW = SIZES[-1], SIZES[0]


class Target(NamedTuple):
    measure: Measure
    most: float
    beside: tuple[str, ...] = ()


_WHO = ("docker context show", "kubectl current-context", "gh auth token")
_LISTS = ("docker context ls", "kubectl get-contexts", "hf auth list")
_PROGRAMS = ("hf get_token()", "boto3 get_credentials()", "databricks Config()", "google.auth.default()")
TARGETS = (
    *(Target((name, FEW, "x"), 3.0, ("argparse alone", *_WHO)) for name in ("current", "prompt", COMPLETION)),
    Target(("use NAME", FEW, "x"), 3.5, _WHO[1:2]),
    Target(("auth token", FEW, "x"), 3.7, _WHO[2:]),
    Target(("list -o name", FEW, "x"), 3.3, _LISTS),
    Target(("list -o json", FEW, "x"), 4.5, _LISTS),
    Target(("list", FEW, "x"), 8.0, ("tabulate alone", *_LISTS)),
    *(Target((name, MANY, "x own"), 1.1) for name in ("current", "use NAME")),
    Target(("list -o name", MANY, "x"), 6.0, _LISTS),
    Target(("list -o json", MANY, "x"), 30.0, _LISTS),
    Target(("list", MANY, "x"), 38.0, _LISTS),
    Target(("resolve()", FEW, "x"), 6.0, _PROGRAMS),
    Target(("client()", FEW, "x"), 16.0, ("httpx alone", "httpx.Client() alone")),
    Target((WARM, FEW, "µs"), 60.0),
    Target((REQUEST, FEW, "x plain httpx"), 1.03),
    Target((f"{STATUS}, NUA keys", ASKED, "calls"), 12.0),
    Target((f"{STATUS}, KB keys", ASKED, "calls"), 12.0),
    Target((SHOW, FEW, "s"), 2.4, (SHOW_OFFICIAL,)),
    Target(("current", MANY, "MiB"), 14.0),
    Target(("list -o json", MANY, "MiB"), 40.0),
    *(Target((name, FEW, "M instructions"), 110.0) for name in ("current", "prompt", COMPLETION)),
    *(Target((name, FEW, "M instructions"), 85.0) for name in ("version", "help")),
)
