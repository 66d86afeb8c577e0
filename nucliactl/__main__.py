"""`python -m nucliactl`."""

import sys

from nucliactl.cli.main import main

sys.exit(main())
