"""Records in a Redis, each a hash. It is asked by redis-py, over a socket that bounds what comes back."""

import contextlib
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import redis
from redis.backoff import NoBackoff
from redis.connection import Connection, ConnectionPool, SSLConnection
from redis.retry import Retry

from nucliactl.errors import Damaged, Forbidden, NucliactlError, Rejected, Unreachable
from nucliactl.fleet.access import Access
from nucliactl.fleet.contract import LONGEST_RECORD, MOST_RECORDS, Fields, not_listed, not_there, too_many
from nucliactl.fleet.metered import Meter, Metered
from nucliactl.http.failures import cause_of, late, too_many_files, untrusted
from nucliactl.model.tool_variables import SERVER_PASSWORD
from nucliactl.secret import Secret, Untraced, printable

_ANSWER = 4 * LONGEST_RECORD
_KEYS_AT_ONCE = 1000
_MOST_HEARD = 1000
_PAUSE = 0.5  # seconds at most, after a connection broke: all pullers see that at once


class InRedis:
    """The records of a Redis, over one connection at a time."""

    def __init__(self, access: Access, seconds: float) -> None:
        self._access, self._seconds = access, seconds
        self._address, self._meter = access.address, Meter()
        kind, options = _connection(access, seconds, self._meter)
        self._pool = ConnectionPool(connection_class=kind, max_connections=1, **options)
        self._redis: Any = redis.Redis(connection_pool=self._pool)
        self._hearing: Any = None
        self._new: Callable[[], Any] = lambda: kind(**options)

    def key(self, name: str) -> str:
        return self._address.key(name)

    def place(self, name: str) -> str:
        return f"{self._address.place} {self.key(name)}"

    def names(self) -> list[str]:
        before, found, cursor = self.key(""), set[str](), 0
        with self._asked(not_listed(self._address.place)):
            while True:
                words = ("SCAN", cursor, "MATCH", f"{_literal(before)}*", "COUNT", _KEYS_AT_ONCE)
                cursor, keys = self._redis.execute_command(*words)
                found |= {key.decode("utf-8", "backslashreplace").removeprefix(before) for key in keys}
                if len(found) > MOST_RECORDS:
                    raise too_many(self._address.place)
                if not cursor:
                    return sorted(found)
                self._meter.refill(_ANSWER)

    def read(self, names: Sequence[str]) -> dict[str, Fields | NucliactlError]:
        found: dict[str, Fields | NucliactlError] = {}
        for name in names:
            try:
                found[name] = self._read(name)
            except (Forbidden, Damaged) as error:
                found[name] = error
        return found

    def _read(self, name: str) -> Fields | NucliactlError:
        key = self.key(name)
        with self._asked(self._forbidden(key, "read"), key):
            held = self._redis.execute_command("HGETALL", key)
            pairs = [(field, value) for field, value in held.items()]
            if all(isinstance(part, bytes) for pair in pairs for part in pair):
                if not pairs:
                    return not_there(self._address.place, key, name)
                try:
                    return {field.decode(): Secret(value.decode()) for field, value in pairs}
                except UnicodeDecodeError:
                    return Damaged(f"{key} has a field that is no UTF-8 text.", hint="Write it as text.")
        return Damaged(f"{key} has a field that is no string.", hint="Write it as text.")

    def write(self, name: str, fields: Fields) -> None:
        key = self.key(name)
        with self._asked(self._forbidden(key, "write"), key), self._redis.pipeline(transaction=True) as steps:
            steps.delete(key)
            steps.hset(key, mapping={field: value.reveal() for field, value in fields.items()})
            steps.execute()

    def listen(self, names: Sequence[str]) -> None:
        self._deafen()
        if not 0 < len(names) <= _MOST_HEARD:
            return
        channels = [f"__keyspace@{self._address.database}__:{self.key(name)}" for name in names]
        with contextlib.suppress(*_FAILURES), Untraced():
            self._meter.begin(_ANSWER, self._seconds)
            hearing: Any = self._new()
            try:
                hearing.connect()
                hearing.send_command("SUBSCRIBE", *channels)
                for _ in channels:
                    hearing.read_response()
                self._hearing, hearing = hearing, None
            finally:
                if hearing is not None:
                    hearing.disconnect()

    def wait(self, seconds: float) -> None:
        self._pool.disconnect()
        until = time.monotonic() + seconds
        if self._hearing is not None:
            self._meter.begin(_ANSWER, None)
            try:
                if self._hearing.can_read(timeout=seconds):
                    return
            except _FAILURES:  # the connection is no more
                until = min(until, time.monotonic() + random.uniform(0, _PAUSE))  # noqa: S311
            self._deafen()
        time.sleep(max(0.0, until - time.monotonic()))

    def close(self) -> None:
        self._pool.disconnect()
        self._deafen()

    def _deafen(self) -> None:
        if self._hearing is not None:
            self._hearing.disconnect()
            self._hearing = None

    def _forbidden(self, key: str, what: str) -> Forbidden:
        return Forbidden(
            f"{self._address.place} does not let {self._address.user or 'the default user'} {what} {key}.",
            hint="Its ACL decides: ACL GETUSER, as an administrator of that Redis.",
        )

    @contextlib.contextmanager
    def _asked(self, forbidden: Forbidden, key: str | None = None) -> Iterator[None]:
        """A block that asks: what goes wrong in it is said in words of ours, without the server's own."""
        with Untraced():
            self._meter.begin(_ANSWER, self._seconds)
            try:
                yield
            except _FAILURES as error:
                self._pool.disconnect()
                raise self._in_words(error, forbidden, key) from None

    def _in_words(self, error: BaseException, forbidden: Forbidden, key: str | None) -> NucliactlError:
        place = self._address.place
        if self._meter.exceeded:
            if key is None:
                return Unreachable(f"{place} sent an answer larger than any that makes sense.")
            return Damaged(f"{key} is larger than {LONGEST_RECORD // 1024} KiB.", hint="It is no profile.")
        if isinstance(error, redis.exceptions.NoPermissionError):
            return forbidden
        if isinstance(error, redis.exceptions.AuthenticationError):
            who = self._address.user or "the default user"
            return Rejected(
                f"{place} refused the login of {who}.",
                hint=f"Look at the user in the address, and at {SERVER_PASSWORD}_FILE.",
            )
        if isinstance(error, redis.exceptions.TimeoutError | TimeoutError):
            return late(place, self._seconds)
        if isinstance(error, redis.exceptions.ResponseError | redis.exceptions.BusyLoadingError):
            if str(error).startswith("WRONGTYPE") and key:
                return Damaged(f"{key} is no hash.", hint="A record is a hash: HSET KEY kind … url …")
            return Unreachable(f"{place} answered with an error ({_code(error)}).", hint="Try again later.")
        return self._of_the_line(error)

    def _of_the_line(self, error: BaseException) -> NucliactlError:
        place, cause = self._address.place, cause_of(error)
        if cause.too_many_files:
            return too_many_files()
        if cause.untrusted:
            return untrusted(*cause.untrusted, place)
        if cause.tls:
            said = printable(cause.tls, 100)
            return Unreachable(
                f"{place} does not speak TLS as expected ({said}).",
                hint="Look at its port: TLS has one of its own.",
            )
        if cause.unknown_name:
            return Unreachable(f"{place} cannot be reached (name unknown).", hint="Check the address.")
        if cause.system is not None and cause.system not in _BROKEN:
            return Unreachable(
                f"{place} cannot be reached ({os.strerror(cause.system)}).", hint="Check the address."
            )
        hint = None if self._address.tls else "Does that port speak TLS? Then: rediss://…"
        return Unreachable(f"{place} broke off or does not answer as a Redis does.", hint=hint)


_BROKEN = (32, 104)  # EPIPE, ECONNRESET
_FAILURES = (redis.RedisError, OSError, ValueError, TypeError, AttributeError, LookupError, RecursionError)
"""What redis-py raises for a server that is none, or away."""


def _code(error: BaseException) -> str:
    """The first word of a refusal: the rest may repeat what was sent."""
    word = str(error).partition(" ")[0]
    return printable(word, 20) if word.isalpha() and word.isupper() else type(error).__name__


def _literal(text: str) -> str:
    """Return a pattern of Redis that matches this text only."""
    return "".join(f"\\{letter}" if letter in "*?[]\\^" else letter for letter in text)


class _Login(redis.CredentialProvider):
    """Reads the password when a connection is opened."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        password = self._access.password()
        user, opened = self._access.address.user, password.reveal() if password else ""
        return (user, opened) if user else (opened,)


def _connection(access: Access, seconds: float, meter: Meter) -> tuple[type[Connection], dict[str, Any]]:
    """Return the class of connections, and what each is made of."""
    address = access.address
    base: type[Connection] = SSLConnection if address.tls else Connection

    class Bounded(base):  # type: ignore[valid-type, misc]
        def _connect(self) -> Metered:
            return Metered(super()._connect(), meter)

    options: dict[str, Any] = {
        "host": address.host,
        "port": address.port,
        "db": address.database,
        "socket_timeout": seconds,
        "socket_connect_timeout": seconds,
        "socket_keepalive": True,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }
    if address.user or access.password():
        options["credential_provider"] = _Login(access)
    if address.tls:
        trusted = access.authority or access.setting("SSL_CERT_FILE")
        options |= {"ssl_cert_reqs": "required", "ssl_check_hostname": True, "ssl_ca_certs": trusted}
    return Bounded, options
