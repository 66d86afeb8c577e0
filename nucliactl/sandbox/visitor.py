"""A person at the sandbox's sign-in page, for machines without a browser.

`BROWSER="python -m nucliactl.sandbox.visitor %s"` lets `nucliactl auth login` run end to end: it signs
in as SANDBOX_LOGIN with SANDBOX_PASSWORD and clicks Allow (Deny with SANDBOX_DENY=1).
"""

import os
import re
import sys
from urllib.parse import urljoin

import httpx

_ACTION = re.compile(r'<form [^>]*action="([^"]+)"')
_TICKET = re.compile(r'name="ticket" value="([^"]+)"')


def visit(url: str, login: str, password: str, *, allow: bool = True) -> int:
    """Walk through sign-in and consent as a browser does; return the last status."""
    with httpx.Client(follow_redirects=True, timeout=30, trust_env=False) as http:
        response = http.get(url)
        for answers in ({"login": login, "password": password}, {"choice": "allow" if allow else "deny"}):
            action, ticket = _ACTION.search(response.text), _TICKET.search(response.text)
            if action is None or ticket is None:
                break
            address = urljoin(str(response.url), action[1])
            response = http.post(address, data={"ticket": ticket[1], **answers})
        return response.status_code


def main() -> int:
    environ = os.environ
    allow = environ.get("SANDBOX_DENY", "").lower() in ("", "0", "false", "no", "off")
    status = visit(sys.argv[1], environ["SANDBOX_LOGIN"], environ["SANDBOX_PASSWORD"], allow=allow)
    return 0 if status < 400 else 1


if __name__ == "__main__":
    sys.exit(main())
