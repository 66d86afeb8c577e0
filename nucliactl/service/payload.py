"""What `-f` and `-F` make: a JSON object, or the parameters of a query."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any

from nucliactl.errors import Malformed
from nucliactl.model.names import shown

_KEY = re.compile(r"(?P<name>[^\[\]=]+)(?P<rest>(?:\[[^\[\]]*\])*)")
_TYPED = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

Field = tuple[str, Any]


def read_json(text: str | bytes) -> Any:
    """Return what a JSON text means. Raises ValueError for what is no JSON, a number included that would not
    be one when it is written again (NaN, 1e999), and RecursionError."""
    return json.loads(text, parse_constant=_no_number, parse_float=_finite)


def _no_number(_: str) -> float:
    raise ValueError


def _finite(text: str) -> float:
    return found if math.isfinite(found := float(text)) else _no_number(text)


def typed(text: str, key: str) -> Any:
    """Return what the text of a field means in JSON: true, false, null, a number, an object or a list; else
    the text. Raises Malformed for a number too large to be sent as one."""
    plain = _TYPED.fullmatch(text) is not None
    if plain or text[:1] in ("{", "["):
        try:
            return read_json(text)
        except (ValueError, RecursionError):
            if plain:
                raise Malformed(
                    f"The number of the field {shown(key)} is too large.", hint="-f sends it as a text."
                ) from None
    return text


def split_field(text: str, option: str) -> tuple[str, str]:
    """Split KEY=VALUE. Raises Malformed, which repeats no value."""
    key, equals, value = text.partition("=")
    if not equals or _KEY.fullmatch(key) is None:
        raise Malformed(
            f"{option} needs KEY=VALUE.",
            hint=f"{option} title=Handbook, {option} filters[]=x, {option} a[b]=c",
        )
    return key, value


def body_of(fields: Iterable[Field]) -> dict[str, Any]:
    """Return the JSON object that fields make: `a[b]=c` is an object in it, `a[]=b` a list.

    Raises Malformed where two of them exclude each other.
    """
    made: dict[str, Any] = {}
    for key, value in fields:
        match = _KEY.fullmatch(key)
        assert match is not None  # split_field says so
        parts = [match["name"], *re.findall(r"\[([^\[\]]*)\]", match["rest"])]
        _put(made, parts, value, key)
    return made


def _put(place: Any, parts: list[str], value: Any, key: str) -> None:
    """Put a value at the end of a path of keys; "" is the next place of a list."""
    name, *rest = parts
    if (name == "") != isinstance(place, list):
        raise _excluded(key)
    fresh: Any = value if not rest else [] if rest[0] == "" else {}
    if name == "":
        last = place[-1] if place else None
        if not rest or not isinstance(last, dict) or rest[0] in last:
            place.append(fresh)
            last = fresh
        found = last
    elif name in place and not rest:
        raise _excluded(key)
    else:
        found = place.setdefault(name, fresh)
    if rest:
        if not isinstance(found, dict | list):
            raise _excluded(key)
        _put(found, rest, value, key)


def _excluded(key: str) -> Malformed:
    return Malformed(
        f"The field {shown(key)} is given twice, or in two forms that exclude each other.",
        hint="A list is KEY[]=VALUE, once for each of its values.",
    )


def parameters_of(fields: Iterable[Field]) -> list[tuple[str, str]]:
    """Return fields as the parameters of a query; one that is a list is given once for each value."""
    return [
        (key.removesuffix("[]"), value if isinstance(value, str) else json.dumps(value))
        for key, value in fields
    ]
