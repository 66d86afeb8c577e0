"""What exists in the sandbox."""

import base64
import json
import secrets
import threading
import time
import uuid
from typing import NamedTuple

YEAR = 365 * 86400


class Box(NamedTuple):
    """A Knowledge Box. `keys` maps an API key to its role; a `local` one is the NucliaDB's."""

    id: str
    slug: str
    title: str
    account: str
    keys: dict[str, str]
    public: bool = False
    local: bool = False

    def shown(self) -> dict[str, object]:
        config = {"title": self.title, "slug": self.slug}
        return {
            "uuid": self.id,
            "slug": self.slug,
            "config": config,
            "model": {"similarity_function": "cosine"},
        }


class State:
    """Accounts, boxes, keys and tokens of one sandbox. Thread-safe where it changes."""

    def __init__(self, origin: str) -> None:
        self.lock = threading.Lock()
        self.accounts = [
            {"id": str(uuid.uuid4()), "slug": "acme", "title": "Acme"},
            {"id": str(uuid.uuid4()), "slug": "globex", "title": "Globex"},
        ]
        acme, globex = (account["id"] for account in self.accounts)
        self.zones = [{"id": str(uuid.uuid4()), "slug": "europe-1", "title": "Europe"}]
        self.boxes = [
            _box("handbook", "Staff handbook", acme, origin),
            _box("catalogue", "Product catalogue", globex, origin),
            Box(str(uuid.uuid4()), "open", "Open data", acme, {}, public=True),
            Box(str(uuid.uuid4()), "notes", "Local notes", "local", {}, local=True),
        ]
        client = str(uuid.uuid4())
        self.nua_keys = {
            token(iss=f"{origin}/", sub=client, exp=_in_a_year()): {
                "client": client,
                "account": acme,
            }
        }
        person = {"name": "Sam Sandbox", "email": "sam@sandbox.invalid", "type": "USER"}
        self.user_tokens = {secrets.token_urlsafe(32): person}
        self.personal_tokens = {secrets.token_urlsafe(32): person}

    def box(self, key: str, *, local: bool) -> Box | None:
        """Return the box with that id or slug."""
        with self.lock:
            return next((b for b in self.boxes if key in (b.id, b.slug) and b.local is local), None)

    def add_local(self, slug: str, title: str) -> Box | None:
        """Create a box in the NucliaDB; None if the slug is taken."""
        with self.lock:
            if any(b.local and b.slug == slug for b in self.boxes):
                return None
            box = Box(str(uuid.uuid4()), slug, title, "local", {}, local=True)
            self.boxes.append(box)
            return box


def token(**claims: object) -> str:
    """Return a JWT of the shape the service's keys have. Its signature is random: nobody checks it,
    the sandbox knows its keys by heart."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {**claims, "key": secrets.token_urlsafe(12)})
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join((*encoded, secrets.token_urlsafe(32)))


def _box(slug: str, title: str, account: str, origin: str) -> Box:
    key = token(iss=f"{origin}/", sub=str(uuid.uuid4()), exp=_in_a_year())
    return Box(str(uuid.uuid4()), slug, title, account, {key: "SOWNER"})


def _in_a_year() -> int:
    return int(time.time()) + YEAR
