"""Certificates are read when a client first connects, and then every server is verified by them."""

import shutil
from pathlib import Path

import pytest
from support import Home
from wires import certificate, tls_server

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")

PROGRAM = """
import asyncio, os, sys
import certifi
import httpx
import nucliactl

if os.environ["TRUSTED"]:
    certifi.where = lambda: os.environ["TRUSTED"]
read, made = [], httpx.create_ssl_context
httpx.create_ssl_context = lambda *args, **options: read.append(1) or made(*args, **options)


async def main():
    async with nucliactl.async_client() as http:
        return (await http.get("x")).status_code


for _ in range(2):
    http = nucliactl.client()
    nucliactl.async_client()
print(len(read))
try:
    print(http.get("x").status_code, asyncio.run(main()), len(read))
except httpx.ConnectError as error:
    print("CERTIFICATE_VERIFY_FAILED" in str(error), len(read))
"""


def test_they_are_read_once_when_a_client_connects(home: Home, tmp_path: Path) -> None:
    pem = certificate(tmp_path / "tls", "2020", "2080")
    home.environ.pop("SSL_CERT_FILE", None)
    home.warm = False  # a warmed interpreter has read them
    with tls_server(pem, OK) as server:
        box = {"NUCLIA_KB_URL": f"https://127.0.0.1:{server.port}/api/v1/kb/b", "NUCLIA_API_KEY": "k"}
        trusting = home.python(PROGRAM, TRUSTED=str(pem), **box)
        assert trusting.out == "0\n200 200 1\n", trusting.err
        others = home.python(PROGRAM, TRUSTED="", **box)
        assert others.out == "0\nTrue 1\n", others.err
