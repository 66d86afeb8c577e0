"""What a command leaves on a terminal, as an emulator sees it, and that screen as an SVG."""

import fcntl
import itertools
import os
import pty
import struct
import subprocess
import termios
from collections.abc import Mapping
from html import escape
from typing import NamedTuple

import pyte

_ROWS = 400
_WIDTH, _HEIGHT, _MARGIN, _BAR = 8.4, 19, 16, 34
_BACKGROUND, _TEXT = "#1b1f27", "#d7dae0"
_COLOURS = {
    "black": "#8b93a1",
    "red": "#f28b82",
    "green": "#8fce7e",
    "brown": "#e5c07b",
    "blue": "#8ab4f8",
    "magenta": "#d7aefb",
    "cyan": "#78d9ec",
    "white": _TEXT,
    "default": _TEXT,
}
_FONT = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace"

_SVG = f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{width}} {{height}}"
 width="{{width}}" height="{{height}}" role="img"><title>{{title}}</title>
<rect width="{{width}}" height="{{height}}" rx="8" fill="{_BACKGROUND}"/>{{dots}}
<g font-family="{_FONT}" font-size="14" style="white-space:pre">
<text x="{{middle}}" y="22" fill="#9aa2af" text-anchor="middle">{{title}}</text>
{{text}}
</g></svg>
"""


class Run(NamedTuple):
    """Neighbouring characters of one look, and the column they begin at."""

    column: int
    text: str
    colour: str
    bold: bool


class Terminal:
    """A terminal that commands run in one after the other, each with its prompt.

    `said` replaces what a command prints before the terminal sees it: old text to new.
    """

    def __init__(
        self, columns: int, environ: Mapping[str, str], folder: str, said: Mapping[str, str] = {}
    ) -> None:
        self.columns, self._environ, self._folder, self._said = columns, dict(environ), folder, said
        self._screen = pyte.Screen(columns, _ROWS)
        self._stream = pyte.ByteStream(self._screen)

    def run(self, command: str) -> None:
        """Show the prompt and the command, and run it to its end."""
        shown = command.replace("\n", "\r\n")
        self._stream.feed(f"\x1b[1;32m$\x1b[0m \x1b[1m{shown}\x1b[0m\r\n".encode())
        output = self._output(command)
        for old, new in self._said.items():
            output = output.replace(old.encode(), new.encode())
        self._stream.feed(output)

    def _output(self, command: str) -> bytes:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, self.columns, 0, 0))
        words = ["/bin/sh", "-c", command]
        process = subprocess.Popen(
            words, env=self._environ, cwd=self._folder, stdin=theirs, stdout=theirs, stderr=theirs
        )
        os.close(theirs)
        data = b""
        try:
            while more := os.read(ours, 65536):
                data += more
        except OSError:  # the terminal is closed: the command has ended
            pass
        os.close(ours)
        process.wait()
        return data

    def lines(self) -> list[list[Run]]:
        """Return what stands on the screen, without the empty lines at its end."""
        found = [self._line(row) for row in range(_ROWS)]
        while found and not found[-1]:
            found.pop()
        return found

    def _line(self, row: int) -> list[Run]:
        cells = [(column, self._screen.buffer[row][column]) for column in range(self.columns)]
        runs = []
        for (colour, bold), group in itertools.groupby(cells, lambda cell: (cell[1].fg, cell[1].bold)):
            some = list(group)
            text = "".join(cell.data for _, cell in some)
            if text.strip():
                column = some[0][0] + len(text) - len(text.lstrip())
                runs.append(Run(column, text.strip(), _COLOURS.get(colour, f"#{colour}"), bold))
        return runs

    def text(self) -> str:
        """Return what stands on the screen as plain text."""
        return "\n".join(line.rstrip() for line in self._screen.display).rstrip()

    def svg(self, title: str) -> str:
        """Return the screen as a picture in a window of that title."""
        lines = self.lines()
        width = round(self.columns * _WIDTH + 2 * _MARGIN)
        height = len(lines) * _HEIGHT + _BAR + _MARGIN
        text = "\n".join(
            _text(run, _BAR + _HEIGHT * (number + 0.75)) for number, line in enumerate(lines) for run in line
        )
        dots = "".join(
            f'<circle cx="{_MARGIN + 4 + 16 * n}" cy="17" r="5" fill="#4b5262"/>' for n in range(3)
        )
        return _SVG.format(
            width=width, height=height, title=escape(title), middle=width / 2, dots=dots, text=text
        )


def _text(run: Run, height: float) -> str:
    """Return a run of text, of the width that its cells have in whatever font there is."""
    weight = ' font-weight="bold"' if run.bold else ""
    return (
        f'<text x="{_MARGIN + run.column * _WIDTH:.1f}" y="{height:.1f}" fill="{run.colour}"{weight}'
        f' textLength="{len(run.text) * _WIDTH:.1f}" xml:space="preserve">{escape(run.text)}</text>'
    )
