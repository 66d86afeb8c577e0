"""The sandbox's two servers, on loopback: the hosted service and a NucliaDB."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from nucliactl.sandbox.service import Call, Reply, hosted, nucliadb
from nucliactl.sandbox.state import State

_BODY_LIMIT = 1024 * 1024


class Sandbox(NamedTuple):
    """A running sandbox: its two origins and what exists in it."""

    origin: str
    nucliadb: str
    state: State

    def variables(self) -> dict[str, str]:
        """Return the variables that point the tool and a person at it."""
        handbook, catalogue, public, notes = self.state.boxes[:4]
        return {
            "NUCLIA_GLOBAL_URL": self.origin,
            "NUCLIA_OAUTH_URL": self.origin,
            "NUCLIA_ZONE_URL": f"{self.origin}/zones/{{zone}}",
            "SANDBOX_KB_URL": f"{self.origin}/api/v1/kb/{handbook.id}",
            "SANDBOX_KB_KEY": next(iter(handbook.keys)),
            "SANDBOX_KB2_URL": f"{self.origin}/api/v1/kb/{catalogue.id}",
            "SANDBOX_KB2_KEY": next(iter(catalogue.keys)),
            "SANDBOX_PUBLIC_KB_URL": f"{self.origin}/api/v1/kb/{public.id}",
            "SANDBOX_NUA_KEY": next(iter(self.state.nua_keys)),
            "SANDBOX_USER_TOKEN": next(iter(self.state.user_tokens)),
            "SANDBOX_PERSONAL_TOKEN": next(iter(self.state.personal_tokens)),
            "SANDBOX_NUCLIADB_URL": self.nucliadb,
            "SANDBOX_LOCAL_KB_URL": f"{self.nucliadb}/api/v1/kb/{notes.id}",
        }


@contextmanager
def running(port: int = 0) -> Iterator[Sandbox]:
    """Run a sandbox for the duration: the service on `port` (0: any free one), the NucliaDB on the
    next free one. Raises OSError where the port is taken."""
    states: list[State] = []
    service = _server(port, hosted, states)
    database = _server(0, nucliadb, states)
    origin, local = (f"http://127.0.0.1:{s.server_address[1]}" for s in (service, database))
    states.append(State(origin))
    threads = [threading.Thread(target=s.serve_forever, daemon=True) for s in (service, database)]
    for thread in threads:
        thread.start()
    try:
        yield Sandbox(origin, local, states[0])
    finally:
        for server in (service, database):
            server.shutdown()
            server.server_close()


def _server(port: int, answer: Callable[[State, Call], Reply], states: list[State]) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30

        def _reply(self) -> None:
            length = self.headers.get("Content-Length", "0")
            if not length.isdigit() or int(length) > _BODY_LIMIT:
                self.close_connection = True
                self._send(413, {"detail": "Too large"})
                return
            body = self.rfile.read(int(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            path = self.path.split("?", 1)[0]
            self._send(*answer(states[0], Call(self.command, path, headers, body)))

        def _send(self, status: int, found: object) -> None:
            page = isinstance(found, str)
            data = found.encode() if isinstance(found, str) else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if page else "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _reply  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet: requests carry keys."""

    return ThreadingHTTPServer(("127.0.0.1", port), Handler)
