"""Keys of the shape the service's have: JWTs whose signature is random, since nobody checks it."""

import base64
import json
import secrets
import time

YEAR = 365 * 86400


def api_key(origin: str, subject: str, seconds: int = YEAR, *, kid: str | None = "sa") -> str:
    """Return a JWT issued by `origin` for `subject` that ends after `seconds`. `kid` is `sa` for API
    keys, None for NUA keys."""
    payload = {
        "iss": f"{origin}/",
        "sub": subject,
        "exp": int(time.time()) + seconds,
        "key": secrets.token_urlsafe(12),
    }
    head = {"alg": "HS256", "typ": "JWT", **({"kid": kid} if kid else {})}
    parts = (head, payload)
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join((*encoded, secrets.token_urlsafe(32)))


def opaque() -> str:
    """Return a token without inner structure, as users' tokens are; never one that looks like an option."""
    return secrets.token_hex(24)
