"""What is shown may be pasted where everybody reads it: no home directory, and no name of an account.

Names of profiles, files and hosts stay: without them nobody could act on what is said.
"""

import os
import re
from collections.abc import Mapping

from nucliactl.disk.paths import home_dir
from nucliactl.doctor.finding import Finding, Mended


class Privacy:
    """How texts are shown on this machine."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        home = home_dir(environ)
        homes = {os.path.normpath(home), os.path.realpath(home)} if home else set()
        found = "|".join(
            re.escape(path) for path in sorted(homes, key=len, reverse=True) if path.strip(os.sep)
        )
        pattern = rf"(?<![\w.~/-])(?P<quote>\$?'|\")?(?:{found})(?P<end>/|(?![\w.-]))"
        self._home = re.compile(pattern) if found else None

    def shown(self, text: str) -> str:
        """Return a text as it may be shown to everybody; commands in it still work as they are typed."""
        text = self._home.sub(_shortened, text) if self._home is not None else text
        text = re.sub(r"(?<=chown -R )(?!root )[^\s\"]+(?= )", '"$(id -un)"', text)
        return re.sub(r"another user \([^)]*\)", "another user", text)

    def finding(self, found: Finding) -> Finding:
        fix = found.fix and found.fix._replace(does=self.shown(found.fix.does))
        hint = found.hint and self.shown(found.hint)
        return found._replace(sentence=self.shown(found.sentence), hint=hint, fix=fix)

    def mended(self, done: Mended) -> Mended:
        return done._replace(does=self.shown(done.does), error=done.error and self.shown(done.error))


def _shortened(found: re.Match[str]) -> str:
    """What a shell takes for the home directory: ~ in front of single quotes, $HOME within double ones."""
    quote, end = found["quote"] or "", found["end"]
    return f"{quote}$HOME{end}" if quote == '"' else f"~{end}{quote}"
