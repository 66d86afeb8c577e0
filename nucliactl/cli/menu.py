"""A list that a person filters by typing and walks with the arrows, drawn by prompt_toolkit.

It is drawn below the cursor, on stderr, and taken away at the end; only the lines that fit are drawn, so
that ten thousand cost no more than ten. The library is imported with this module, and nowhere else.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import islice
from typing import Any

from prompt_toolkit.application import Application
from prompt_toolkit.buffer import Buffer
from prompt_toolkit.data_structures import Size
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.key_binding.key_processor import KeyPressEvent
from prompt_toolkit.keys import Keys
from prompt_toolkit.layout import BufferControl, FormattedTextControl, HSplit, Layout, Window
from prompt_toolkit.layout.dimension import Dimension
from prompt_toolkit.layout.processors import BeforeInput
from prompt_toolkit.output import ColorDepth, Output
from prompt_toolkit.output.vt100 import Vt100_Output

from nucliactl.cli.choosing import NOTHING

_TALLEST = 15
_AT_ONCE = 100
_ENDINGS = ("SIGTERM", "SIGHUP", "SIGQUIT")
_OTHER_LINES = 2  # what is typed, and the count
_ESCAPE_SECONDS = 0.05  # in which what follows an Esc is one key with it


def pick(title: str, lines: Iterable[str], count: int) -> int:
    """Return the number of the line that a person picks. The lines, `count` of them, come while the list is
    on the screen. Raises KeyboardInterrupt where none is picked."""
    chooser, output = _Chooser(), _output()
    app: Application[int | None] = Application(
        layout=Layout(_looks(title, chooser, count, output)),
        key_bindings=_keys(chooser),
        color_depth=ColorDepth.DEPTH_1_BIT,
        erase_when_done=True,
        input=create_input(sys.stdin),
        output=output,
    )
    app.ttimeoutlen = _ESCAPE_SECONDS

    coming = iter(lines)

    def fill() -> None:
        if not app.is_done and (some := list(islice(coming, _AT_ONCE))):
            chooser.extend(some)
            app.invalidate()
            asyncio.get_running_loop().call_soon(fill)

    def begin() -> None:
        stack.enter_context(_ending(app))
        fill()

    try:
        with ExitStack() as stack:
            found = app.run(pre_run=begin, set_exception_handler=False)
    except _Signalled as end:
        signal.raise_signal(end.number)  # now it does what it would have done
        raise
    except EOFError:  # the terminal is gone
        found = None
    if found is None:
        raise KeyboardInterrupt(NOTHING)
    return found


class _Chooser:
    """The lines so far, those that what is typed leaves, and the place of the marked one among these."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.left: list[int] = []
        self.marked = 0
        self.typed = Buffer(multiline=False, on_text_changed=lambda _: self._filter())

    def extend(self, lines: Sequence[str]) -> None:
        marked = self.left[self.marked] if self.marked else None
        self.lines.extend(lines)
        self._filter()
        if marked is not None:
            self.marked = self.left.index(marked)

    def _filter(self) -> None:
        """Leave the lines that hold every word that is typed, those that begin with the first word first."""
        words = self.typed.text.casefold().split()
        found = [n for n, line in enumerate(self.lines) if all(word in line.casefold() for word in words)]
        if words:
            found.sort(key=lambda n: not self.lines[n][1:].lstrip().casefold().startswith(words[0]))
        self.left, self.marked = found, 0

    def move(self, by: int) -> None:
        self.marked = max(0, min(self.marked + by, len(self.left) - 1))

    def shown(self, height: int) -> StyleAndTextTuples:
        """Return as many lines as fit, the marked one among them."""
        first = max(0, min(self.marked - height // 2, len(self.left) - height))
        text: StyleAndTextTuples = []
        for place, number in enumerate(self.left[first : first + height], first):
            mark, style = ("> ", "reverse") if place == self.marked else ("  ", "")
            text += [(style, f"{mark}{self.lines[number]}"), ("", "\n")]
        return text[:-1]


def _looks(title: str, chooser: _Chooser, count: int, output: Output) -> HSplit:
    def height() -> int:
        return max(1, min(count, _TALLEST, output.get_size().rows - _OTHER_LINES - 1))

    prompt = BeforeInput(f"{title}> ", style="bold")
    return HSplit(
        [
            Window(BufferControl(chooser.typed, input_processors=[prompt]), height=1),
            Window(FormattedTextControl(lambda: f"  {len(chooser.left)}/{len(chooser.lines)}"), height=1),
            Window(
                FormattedTextControl(lambda: chooser.shown(height())),
                height=lambda: Dimension.exact(height()),
            ),
        ]
    )


def _keys(chooser: _Chooser) -> KeyBindings:
    keys = KeyBindings()

    def bind(names: Sequence[str], act: Callable[[KeyPressEvent], None]) -> None:
        for name in names:
            keys.add(name, eager=True)(act)

    page = _TALLEST - 1
    moves = {
        ("up", "c-p", "c-k"): -1,
        ("down", "c-n", "c-j"): 1,
        ("pageup",): -page,
        ("pagedown",): page,
        ("c-home",): -sys.maxsize,
        ("c-end",): sys.maxsize,
    }
    for names, by in moves.items():
        bind(names, partial(_move, chooser, by))

    def take(event: KeyPressEvent) -> None:
        if chooser.left:
            event.app.exit(result=chooser.left[chooser.marked])

    bind(("enter",), take)
    bind(("escape", "c-c", "c-d", "c-g", Keys.SIGINT), lambda event: event.app.exit(result=None))
    bind(("c-z",), lambda event: event.app.suspend_to_background())
    return keys


def _move(chooser: _Chooser, by: int, _: KeyPressEvent) -> None:
    chooser.move(by)


def _output() -> Output:
    if sys.platform == "win32":
        from prompt_toolkit.output import create_output

        return create_output(sys.stderr)

    def size() -> Size:
        columns, rows = os.get_terminal_size(sys.stderr.fileno())
        return Size(rows=rows or 24, columns=columns or 80)

    # It is not asked where its cursor is: not every terminal answers, and the answer may come too late.
    return Vt100_Output(sys.stderr, size, term=os.environ.get("TERM"), enable_cpr=False)


class _Signalled(Exception):
    """A signal that ends the process has come while the list was on the screen."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


@contextmanager
def _ending(app: Application[Any]) -> Iterator[None]:
    """Have the signals that end the process end the list first, which puts the terminal in order."""
    before: dict[int, Any] = {}
    for number in (getattr(signal, name) for name in _ENDINGS if hasattr(signal, name)):
        if signal.getsignal(number) is not signal.SIG_IGN and sys.platform != "win32":
            before[number] = signal.getsignal(number)
            asyncio.get_running_loop().add_signal_handler(number, _end, app, number)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(app: Application[Any], number: int) -> None:
    if not app.is_done:
        app.exit(exception=_Signalled(number))
