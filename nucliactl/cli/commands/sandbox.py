"""`nucliactl sandbox`: the offline stand-in, alone or around one command."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading

from nucliactl.children import thawed
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.output import note
from nucliactl.errors import Malformed, NucliactlError
from nucliactl.sandbox import scenario
from nucliactl.sandbox.server import Sandbox, running
from nucliactl.text import quoted

_DISTURBING = (
    ("--slow", "ZONE=SECONDS", "a zone that waits before it answers"),
    ("--fail", "ZONE[=STATUS]", "a zone that answers with an error"),
)


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        "nucliactl sandbox -- nucliactl list",
        "nucliactl sandbox -- sh -c 'nucliactl auth nucliadb $SANDBOX_NUCLIADB_URL'",
    )
    made.add_argument("--port", type=int, default=0, help="its port (default: any free one)")
    made.add_argument("--state", metavar="FILE", help="what exists in it, as JSON (see the documentation)")
    for flag, metavar, meaning in _DISTURBING:
        made.add_argument(flag, metavar=metavar, action="append", default=[], help=meaning)
    lasting = "how long a user's token lasts"
    made.add_argument("--token-seconds", type=float, default=1800, metavar="S", help=lasting)
    around = "run this with those variables and an empty store, then end"
    made.add_argument("command", nargs="*", metavar="-- COMMAND", help=around)
    return made


def run(args: Arguments) -> int:
    if not 0 <= args.port <= 65535:
        raise Malformed("--port must be between 0 and 65535.")
    described = scenario.described(args.state) if args.state else scenario.BUILT_IN
    described = scenario.disturbed(described, slow=args.slow, fail=args.fail)
    if not 0 < args.token_seconds < 1e7:
        raise Malformed("--token-seconds must be more than 0.")
    try:
        with running(args.port, described, args.token_seconds) as sandbox:
            return _around(sandbox, args.command) if args.command else _alone(sandbox)
    except OSError as error:
        message = f"The sandbox cannot listen on port {args.port}: {error.strerror}."
        raise NucliactlError(message, hint="Choose another --port.") from None


def _alone(sandbox: Sandbox) -> int:
    done = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: done.set())
    print("# a stand-in of the service on this machine; nothing in it is real")
    for name, value in sandbox.variables().items():
        print(f"export {name}={quoted(value)}")
    print("# ready", flush=True)
    note(f"the sandbox, a stand-in of the service, runs at {sandbox.origin} (a page, too); Ctrl-C stops it")
    with contextlib.suppress(KeyboardInterrupt):
        done.wait()
    return 0


def _around(sandbox: Sandbox, command: list[str]) -> int:
    """Run a command beside the sandbox, with a store of its own; pass its exit code through."""
    foreign = ("NUCLIA", "NUA_", "ARAG_")
    environ = {k: v for k, v in thawed(os.environ).items() if not k.startswith(foreign)}
    with tempfile.TemporaryDirectory(prefix="nucliactl-sandbox-") as folder:
        environ.update(sandbox.variables(), NUCLIA_CONFIG_DIR=folder)
        try:
            finished = subprocess.run(command, env=environ, check=False)
        except OSError as error:
            raise NucliactlError(f"{command[0]} cannot be run: {error.strerror}.") from None
    code = finished.returncode
    return 128 - code if code < 0 else code
