"""Neither a log, a repr nor the locals of a traceback show what opens a team's store, or what is in it."""

import pytest
from fleet.stores import Server
from support import Home

KEY = "canary-in-the-record-0451"
WRONG = "canary-that-opens-nothing"
PROGRAM = """
import io, json, logging, os, sys, traceback
logged = io.StringIO()
logging.basicConfig(stream=logged, level=logging.DEBUG)
from nucliactl.errors import NucliactlError
from nucliactl.fleet.access import access_of
from nucliactl.fleet.directory import Published
from nucliactl.fleet.opening import records
from nucliactl.fleet.pulling import publish
from nucliactl.sources.sources import sources_of

address, folder, *names = sys.argv[1:]

def shown(error):
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())

access = access_of(address, os.environ, "--from", default=False)
opened = records(access, sources_of(os.environ))
text = repr((access, access.address, opened))
try:
    seen, changes = publish(opened, names, Published(folder, 0o600))
    text += repr((seen, changes)) + "".join(map(shown, seen.problems.values()))
except NucliactlError as error:
    text += shown(error)
opened.close()
sys.stdout.write("\\n".join(line for line in (text + logged.getvalue()).splitlines() if "environ(" not in line))
"""


CASES = {
    "good": "There is no record",
    "wrong login": "Rejected",
    "no room": "NotWritable",
    "down": "Unreachable",
}


@pytest.mark.parametrize("case", CASES)
def test_nothing_of_a_secret_is_shown(home: Home, server: Server, case: str) -> None:
    url = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
    server.put("shown", {"kind": "kb", "url": url, "api_key": KEY})
    server.put("broken", {"kind": "kb", "url": KEY, "api_key": KEY})
    folder = "/proc/nothing" if case == "no room" else str(home.path / "out")
    address = server.address.replace(str(server.port), "9") if case == "down" else server.address
    opens = dict.fromkeys(server.wrong, WRONG) if case in ("wrong login", "down") else server.reader
    result = home.python(
        PROGRAM, address, folder, "shown", "broken", "nobody", NUCLIACTL_TIMEOUT="5", **opens
    )
    assert CASES[case] in result.out, result
    for secret in (KEY, WRONG, *server.reader.values()):
        assert secret not in result.out + result.err
