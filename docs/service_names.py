"""The sandbox under the service's host names, by a proxy that answers for them."""

import http.client
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DOMAIN = "progress.cloud"


@contextmanager
def answering(origin: str) -> Iterator[dict[str, str]]:
    """Answer for the service's hosts by a sandbox at `origin` for the duration; return the variables that
    lead a program here. Other hosts cannot be reached."""
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = f"{folder}/cert.pem", f"{folder}/key.pem"
        names = f"subjectAltName=DNS:*.dp.{DOMAIN},DNS:*.{DOMAIN}"
        subprocess.run(
            f"openssl req -x509 -newkey rsa:2048 -nodes -days 2 -keyout {key} -out {certificate} "
            f"-subj /CN=sandbox -addext {names}".split(),
            check=True,
            capture_output=True,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(origin.partition("://")[2], context))
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield {"HTTPS_PROXY": f"http://127.0.0.1:{server.server_port}", "SSL_CERT_FILE": certificate}
        finally:
            server.shutdown()
            server.server_close()


def _handler(sandbox: str, context: ssl.SSLContext) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        host = ""

        def do_CONNECT(self) -> None:
            self.host = self.path.partition(":")[0]
            if not self.host.endswith(f".{DOMAIN}"):
                self.send_error(502)
                return
            self.send_response(200)
            self.end_headers()
            self.wfile.flush()
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
            self.close_connection = False

        def forward(self) -> None:
            zone, _, rest = self.host.partition(".")
            prefix = f"/zones/{zone}" if rest == f"dp.{DOMAIN}" else ""
            asked = http.client.HTTPConnection(sandbox)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            asked.request(self.command, prefix + self.path, body, dict(self.headers.items()))
            answer = asked.getresponse()
            content = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = forward  # noqa: N815 (the library's names)

        def log_message(self, *_: object) -> None: ...

    return Handler
