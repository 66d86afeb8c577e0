"""`auth show` with 5 accounts in 6 zones, one of them dead, beside the official client. Imports are not
counted."""

import subprocess
import sys
from pathlib import Path

import ours
from interleaved import Bench
from peers import CACHE

from nucliactl.sandbox.server import running

CALL, DEADLINE = 0.1, 2.0
"""Seconds: what a call to the service takes, and how long the dead zone is waited for."""
OFFICIAL = CACHE / "nuclia/bin/python"
OURS = """
import time, nucliactl
from nucliactl import sdk
auth = sdk.NucliaAuth()
nucliactl.warm()
began = time.perf_counter()
auth.show()
print("SECONDS", time.perf_counter() - began)
"""
THEIRS = """
import sys, time
ORIGIN, TOKEN = sys.argv[1:3]
import nuclia.sdk.auth as auth
auth.get_global_url = lambda path: ORIGIN + path
auth.get_regional_url = lambda region, path, origin_url=None: ORIGIN + "/zones/" + region + path
client = auth.NucliaAuth()
client.client.timeout = 2.0
client._config.set_user_token(TOKEN)
began = time.perf_counter()
client.show()
print("SECONDS", time.perf_counter() - began)
"""


WORLD = {
    "person": {"name": "P", "email": "p@sandbox.invalid", "password": "p"},
    "accounts": [{"slug": f"a{n}"} for n in range(5)],
    "zones": [{"slug": f"z{n}", "slow": 60 if n == 5 else CALL} for n in range(6)],
    "kbs": [{"slug": f"kb{n}", "account": f"a{n}", "zone": f"z{n}"} for n in range(5)],
    "agents": [],
    "nua": [],
    "nucliadb": [],
}


def shown(store: Path, bench: Bench) -> tuple[float, float | None]:
    """Return the seconds of our `auth show` and of the official client's, which is None if not installed."""
    with running(scenario=WORLD) as sandbox:
        found = {name: value for name, value in sandbox.variables().items() if value is not None}
        tool = {"NUCLIA_CONFIG_DIR": str(store), "NUCLIACTL_TIMEOUT": str(DEADLINE)}
        environ = bench.environ | tool | found
        token = found["SANDBOX_USER_TOKEN"]
        logged_in = [*ours.COMMAND, "auth", "set_user_token", token]
        subprocess.run(logged_in, env=environ, check=True, capture_output=True)
        mine = _seconds([sys.executable, "-I", "-c", OURS], environ)
        assert mine is not None
        if not OFFICIAL.exists():
            return mine, None
        return mine, _seconds([str(OFFICIAL), "-c", THEIRS, sandbox.origin, token], environ)


def _seconds(words: list[str], environ: dict[str, str]) -> float | None:
    done = subprocess.run(words, env=environ, check=False, capture_output=True, text=True)
    told = [line for line in done.stdout.splitlines() if line.startswith("SECONDS")]
    return float(told[0].split()[1]) if told else None
