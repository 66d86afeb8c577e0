"""The sandbox's two servers, on loopback: the hosted service and a NucliaDB."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from nucliactl.sandbox.call import CREDENTIALS, Call, Denied, Reply
from nucliactl.sandbox.database import nucliadb
from nucliactl.sandbox.scenario import BUILT_IN
from nucliactl.sandbox.service import hosted, zone_of
from nucliactl.sandbox.state import Seen, State
from nucliactl.secret import masked

_BODY_LIMIT = 1024 * 1024
_PAGE_HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self' http://127.0.0.1:*",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)


class Sandbox(NamedTuple):
    """A running sandbox: its two origins and what exists in it."""

    origin: str
    nucliadb: str
    state: State

    def variables(self) -> dict[str, str]:
        """Return the variables that point the tool and a person at it."""
        state = self.state
        found = {
            "NUCLIA_GLOBAL_URL": self.origin,
            "NUCLIA_OAUTH_URL": self.origin,
            "NUCLIA_ZONE_URL": f"{self.origin}/zones/{{zone}}",
            "SANDBOX_LOGIN": state.person["email"],
            "SANDBOX_PASSWORD": state.person["password"],
            "SANDBOX_USER_TOKEN": next(iter(state.access)),
            "SANDBOX_PERSONAL_TOKEN": next(iter(state.personal)),
            "SANDBOX_NUCLIADB_URL": self.nucliadb,
        }
        keyed = [box for box in state.boxes if not box.local and not box.public and box.mode == "kb"]
        for box, prefix in zip(keyed, ("SANDBOX_KB", "SANDBOX_KB2"), strict=False):
            found[f"{prefix}_URL"] = self.kb_url(box.id)
            found[f"{prefix}_KEY"] = state.key_of(box) or ""
        for box in [box for box in state.boxes if box.public][:1]:
            found["SANDBOX_PUBLIC_KB_URL"] = self.kb_url(box.id)
        for box in [box for box in state.boxes if box.mode != "kb"][:1]:
            found |= {"SANDBOX_AGENT_ID": box.id, "SANDBOX_AGENT_KEY": state.key_of(box) or ""}
            found |= {"SANDBOX_AGENT_ZONE": box.zone, "SANDBOX_AGENT_ACCOUNT": box.account}
        for token in list(state.nua_keys)[:1]:
            found["SANDBOX_NUA_KEY"] = token
        for box in [box for box in state.boxes if box.local][:1]:
            found["SANDBOX_LOCAL_KB_URL"] = f"{self.nucliadb}/api/v1/kb/{box.id}"
        return found

    def kb_url(self, identity: str) -> str:
        return f"{self.origin}/api/v1/kb/{identity}"


@contextmanager
def running(
    port: int = 0, scenario: Mapping[str, Any] = BUILT_IN, token_seconds: float = 1800
) -> Iterator[Sandbox]:
    """Run a sandbox for the duration: the service on `port` (0: any free one), the NucliaDB on another.

    `scenario` describes what exists (see `scenario.described`), `token_seconds` how long a signed-in
    user's access token lasts. Raises OSError where the port is taken.
    """
    states: list[State] = []
    service = _server(port, hosted, states)
    database = _server(0, nucliadb, states)
    origin, local = (f"http://127.0.0.1:{s.server_address[1]}" for s in (service, database))
    states.append(State(origin, scenario, token_seconds))
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

        def handle(self) -> None:
            """Serve one connection; who leaves before the answer is nobody's fault."""
            with suppress(ConnectionError):
                super().handle()

        def _reply(self) -> None:
            length = self.headers.get("Content-Length", "0")
            if not length.isdigit() or int(length) > _BODY_LIMIT:
                self.close_connection = True
                self._send(Reply(413, {"detail": "Too large"}))
                return
            body, state = self.rfile.read(int(length)), states[0]
            headers = {name.lower(): value for name, value in self.headers.items()}
            whole, _, query = self.path.partition("?")
            zone, path = zone_of(whole)
            call = Call(self.command, path, headers, body, query, zone)
            reply = _answered(state, call, answer)
            _note(state, whole, call, reply)
            self._send(reply)

        def _send(self, reply: Reply) -> None:
            if reply.lines is not None:
                self._send_lines(reply)
                return
            page = reply.page is not None
            data = (reply.page or "").encode() if page else json.dumps(reply.found).encode()
            data = b"" if reply.status == 204 else data
            self.send_response(reply.status)
            self.send_header("Content-Type", "text/html; charset=utf-8" if page else "application/json")
            for name, value in (*(_PAGE_HEADERS if page else ()), *reply.headers):
                self.send_header(name, value)
            if reply.status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

        def _send_lines(self, reply: Reply) -> None:
            """Send a JSON value a line, each at once."""
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/x-ndjson")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for found in reply.lines or ():
                data = json.dumps(found).encode() + b"\n"
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = _reply  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Quiet: requests carry keys."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler, bind_and_activate=False)
    server.request_queue_size = 256
    server.server_bind()
    server.server_activate()
    return server


def _answered(state: State, call: Call, answer: Callable[[State, Call], Reply]) -> Reply:
    zone = state.zone(call.zone) if call.zone else None
    if zone is not None and zone.slow:
        time.sleep(zone.slow)
    if zone is not None and zone.status:
        return Reply(zone.status, {"detail": "This zone is out of order"})
    try:
        with state.lock:  # one request at a time: only a zone that is made slow takes long
            return answer(state, call)
    except Denied as denied:
        return denied.reply


def _note(state: State, path: str, call: Call, reply: Reply) -> None:
    """Remember a request for the status page, without its query: it may hold a code."""
    if path == "/":
        return
    shown = [(name, call.credential(name)) for name in CREDENTIALS]
    headers = tuple((name, f"Bearer {masked(value)}") for name, value in shown if value)
    with state.lock:
        state.requests.append(Seen(time.time(), call.method, path, reply.status, headers))
