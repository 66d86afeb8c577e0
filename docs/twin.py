"""Writes nucliactl/sdk/concurrent.py, the class for async programs, from blocking.py beside it.

`twin.py --check` says whether it is up to date.
"""

import re
import subprocess
import sys
from pathlib import Path

SDK = Path(__file__).parent.parent / "nucliactl/sdk"
WAITING = r"\b(perform|perform_whole)\b"
HEADER = '''"""`AsyncNucliaAuth`: the official client's class for programs that await.

Made from blocking.py by docs/twin.py; edit that file, then run: make generate
"""
'''


def twin(source: str) -> str:
    """Return the async class: every method that performs a flow awaits it."""
    body = source.partition('"""\n')[2].replace("NucliaAuth", "AsyncNucliaAuth")
    head, *methods = re.split(r"(?=^    def )", body, flags=re.MULTILINE)
    return HEADER + re.sub(WAITING, r"\1_async", head) + "".join(map(awaiting, methods))


def awaiting(method: str) -> str:
    method, waits = re.subn(WAITING + r"\(", r"await \1_async(", method)
    return method.replace("    def ", "    async def ", 1) if waits else method


def formatted(text: str) -> str:
    words = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(SDK / "concurrent.py"), "-"]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=True).stdout


def main() -> int:
    made, path = formatted(twin((SDK / "blocking.py").read_text())), SDK / "concurrent.py"
    if path.read_text() == made:
        return 0
    if "--check" in sys.argv:
        print(
            "sdk/concurrent.py is not what sdk/blocking.py makes of it; run: make generate", file=sys.stderr
        )
        return 1
    path.write_text(made)
    return 0


if __name__ == "__main__":
    sys.exit(main())
