"""The pages that the loopback listener answers with: constant, whatever was asked."""

from nucliactl.html_page import html_page

_STYLE = """
body { display: grid; place-items: center; min-height: 100vh; }
main { max-width: 26rem; margin: 1rem; padding: 2.5rem 2rem; text-align: center; background: var(--card);
  border: 1px solid var(--line); border-top: .3rem solid var(--LOOK); border-radius: .75rem; }
.sign { font-size: 2.75rem; line-height: 1; color: var(--LOOK); }
h1 { font-size: 1.5rem; line-height: 1.3; margin: .75rem 0 .5rem; } p { margin: 0; color: var(--quiet); }
"""
_SIGNS = {"good": "&#10003;", "bad": "&#10005;", "quiet": "&#8211;"}


def _page(title: str, look: str, text: str) -> str:
    sign = f'<div class="sign" aria-hidden="true">{_SIGNS[look]}</div>'
    return html_page(
        f"{title} · nucliactl",
        _STYLE.replace("LOOK", look),
        f"<main>{sign}<h1>{title}</h1><p>{text}</p></main>",
    )


_CLOSE = "You can close this page"
DONE = _page("You are signed in", "good", f"{_CLOSE} and return to your terminal.")
DENIED = _page("Not signed in", "bad", f"Your terminal says why. {_CLOSE}.")
STRAY = _page("Nothing to see here", "quiet", "This page belongs to a sign-in in a terminal.")
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; img-src data:; style-src 'unsafe-inline'",
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
