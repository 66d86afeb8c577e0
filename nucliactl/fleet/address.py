"""The address of a team's records: a Redis or a Vault, and where in it they are. Nothing is asked here."""

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from nucliactl.errors import Malformed, Refused
from nucliactl.model.endpoint import is_loopback
from nucliactl.model.tool_variables import SERVER_PASSWORD
from nucliactl.secret import Secret

Server = Literal["redis", "vault"]
FORMS = "redis://USER@HOST:6379/0?prefix=nuclia, rediss://… or vault://HOST:8200/MOUNT/PREFIX"
_PREFIX = "nuclia"
_LONGEST = 8192
_PART = re.compile(r"[A-Za-z0-9._:@-]+")
_BEFORE_NAMES = re.compile(r"[A-Za-z0-9._:@/{}-]+")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?|[0-9A-Fa-f:.]+")


class _Scheme(NamedTuple):
    server: Server
    tls: bool
    port: int
    options: tuple[str, ...]


_REDIS, _VAULT = ("prefix", "ssl_ca_certs"), ("role", "auth", "jwt")
_SCHEMES = {
    "redis": _Scheme("redis", False, 6379, _REDIS),
    "rediss": _Scheme("redis", True, 6379, _REDIS),
    "vault": _Scheme("vault", True, 8200, _VAULT),
    "vault+http": _Scheme("vault", False, 8200, _VAULT),
}


class Address(NamedTuple):
    """Where records are. `folder`: what stands before a name in their keys: a prefix, or the path of a
    mount and in it. `database` is Redis's. `options` are those of the query."""

    server: Server
    scheme: str
    tls: bool
    host: str
    port: int
    folder: tuple[str, ...]
    database: int = 0
    user: str | None = None
    password: Secret | None = None
    options: Mapping[str, str] = {}

    @property
    def place(self) -> str:
        """The server as people know it; no password is in it."""
        user = f"{self.user}@" if self.user else ""
        database = f"/{self.database}" if self.server == "redis" else ""
        return f"{self.scheme}://{user}{self._netloc}{database}"

    @property
    def origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self._netloc}"

    @property
    def _netloc(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def key(self, name: str) -> str:
        """Return the key of a record: of a hash in Redis, the path of a secret in Vault."""
        if self.server == "redis":
            return f"{self.folder[0]}:profile:{name}"
        mount, *within = self.folder
        return "/".join((mount, "data", *within, name))


def parse_address(text: str, what: str) -> Address:
    """Read an address. `what` names where it stands; the address itself is never repeated: a password may
    be in it.

    Raises Malformed for what is none, Refused for one that would send what is secret in the clear.
    """
    scheme, split = _split(text, what)
    try:
        host, port = split.hostname or "", split.port or scheme.port
    except ValueError:
        raise _none(what, "its host or port cannot be one", f"{_ESCAPE}\n{_LOOKS}") from None
    if not _HOST.fullmatch(host):
        raise _none(what, "its host cannot be one" if host else "it names no host", _LOOKS)
    options = _options(split.query, scheme, what)
    parts = tuple(unquote(part) for part in split.path.split("/")[1:] if part)
    if scheme.server == "redis":
        folder, database = _of_redis(parts, options, what)
    else:
        folder, database = _of_vault(parts, what), 0
    if not scheme.tls and not is_loopback(f"[{host}]" if ":" in host else host):
        safe = "rediss" if scheme.server == "redis" else "vault"
        raise Refused(
            f"{what} would send keys in the clear: {split.scheme}:// is for a server of this machine only.",
            hint=f"Use {safe}://{host}…; nothing was sent.",
        )
    user = unquote(split.username) if split.username else None
    password = Secret(unquote(split.password)) if split.password else None
    name = split.scheme.lower()
    return Address(scheme.server, name, scheme.tls, host, port, folder, database, user, password, options)


_LOOKS = f"It looks like {FORMS}."
_ESCAPE = f"A password in it is percent-encoded; better, it is kept out of it: {SERVER_PASSWORD}_FILE=FILE"


def _split(text: str, what: str) -> tuple[_Scheme, SplitResult]:
    if not text.isprintable() or " " in text or len(text) > _LONGEST:
        raise _none(what, "it has a blank, a line break or too many characters", _LOOKS)
    try:
        split = urlsplit(text)
    except ValueError:
        raise _none(what, "its host cannot be one", f"{_ESCAPE}\n{_LOOKS}") from None
    scheme = _SCHEMES.get(split.scheme.lower())
    if scheme is None:
        raise _none(what, "it does not begin with redis://, rediss:// or vault://", _LOOKS)
    if split.fragment:
        raise _none(what, "it has a #", f"{_ESCAPE}\n{_LOOKS}")
    return scheme, split


def _options(query: str, scheme: _Scheme, what: str) -> dict[str, str]:
    found = parse_qsl(query, keep_blank_values=True, max_num_fields=20)
    for key, value in found:
        if key not in scheme.options:
            raise _none(what, "it has an unknown option", f"Known: {', '.join(scheme.options)}.")
        if not value:
            raise _none(what, f"{key} is empty", "Give it a value, or leave it out.")
    options = dict(found)
    if len(options) < len(found):
        raise _none(what, "it has an option twice", "Keep one of them.")
    return options


def _of_redis(parts: tuple[str, ...], options: Mapping[str, str], what: str) -> tuple[tuple[str, ...], int]:
    database = parts[0] if parts else "0"
    if len(parts) > 1 or not re.fullmatch(r"[0-9]{1,4}", database):
        raise _none(what, "what follows its host is not the number of a database", _LOOKS)
    prefix = options.get("prefix", _PREFIX)
    if not _BEFORE_NAMES.fullmatch(prefix):
        raise _none(
            what, "the prefix has other characters", "It has letters, digits and . _ : @ / { } - only."
        )
    return (prefix,), int(database)


def _of_vault(parts: tuple[str, ...], what: str) -> tuple[str, ...]:
    if not parts:
        raise _none(what, "it names no mount", _LOOKS)
    for part in parts:
        for one in part.split("/"):  # a mount may be `team%2Fkv`
            if not _PART.fullmatch(one) or one in (".", ".."):
                raise _none(
                    what, "its path has other characters", "It has letters, digits and . _ : @ - only."
                )
    return parts


def _none(what: str, why: str, hint: str) -> Malformed:
    return Malformed(f"{what} is no address of a Redis or a Vault: {why}.", hint=hint)
