"""Makes docs/explanation/screens.md: what ten profiles look like at 80 and 120 columns, by real runs of the
installed command, against the sandbox under the service's host names."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from service_names import answering
from terminal import Terminal

from nucliactl.sandbox.server import running

sys.path.append(str(Path(__file__).parent.parent / "tests"))
import ten_profiles

PAGE = Path(__file__).parent / "explanation/screens.md"
HOME = "/home/samsandbox"  # as long as the temporary directory that stands for it
COMMANDS = ("nucliactl list", "nucliactl explain", "nucliactl auth show", "nucliactl kbs list")
WIDTHS = (80, 120)
HEAD = """<!-- Made by docs/screens.py; edit the code instead. -->

# Screens

What a person with ten profiles sees in a terminal. A column that is empty, or says the same on each row, is
not shown. Where the terminal is narrow, titles are cut and the columns that matter least left out, and a line
says so; names and ids are whole. `explain` cuts nothing: what is too wide pushes the rest of its row onto the
next line. `-o wide` shows everything, and a script reads `-o json`.

In colour an end within 7 days is yellow, and what has ended or needs a login is red.
"""


def scenario(keys: dict[str, str]) -> dict[str, Any]:
    """Return what the service has: the boxes whose profiles have keys, of which one has ended."""
    accounts = [
        {"id": found, "slug": slug, "title": slug.title()} for slug, found in ten_profiles.ACCOUNTS.items()
    ]
    boxes = {
        identity: {"id": identity, "slug": name, "title": title, "account": account, "zone": zone}
        | ({"key": keys[name]} if days is not None and days > 0 else {})
        for name, (zone, identity, title, account, days) in reversed(ten_profiles.BOXES.items())
    }
    zones = [{"slug": slug} for slug in ("europe-1", "aws-us-east-2-1")]
    nua = [{"client": ten_profiles.CLIENT, "title": "Pipeline", "account": "acme", "key": keys["acme-nua"]}]
    person = {"name": "Sam Sandbox", "email": "sam@sandbox.invalid", "password": "sandbox"}
    parts = {"kbs": list(boxes.values()), "agents": [], "nucliadb": []}
    return {"person": person, "accounts": accounts, "zones": zones, "nua": nua, **parts}


def main() -> int:
    text = HEAD
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        keys = ten_profiles.write(Path(folder, ".config/nucliactl"))
        environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": folder,
            "TERM": "xterm",
        }
        with running(0, scenario(keys)) as sandbox, answering(sandbox.origin) as ways:
            api_keys = sandbox.state.api_keys
            api_keys[keys["acme-handbook-write"]] = api_keys[keys["acme-handbook"]]
            sandbox.state.access[ten_profiles.SESSION_TOKEN] = next(iter(sandbox.state.access.values()))
            sandbox.state.personal[ten_profiles.PERSONAL_TOKEN] = next(iter(sandbox.state.personal.values()))
            Terminal(80, environ | ways, folder).run("nucliactl use acme-handbook")
            for command in COMMANDS:
                text += f"\n## {command.partition(' ')[2]}\n"
                for width in WIDTHS:
                    terminal = Terminal(width, environ | ways, folder, {folder: HOME})
                    terminal.run(command)
                    text += f"\nAt {width} columns:\n\n```text\n{terminal.text()}\n```\n"
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
