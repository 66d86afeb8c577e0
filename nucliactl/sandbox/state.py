"""What exists in a sandbox while it runs. Whoever answers a request holds its lock."""

import threading
import time
import uuid
from collections import deque
from collections.abc import Mapping
from typing import Any, NamedTuple

from nucliactl.sandbox.keys import YEAR, api_key, opaque

SHOWN_REQUESTS = 40


class Account(NamedTuple):
    id: str
    slug: str
    title: str


class Zone(NamedTuple):
    """A zone. `slow`: seconds it waits before each answer. `status`: what it answers instead of all.
    `origin`: the address of a private one, which the sandbox only names."""

    id: str
    slug: str
    title: str
    slow: float = 0
    status: int | None = None
    origin: str | None = None


class Box(NamedTuple):
    """A Knowledge Box or, with `mode` agent or agent_no_memory, a retrieval agent. `local` ones are
    the NucliaDB's."""

    id: str
    slug: str
    title: str
    account: str
    zone: str
    public: bool = False
    local: bool = False
    mode: str = "kb"

    def shown(self) -> dict[str, Any]:
        config = {"title": self.title, "slug": self.slug}
        model = {"similarity_function": "cosine"}
        return {"uuid": self.id, "slug": self.slug, "config": config, "model": model}


class ApiKey(NamedTuple):
    """An API key of a box, belonging to a service account."""

    id: str
    box: str
    role: str
    service_account: str
    expires_at: int


class ServiceAccount(NamedTuple):
    id: str
    box: str
    title: str
    role: str


class NuaClient(NamedTuple):
    id: str
    title: str
    account: str


class PersonalToken(NamedTuple):
    id: str
    description: str
    expires_at: float | None


class Access(NamedTuple):
    """A user's access token: when it ends (None: never), and the sign-in it came of."""

    expires_at: float | None
    family: str | None = None


class OAuth:
    """Sign-ins under way and done. `refresh` maps a refresh token to its sign-in (family)."""

    def __init__(self) -> None:
        self.tickets: dict[str, Any] = {}
        self.codes: dict[str, Any] = {}
        self.used_codes: set[str] = set()
        self.refresh: dict[str, str] = {}
        self.spent: set[str] = set()
        self.ended: set[str] = set()
        self.refreshed = self.reused = 0


class Seen(NamedTuple):
    """One request as the status page shows it; credentials are masked."""

    at: float
    method: str
    path: str
    status: int
    headers: tuple[tuple[str, str], ...]


class State:
    """Accounts, zones, boxes, keys and tokens of one sandbox, made of a described scenario."""

    def __init__(self, origin: str, scenario: Mapping[str, Any], token_seconds: float = 1800) -> None:
        self.lock = threading.RLock()
        self.origin, self.token_seconds = origin, token_seconds
        self.person = {"type": "USER", "name": "", "password": "", **scenario["person"]}
        self.accounts = [Account(row.get("id") or _id(), *_names(row)) for row in scenario["accounts"]]
        self.zones = [
            Zone(_id(), *_names(row), float(row.get("slow", 0)), row.get("status"), row.get("origin"))
            for row in scenario["zones"]
        ]
        self.boxes: list[Box] = []
        self.service_accounts: dict[str, ServiceAccount] = {}
        self.api_keys: dict[str, ApiKey] = {}
        self.nua_clients: dict[str, NuaClient] = {}
        self.nua_keys: dict[str, str] = {}
        self.access: dict[str, Access] = {opaque(): Access(None)}
        self.personal: dict[str, PersonalToken] = {}
        self.resources: dict[str, list[dict[str, str]]] = {}
        self.oauth = OAuth()
        self.requests: deque[Seen] = deque(maxlen=SHOWN_REQUESTS)
        self.add_personal("made with the sandbox", None)
        for row in scenario["kbs"]:
            self._add_box(row, "kb")
        for row in scenario["agents"]:
            self._add_box(row, "agent" if row.get("memory", True) else "agent_no_memory")
        for row in scenario["nucliadb"]:
            self.add_local(*_names(row), row.get("id"))
        for row in scenario["nua"]:
            self._add_nua(row)

    def resources_of(self, box: Box) -> list[dict[str, str]]:
        """The resources of a box: at first three, none in the NucliaDB's."""
        titles = () if box.local else ("First", "Second", "Third")
        begin = [{"id": uuid.uuid4().hex, "slug": title.lower(), "title": title} for title in titles]
        return self.resources.setdefault(box.id, begin)

    def _add_box(self, row: Mapping[str, Any], mode: str) -> None:
        account = self.account(row["account"])
        assert account is not None
        zone = row.get("zone") or (self.zones[0].slug if self.zones else "europe-1")
        public = bool(row.get("public"))
        box = Box(row.get("id") or _id(), *_names(row), account.id, zone, public, mode=mode)
        self.boxes.append(box)
        if not public:
            found = self.add_service_account(box.id, "made with the sandbox", row.get("role", "SOWNER"))
            self.add_api_key(found, YEAR, row.get("key"))

    def _add_nua(self, row: Mapping[str, Any]) -> None:
        account = self.account(row["account"])
        assert account is not None
        client = NuaClient(row.get("client") or _id(), row.get("title", "NUA"), account.id)
        self.nua_clients[client.id] = client
        self.nua_keys[row.get("key") or api_key(self.origin, client.id, kid=None)] = client.id

    def account(self, key: str) -> Account | None:
        return next((a for a in self.accounts if key in (a.id, a.slug)), None)

    def zone(self, slug: str) -> Zone | None:
        return next((z for z in self.zones if slug in (z.slug, z.id)), None)

    def box(self, key: str, *, local: bool = False) -> Box | None:
        """Return the box with that id or slug."""
        with self.lock:
            return next((b for b in self.boxes if key in (b.id, b.slug) and b.local is local), None)

    def key_of(self, box: Box) -> str | None:
        """Return an API key of a box."""
        with self.lock:
            return next((token for token, key in self.api_keys.items() if key.box == box.id), None)

    def add_local(self, slug: str, title: str, identity: str | None = None) -> Box | None:
        """Create a box in the NucliaDB; None if the slug is taken."""
        with self.lock:
            if self.box(slug, local=True):
                return None
            box = Box(identity or _id(), slug, title, "local", "local", local=True)
            self.boxes.append(box)
            return box

    def add_service_account(self, box: str, title: str, role: str) -> ServiceAccount:
        found = ServiceAccount(_id(), box, title, role)
        with self.lock:
            self.service_accounts[found.id] = found
        return found

    def add_api_key(
        self, account: ServiceAccount, seconds: int, token: str | None = None
    ) -> tuple[str, ApiKey]:
        """Create a key of a service account that ends after `seconds`; return (token, key)."""
        token = token or api_key(self.origin, account.id, seconds)
        key = ApiKey(_id(), account.box, account.role, account.id, int(time.time()) + seconds)
        with self.lock:
            self.api_keys[token] = key
        return token, key

    def add_personal(self, description: str, expires_at: float | None) -> tuple[str, PersonalToken]:
        token, found = opaque(), PersonalToken(_id(), description, expires_at)
        with self.lock:
            self.personal[token] = found
        return token, found

    def end_sign_in(self, family: str) -> None:
        """Kill every token of a sign-in."""
        with self.lock:
            self.oauth.ended.add(family)
            self.access = {t: a for t, a in self.access.items() if a.family != family}

    def rotate_nua(self, client: str) -> str:
        """Give a NUA client a new key; the old one is dead."""
        with self.lock:
            self.nua_keys = {t: c for t, c in self.nua_keys.items() if c != client}
            token = api_key(self.origin, client, kid=None)
            self.nua_keys[token] = client
            return token


def _id() -> str:
    return str(uuid.uuid4())


def _names(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["slug"], row.get("title", row["slug"])
