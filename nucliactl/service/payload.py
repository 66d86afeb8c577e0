"""What `-f` and `-F` make: a JSON object, or the parameters of a query."""

import json
import re
from collections.abc import Iterable
from typing import Any

from nucliactl.errors import Malformed
from nucliactl.model.names import shown

_KEY = re.compile(r"(?P<name>[^\[\]=]+)(?P<rest>(?:\[[^\[\]]*\])*)")
_TYPED = re.compile(r"true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

Field = tuple[str, Any]


def typed(text: str) -> Any:
    """Return what a text means in JSON: true, false, null, a number, an object or a list; else the text."""
    if _TYPED.fullmatch(text) or text[:1] in ("{", "["):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            pass
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
