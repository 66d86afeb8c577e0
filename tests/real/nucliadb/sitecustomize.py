"""On NucliaDB's PYTHONPATH: its gRPC servers bind every address, and no setting changes that."""

from grpc.aio._server import Server

_add_insecure_port = Server.add_insecure_port


def _on_loopback(self, address):
    return _add_insecure_port(self, address.replace("0.0.0.0", "127.0.0.1"))


Server.add_insecure_port = _on_loopback
