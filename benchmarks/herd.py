"""The herd: many pullers at one Redis and one Vault, at once and over half a minute. `make herd` prints it.

Each puller runs what `profile pull` runs, over a connection of its own; a few processes share them, so that
a thousand interpreters do not take the cores that the servers need. No test depends on these numbers.
"""

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

REPO = Path(__file__).parent.parent
sys.path.insert(0, str(REPO / "tests"))
PROCESSES = 4
RECORD = {
    "kind": "kb",
    "url": "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555",
    "api_key": "k" * 900,
}


class Case(NamedTuple):
    """Pullers of one address: how many, over how many seconds (0: at once)."""

    title: str
    address: str
    variables: dict[str, str]
    pullers: int
    seconds: float


def child() -> None:
    """Be one of the processes: read a case, wait for the word, pull, and write the seconds of each puller."""
    from nucliactl.errors import NucliactlError
    from nucliactl.fleet.access import access_of
    from nucliactl.fleet.looking import look
    from nucliactl.fleet.opening import records
    from nucliactl.sources.sources import sources_of

    case = Case(*json.loads(sys.stdin.readline()))
    sources = sources_of({**os.environ, **case.variables})
    took: list[float] = []
    errors: list[str] = []
    go = threading.Event()

    def pull(delay: float) -> None:
        go.wait()
        time.sleep(delay)
        began = time.monotonic()
        opened = records(
            access_of(case.address, {**os.environ, **case.variables}, "--from", default=False), sources
        )
        try:
            problems = look(opened, ["herd"]).problems
            errors.extend(error.message for error in problems.values())
        except NucliactlError as error:
            errors.append(error.message)
        finally:
            opened.close()
        took.append(time.monotonic() - began)

    threading.stack_size(256 * 1024)
    threads = [
        threading.Thread(target=pull, args=(random.uniform(0, case.seconds),)) for _ in range(case.pullers)
    ]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    sys.stdin.readline()
    go.set()
    for thread in threads:
        thread.join()
    print(json.dumps([took, errors]), flush=True)


def measured(case: Case) -> tuple[list[float], list[str]]:
    share = case._replace(pullers=case.pullers // PROCESSES)
    processes = [
        subprocess.Popen(
            [sys.executable, __file__, "--child"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(PROCESSES)
    ]
    took: list[float] = []
    errors: list[str] = []
    for process in processes:
        _say(process, json.dumps(share))
    for process in processes:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in processes:
        _say(process, "")
    for process in processes:
        assert process.stdout is not None
        times, wrong = json.loads(process.stdout.readline())
        took += times
        errors += wrong
        process.wait()
    return took, errors


def _say(process: "subprocess.Popen[str]", text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(text + "\n")
    process.stdin.flush()


def logins_per_lease(vault: Any) -> int:
    """How often one puller logs in for 20 looks within one lease."""
    from fleet.counting import counted

    from nucliactl.fleet.access import access_of
    from nucliactl.fleet.looking import look
    from nucliactl.fleet.opening import records
    from nucliactl.sources.sources import sources_of

    with counted(vault.port, b"auth/approle/login") as (port, seen):
        environ = {**os.environ, **vault.approle()}
        address = vault.address.replace(f":{vault.port}", f":{port}")
        opened = records(access_of(address, environ, "--from", default=False), sources_of(environ))
        for _ in range(20):
            assert not look(opened, ["herd"]).problems
        return len(seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--at-once", type=int, default=1000, metavar="N")
    parser.add_argument("--spread", type=int, default=5000, metavar="N")
    parser.add_argument("--over", type=float, default=30.0, metavar="SECONDS")
    args = parser.parse_args()
    if args.child:
        child()
        return
    from fleet.stores import Redis, Vault

    with tempfile.TemporaryDirectory(prefix="nucliactl-herd-") as folder:
        redis = Redis(made(folder, "redis"))
        redis.start()  # before the other looks for a free port
        vault = Vault(made(folder, "vault"))
        try:
            vault.start()
            for server in (redis, vault):
                server.put("herd", RECORD)
            doors = (
                ("Redis, AUTH and HGETALL", redis, redis.reader),
                ("OpenBao, token and read", vault, vault.reader),
                ("OpenBao, AppRole and read", vault, vault.approle()),
            )
            print("| pullers | at | errors | p50 | p99 |\n|---|---|---|---|---|")
            for title, server, variables in doors:
                for pullers, seconds in ((args.at_once, 0.0), (args.spread, args.over)):
                    took, errors = measured(Case(title, server.address, variables, pullers, seconds))
                    how = f"{pullers} over {seconds:g} s" if seconds else f"{pullers} at once"
                    cuts = statistics.quantiles(took, n=100)
                    print(
                        f"| {how} | {title} | {len(errors)} | {cuts[49]:.3f} s | {cuts[98]:.3f} s |",
                        flush=True,
                    )
                    for text in sorted({*errors})[:3]:
                        print(text, file=sys.stderr)
            print(f"\nLogins of an AppRole for 20 looks within one lease: {logins_per_lease(vault)}.")
        finally:
            redis.stop()
            vault.stop()


def made(folder: str, name: str) -> Path:
    path = Path(folder) / name
    path.mkdir()
    return path


if __name__ == "__main__":
    main()
