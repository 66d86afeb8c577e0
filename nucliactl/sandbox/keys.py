"""Keys of the shape the service's have: JWTs whose signature is random, since nobody checks it."""

import base64
import json
import secrets
import time

YEAR = 365 * 86400


def api_key(origin: str, subject: str, seconds: int = YEAR) -> str:
    """Return a JWT issued by `origin` for `subject` that ends after `seconds`."""
    payload = {
        "iss": f"{origin}/",
        "sub": subject,
        "exp": int(time.time()) + seconds,
        "key": secrets.token_urlsafe(12),
    }
    parts = ({"alg": "HS256", "typ": "JWT"}, payload)
    encoded = [base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts]
    return ".".join((*encoded, secrets.token_urlsafe(32)))


def opaque() -> str:
    """Return a token without inner structure, as users' tokens are."""
    return secrets.token_urlsafe(32)
