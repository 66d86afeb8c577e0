"""A person at the sandbox's sign-in page, for machines without a browser.

`BROWSER="python -m nucliactl.sandbox.visitor %s"` lets `nucliactl auth login` run end to end: it signs
in as SANDBOX_LOGIN with SANDBOX_PASSWORD and clicks Allow (Deny with SANDBOX_DENY=1).
"""

import os
import sys
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


class _Form(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.fields = "", dict[str, str]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.action = found.get("action") or ""
        elif tag == "input" and found.get("name"):
            self.fields[str(found["name"])] = found.get("value") or ""


def visit(url: str, login: str, password: str, *, allow: bool = True) -> int:
    """Walk through sign-in and consent as a browser does; return the last status."""
    with httpx.Client(follow_redirects=True, timeout=30, trust_env=False) as http:
        response = http.get(url)
        for answers in ({"login": login, "password": password}, {"choice": "allow" if allow else "deny"}):
            form = _Form(response.text)
            if not form.action:
                break
            response = http.post(urljoin(str(response.url), form.action), data={**form.fields, **answers})
        return response.status_code


def main() -> int:
    environ = os.environ
    allow = environ.get("SANDBOX_DENY", "").lower() in ("", "0", "false", "no", "off")
    status = visit(sys.argv[1], environ["SANDBOX_LOGIN"], environ["SANDBOX_PASSWORD"], allow=allow)
    return 0 if status < 400 else 1


if __name__ == "__main__":
    sys.exit(main())
