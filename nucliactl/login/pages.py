"""The pages that the loopback listener answers with: constant, whatever was asked."""


def _page(title: str, sign: str, colour: str, text: str) -> str:
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>
:root {{ color-scheme: light dark; }}
body {{ font: 16px/1.6 system-ui, sans-serif; margin: 0; }}
body {{ display: grid; place-items: center; min-height: 90vh; }}
main {{ max-width: 26rem; padding: 2rem; text-align: center; }}
h1 {{ font-size: 1.4rem; margin: .5rem 0; }} p {{ opacity: .75; }}
.sign {{ font-size: 2.5rem; line-height: 1; color: {colour}; }}
</style></head><body><main><div class="sign" aria-hidden="true">{sign}</div>
<h1>{title}</h1><p>{text}</p></main></body></html>
"""


_CLOSE = "You can close this page"
DONE = _page("You are signed in", "&#10003;", "#16a34a", f"{_CLOSE} and return to your terminal.")
DENIED = _page("Not signed in", "&#10005;", "#dc2626", f"Your terminal says why. {_CLOSE}.")
STRAY = _page("Nothing to see here", "&#8211;", "#888", "This page belongs to a sign-in in a terminal.")
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Connection": "close",
}
_REASONS = {200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed"}


def reply(status: int, page: str, *, whole: bool = True) -> bytes:
    """Return a whole HTTP answer; without `whole` its head alone, as HEAD wants it."""
    body = page.encode()
    lines = [
        f"HTTP/1.1 {status} {_REASONS[status]}",
        *(f"{name}: {value}" for name, value in _HEADERS.items()),
    ]
    head = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""])
    return head.encode() + (body if whole else b"")
