"""`--query`: a JMESPath expression that picks from what is printed as JSON, as in `aws` and `az`.

It holds for one command (`querying`) and is applied wherever that command prints JSON. The expression is
read before the command does anything; JMESPath itself is imported only where one is given.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar

from nucliactl.cli.flags import FORMATS, WIDE, Arguments
from nucliactl.errors import Malformed
from nucliactl.text import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_GRAMMAR = "The language is JMESPath, for example: --query '[?active].name | [0]'"


class Query:
    """An expression that was read. `bare` (with `-o name`): texts are printed without quotes, and what is
    in a list a line each."""

    def __init__(self, expression: str, *, bare: bool = False) -> None:
        from jmespath import compile as read
        from jmespath.exceptions import JMESPathError

        self.bare = bare
        try:
            self._read = read(expression)
        except (JMESPathError, RecursionError) as error:
            raise _unreadable(expression, error) from None
        for name, count in _calls(self._read.parsed):
            _check_call(name, count)

    def of(self, found: Any) -> Any:
        """Return what the expression picks. Raises Malformed where a function does not take what is there."""
        from jmespath.exceptions import JMESPathError, JMESPathTypeError

        try:
            return self._read.search(found)
        except JMESPathTypeError as error:  # its text repeats the value, which may be a secret
            wanted = " or ".join(error.expected_types)
            raise Malformed(
                f"--query: {error.function_name}() takes {wanted}, and what is there is {error.actual_type}.",
                hint=_GRAMMAR,
            ) from None
        except (JMESPathError, TypeError, ValueError, RecursionError):
            raise Malformed(
                "--query: the expression does not fit what is there.", hint="See it whole with -o json."
            ) from None

    def text(self, found: Any, *, compact: bool = False) -> str:
        """Return what the expression picks, as it is printed; `compact` on one line."""
        import json

        picked = self.of(found)
        if not self.bare:
            return json.dumps(picked, indent=None if compact else 2)
        rows = picked if isinstance(picked, list) else [] if picked is None else [picked]
        return "\n".join(_bare(row) for row in rows)


def _bare(value: Any) -> str:
    import json

    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return printable(text, 100_000)


def _unreadable(expression: str, error: Exception) -> Malformed:
    from jmespath.exceptions import LexerError

    if not expression.strip():
        return Malformed("--query is empty.", hint=_GRAMMAR)
    place = error.lexer_position if isinstance(error, LexerError) else getattr(error, "lex_position", None)
    if place is None:
        return Malformed("--query is not a JMESPath expression.", hint=_GRAMMAR)
    end = " (it ends too early)" if place >= len(expression) else ""
    mark = " " * len(printable(expression[:place], 4000)) + "^"
    return Malformed(
        f"--query is not a JMESPath expression: look at character {place + 1}{end}.",
        hint=f"{printable(expression, 4000)}\n{mark}\n{_GRAMMAR}",
    )


def _calls(node: Any) -> Iterator[tuple[str, int]]:
    """The functions that an expression calls, each with its number of arguments."""
    if isinstance(node, dict):
        if node.get("type") == "function_expression":
            yield node["value"], len(node["children"])
        if node.get("type") != "literal":
            for child in node.get("children", ()):
                yield from _calls(child)


def _check_call(name: str, count: int) -> None:
    """Raise Malformed for a call that fails whatever it is given: it must not fail when all is done."""
    from jmespath.functions import Functions

    known = Functions.FUNCTION_TABLE
    if name not in known:
        raise Malformed(
            f"--query: there is no function {printable(name, 40)}().",
            hint=f"There are: {', '.join(sorted(known))}.",
        )
    signature = known[name]["signature"]
    variadic = bool(signature) and bool(signature[-1].get("variadic"))
    if count < len(signature) or (count > len(signature) and not variadic):
        wanted = f"{'at least ' if variadic else ''}{len(signature)} argument{'s'[: len(signature) != 1]}"
        raise Malformed(f"--query: {name}() takes {wanted}, not {count}.", hint=_GRAMMAR)


_now: ContextVar[Query | None] = ContextVar("nucliactl_query", default=None)


def current() -> Query | None:
    """Return the expression that holds for the command under way."""
    return _now.get()


@contextlib.contextmanager
def querying(query: Query | None) -> Iterator[None]:
    """Let an expression hold for what the block prints as JSON."""
    token = _now.set(query)
    try:
        yield
    finally:
        _now.reset(token)


def nothing_to_pick(what: str) -> Malformed:
    """Return the error of a --query where `what` prints no JSON."""
    return Malformed(f"--query picks from JSON, and {what} prints none.", hint="Leave out --query.")


def query_from(args: Arguments) -> Query:
    """Return what --query says on a command line, which then prints JSON. Raises Malformed."""
    if args.output in (FORMATS[0], WIDE):
        raise Malformed(
            f"--query picks from JSON, and -o {args.output} prints none.",
            hint=f"Leave out -o {args.output}. With -o name texts are printed without quotes.",
        )
    query = Query(args.query, bare=args.output == "name")
    args.output = "json"
    return query
