"""The loopback listener that the browser comes back to. A bad request never ends the wait."""

import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import urlsplit

from nucliactl.login.pkce import PORTS, parameters

_PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.6 system-ui, sans-serif; margin: 0; }}
body {{ display: grid; place-items: center; min-height: 90vh; }}
main {{ max-width: 26rem; padding: 2rem; text-align: center; }}
h1 {{ font-size: 1.4rem; margin: .5rem 0; }} p {{ opacity: .75; }}
.sign {{ font-size: 2.5rem; line-height: 1; color: {colour}; }}
</style></head><body><main><div class="sign" aria-hidden="true">{sign}</div>
<h1>{title}</h1><p>{text}</p></main></body></html>
"""
DONE = _PAGE.format(
    title="You are signed in",
    sign="&#10003;",
    colour="#16a34a",
    text="You can close this page and return to your terminal.",
)
DENIED = _PAGE.format(
    title="Not signed in",
    sign="&#10005;",
    colour="#dc2626",
    text="Your terminal says why. You can close this page.",
)
STRAY = _PAGE.format(
    title="Nothing to see here",
    sign="&#8211;",
    colour="#888",
    text="This page belongs to a sign-in in a terminal.",
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Connection": "close",
}
_SECONDS = 5.0
_AT_ONCE = 32

Judge = Callable[[Mapping[str, str]], bool]
"""Is told the parameters of an answer; says whether it is ours."""


class Listener:
    """Listens on the first free of the registered ports of 127.0.0.1. OSError where all are busy.

    Whoever comes with another method, path, Host or state gets a constant page and changes nothing.
    """

    def __init__(self) -> None:
        self.answer: dict[str, str] | None = None
        self._judge: Judge = lambda _: False
        self._arrived = threading.Event()
        self._slots = threading.BoundedSemaphore(_AT_ONCE)
        self._server = self._bound()
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "Listener":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def expect(self, judge: Judge) -> None:
        """Say whose answer is awaited."""
        self._judge = judge

    def wait(self, seconds: float) -> dict[str, str] | None:
        """Return the answer, or None if none has come within `seconds`."""
        return self.answer if self._arrived.wait(seconds) else None

    def _bound(self) -> ThreadingHTTPServer:
        failure: OSError | None = None
        for port in PORTS:
            try:
                return _Server(("127.0.0.1", port), self._handler())
            except OSError as error:
                failure = error
        assert failure is not None
        raise failure

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        listener = self

        class Handler(BaseHTTPRequestHandler):
            timeout = _SECONDS
            server_version, sys_version = "nucliactl", ""

            def handle(self) -> None:
                if not listener._slots.acquire(blocking=False):
                    return  # too many at once: the socket is closed
                try:
                    super().handle()
                except OSError:
                    pass
                finally:
                    listener._slots.release()

            def do_GET(self) -> None:
                host = f"127.0.0.1:{listener.port}"
                parts = urlsplit(self.path)
                if self.headers.get_all("Host") != [host] or parts.path != "/callback" or parts.netloc:
                    self._page(404, STRAY)
                    return
                try:
                    found = parameters(parts.query)
                except ValueError:
                    found = {}
                if listener._arrived.is_set() or not listener._judge(found):
                    self._page(400, STRAY)
                    return
                try:
                    self._page(200, DENIED if "error" in found else DONE)
                finally:  # a browser that breaks off has answered all the same
                    listener.answer = found
                    listener._arrived.set()

            def _other(self) -> None:
                self._page(405, STRAY)

            do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_HEAD = _other  # noqa: N815

            def _page(self, status: int, page: str) -> None:
                data = page.encode()
                self.send_response(status)
                for name, value in _HEADERS.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(data)
                self.close_connection = True

            def log_message(self, *_: object) -> None:
                """Quiet: the path holds the code."""

        return Handler


class _Server(ThreadingHTTPServer):
    """Never shares its port, and never dies of a request."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, *_: object) -> None: ...
