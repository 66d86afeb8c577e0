"""Why a call had no answer, in words: the service's fault, a proxy's, this machine's clock or limits."""

import contextlib
import errno
import socket
import ssl
from collections.abc import Iterator
from typing import NamedTuple

import httpx

from nucliactl.errors import NucliactlError, Unreachable, unclear
from nucliactl.http.proxies import VIA
from nucliactl.secret import printable

_CAUSE = "nucliactl.cause"
_NOT_YET_VALID, _EXPIRED = 9, 10  # OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED


class Cause(NamedTuple):
    """What lies below a failed request: a system's error, an unknown name, a certificate that is not
    trusted (OpenSSL's code and words), other trouble of TLS."""

    system: int | None = None
    unknown_name: bool = False
    untrusted: tuple[int, str] | None = None
    tls: str | None = None

    @property
    def too_many_files(self) -> bool:
        return self.system in (errno.EMFILE, errno.ENFILE)


def note(error: Exception, request: httpx.Request) -> None:
    """Keep on a request why it failed: the chain of an error does not outlive the client's `send`, and who
    notes it first still has it whole."""
    request.extensions.setdefault(_CAUSE, cause_of(error))


def is_of_tls(request: httpx.Request) -> bool:
    """Say whether a request failed because of a certificate, or what else TLS wants."""
    cause: Cause = request.extensions.get(_CAUSE) or Cause()
    return cause.untrusted is not None or cause.tls is not None


def in_words(error: Exception, request: httpx.Request, host: str, deadline: float) -> NucliactlError:
    """Return what a failed request means, or the hop of it that failed. `deadline` is how many seconds it
    had."""
    if isinstance(error, httpx.RequestError):
        with contextlib.suppress(RuntimeError):  # it has none
            request = error.request
    cause: Cause = request.extensions.get(_CAUSE) or cause_of(error)
    if cause.too_many_files:
        return too_many_files()
    via: str | None = request.extensions.get(VIA)
    asked = f"{host}, asked through the proxy of {via}," if via else host  # either may be to blame
    if cause.untrusted:
        return untrusted(*cause.untrusted, asked)
    if cause.tls:
        said = printable(cause.tls, 100)
        return Unreachable(f"{asked} does not speak TLS as expected ({said}).", hint=_look_at(via))
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return late(asked, deadline, lost=False)
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return late(asked, deadline)
    if isinstance(error, httpx.ProxyError):
        return turned_away(via, host, str(error))
    if isinstance(error, httpx.ConnectError):
        reason = "name unknown" if cause.unknown_name else "connection failed"
        if via:
            return Unreachable(
                f"The proxy of {via}, through which {host} is asked, cannot be reached ({reason}).",
                hint=_look_at(via),
            )
        return Unreachable(f"{host} cannot be reached ({reason}).", hint="Check the address.")
    if isinstance(error, httpx.InvalidURL | UnicodeError):
        return Unreachable(f"{host} redirects to something that is not a URL.")
    if isinstance(error, OSError):
        return Unreachable(f"{asked} cannot be reached: {printable(error.strerror or 'failed')}.")
    return unclear(f"{asked} broke off or sent something that is not HTTP.", hint=_look_at(via))


def turned_away(via: str | None, host: str, said: str) -> Unreachable:
    """What a proxy's refusal means, in its own words."""
    return Unreachable(
        f"The proxy of {via or 'this client'} refused to connect to {host}: {printable(said, 100)}.",
        hint=_look_at(via),
    )


def late(host: str, deadline: float, *, lost: bool = True) -> Unreachable:
    """An answer that did not come in time; `lost` where the request may have arrived."""
    error = Unreachable(
        f"{host} did not answer within {deadline:g} seconds.",
        hint="Try again, or allow more: NUCLIACTL_TIMEOUT=SECONDS",
    )
    error.lost = lost
    return error


def too_many_files() -> NucliactlError:
    return NucliactlError(
        "This process may open no more files, so the service was not asked.",
        hint="Allow it more: ulimit -n 1024",
    )


def untrusted(code: int, words: str, host: str) -> Unreachable:
    if code in (_NOT_YET_VALID, _EXPIRED):
        state = "is not valid yet" if code == _NOT_YET_VALID else "has expired"
        renew = "; if it is right, whoever runs the service has to renew the certificate"
        hint = f"Check this machine's clock (date -u){renew if code == _EXPIRED else ''}."
        return Unreachable(f"The certificate of {host} {state}, by this machine's clock.", hint=hint)
    return Unreachable(
        f"{host} is not trusted: {printable(words)}.",
        hint="If it is a private service, set SSL_CERT_FILE to its certificate authority.",
    )


def _look_at(variable: str | None) -> str | None:
    return f"Look at {variable}, or name the host in NO_PROXY." if variable else None


def cause_of(error: BaseException) -> Cause:
    found = Cause()
    for one in _causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            found = found._replace(untrusted=(one.verify_code, str(one.verify_message)))
        elif isinstance(one, ssl.SSLError):
            found = found._replace(tls=str(one.reason))
        elif isinstance(one, socket.gaierror):
            found = found._replace(unknown_name=True)
        elif isinstance(one, OSError) and found.system is None:
            found = found._replace(system=one.errno)
    return found


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that led to it, those of a group too."""
    waiting, seen = [error], set[int]()
    while waiting:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [more for more in (one.__cause__, one.__context__) if more is not None]
        waiting += one.exceptions if isinstance(one, BaseExceptionGroup) else ()
