"""`python -m nucliactl`."""

import contextlib
import os
import sys

with contextlib.suppress(OSError):
    if sys.path[:1] == [os.getcwd()] and not sys.flags.safe_path:
        del sys.path[0]  # `-m` puts the working directory first: nothing of it is to be imported

from nucliactl.cli.start import program

sys.exit(program())
