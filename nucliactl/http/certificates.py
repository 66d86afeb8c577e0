"""Which certificates are trusted. They are read when the first connection needs them: that takes as long as
importing httpx, and many a client is made that never connects."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import httpx

from nucliactl.disk.witness import stamp_of
from nucliactl.errors import Malformed
from nucliactl.secret import printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from nucliactl.disk.witness import Stamp


class _Late(ssl.SSLContext):
    """Stands for httpx's own TLS context, which it makes when a connection begins."""

    _alpn: tuple[str, ...] = ()
    _made: ssl.SSLContext | None = None

    def set_alpn_protocols(self, alpn_protocols: Iterable[str]) -> None:
        self._alpn = tuple(alpn_protocols)

    def wrap_socket(self, *args: Any, **options: Any) -> ssl.SSLSocket:
        return self._ready().wrap_socket(*args, **options)

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        return self._ready().wrap_bio(*args, **options)

    def _ready(self) -> ssl.SSLContext:
        made = self._made = self._made or httpx.create_ssl_context()
        if self._alpn:
            made.set_alpn_protocols(self._alpn)
        return made


def trusted_context() -> ssl.SSLContext:
    """Return the TLS context that SSL_CERT_FILE and SSL_CERT_DIR ask for. What they name is read at once.
    Raises Malformed."""
    try:
        file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
        return _trusted(file, folder, stamp_of(os.stat(file)) if file else None)
    except OSError as error:
        raise Malformed(
            f"The certificates cannot be read: {printable(error.strerror or 'failed')}.",
            hint="Look at SSL_CERT_FILE and SSL_CERT_DIR.",
        ) from None


@lru_cache(maxsize=4)
def _trusted(file: str | None, folder: str | None, _changed: Stamp | None) -> ssl.SSLContext:
    """Return a context that is shared while the two variables and the file they name are the same."""
    return httpx.create_ssl_context() if file or folder else _Late(ssl.PROTOCOL_TLS_CLIENT)


@lru_cache(maxsize=1)
def no_context() -> ssl.SSLContext:
    """Return the context that trusts nobody: for connections that need none."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def context_of(authority: str) -> ssl.SSLContext:
    """Return a TLS context that trusts the authorities of a file alone. Raises Malformed."""
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:
        why = printable(error.strerror or "failed")
        raise Malformed(
            f"{authority} cannot be used as a certificate authority: {why}.",
            hint="It is a file of certificates in PEM.",
        ) from None
