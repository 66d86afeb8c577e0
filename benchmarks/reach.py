"""`auth show` with 5 accounts in 6 zones at 100 ms a call and one dead zone, beside the official client.

Prints wall times as ratios. Expected: within the time of 4 sequential calls plus the dead zone's deadline.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from nucliactl.sandbox.server import running

CALL, DEADLINE = 0.1, 2.0
REPO = Path(__file__).parent.parent
OFFICIAL = REPO / ".cache/nuclia/bin/python"
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


def main() -> int:
    world = {
        "person": {"name": "P", "email": "p@sandbox.invalid", "password": "p"},
        "accounts": [{"slug": f"a{n}"} for n in range(5)],
        "zones": [{"slug": f"z{n}", "slow": 60 if n == 5 else CALL} for n in range(6)],
        "kbs": [{"slug": f"kb{n}", "account": f"a{n}", "zone": f"z{n}"} for n in range(5)],
        "agents": [],
        "nua": [],
        "nucliadb": [],
    }
    with running(world=world) as sandbox, tempfile.TemporaryDirectory() as home:
        found = {k: v for k, v in sandbox.variables().items() if v is not None}
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": home,
            "NUCLIA_CONFIG_DIR": f"{home}/store",
            "NUCLIACTL_TIMEOUT": str(DEADLINE),
            **found,
        }
        ours = [str(Path(sys.executable).parent / "nucliactl")]
        subprocess.run(
            [*ours, "auth", "set_user_token", found["SANDBOX_USER_TOKEN"]],
            env=environ,
            check=True,
            capture_output=True,
        )
        done = subprocess.run(
            [sys.executable, "-c", OURS], env=environ, check=True, capture_output=True, text=True
        )
        assert all(f"kb{n}" in done.stdout for n in range(5)), done
        seconds = float(done.stdout.split("SECONDS")[1])
        print(f"sdk.NucliaAuth().show(), imports not counted: {seconds:.2f} s")
        allowed = 4 * CALL + DEADLINE
        print(f"  beside 4 calls and the dead zone's deadline ({allowed:.1f} s): {seconds / allowed:.2f} x")
        if OFFICIAL.exists():
            words = [str(OFFICIAL), "-c", THEIRS, sandbox.origin, found["SANDBOX_USER_TOKEN"]]
            theirs = subprocess.run(words, env=environ, check=False, capture_output=True, text=True)
            line = next((text for text in theirs.stdout.splitlines() if text.startswith("SECONDS")), None)
            if line:
                official = float(line.split()[1])
                print(f"  the official client's show: {official:.2f} s, {official / seconds:.1f} x ours")
    return 0


if __name__ == "__main__":
    sys.exit(main())
