"""The sandbox's pages: its status, the sign-in and the consent. Constant markup, everything escaped."""

import time
from collections.abc import Sequence
from html import escape

from nucliactl.sandbox.state import State

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --accent: #2563eb; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2.5rem auto; max-width: 68rem; padding: 0 1.25rem; }
h1 { font-size: 1.4rem; margin: 0 0 .25rem; } h2 { font-size: 1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0 1rem; } .quiet { opacity: .7; } .error { color: #dc2626; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; white-space: nowrap; }
th, td { border-bottom: 1px solid var(--line); } th { font-weight: 600; }
code { font: .85em ui-monospace, monospace; }
form { max-width: 22rem; margin: 1.5rem 0; } label { display: block; margin: .75rem 0; font-size: .875rem; }
input { display: block; width: 100%; box-sizing: border-box; padding: .5rem; font: inherit; }
input, button { border: 1px solid var(--line); border-radius: 6px; }
button { font: inherit; padding: .5rem 1.1rem; margin: .5rem .5rem 0 0; cursor: pointer; }
button { background: var(--soft); color: inherit; }
button.main { background: var(--accent); border-color: var(--accent); color: #fff; }
"""


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{body}</body></html>"
    )


def login_page(ticket: str, mail: str, problem: str = "") -> str:
    """The sign-in form; the person of the sandbox is filled in."""
    error = f'<p class="error" id="error">{escape(problem)}</p>' if problem else ""
    return _page(
        "Sign in · nucliactl sandbox",
        "<h1>Sign in</h1><p class=quiet>A stand-in of the service on this machine; nothing in it is real.</p>"
        f'{error}<form method="post" action="/oauth2/login">{_hidden(ticket)}'
        f'<label>Mail<input name="login" id="login" autocomplete="username" value="{escape(mail)}"></label>'
        '<label>Password<input name="password" id="password" type="password"></label>'
        '<button class="main" id="submit">Sign in</button></form>',
    )


def consent_page(ticket: str, mail: str, scope: str) -> str:
    """The question whether the command line may act for a person."""
    return _page(
        "Allow access · nucliactl sandbox",
        f"<h1>Allow access?</h1><p>The command line asks to act for <b>{escape(mail)}</b> with the rights "
        f"<code>{escape(scope)}</code>.</p>"
        f'<form method="post" action="/oauth2/consent">{_hidden(ticket)}'
        '<button class="main" id="allow" name="choice" value="allow">Allow</button>'
        '<button id="deny" name="choice" value="deny">Deny</button></form>',
    )


def _hidden(ticket: str) -> str:
    return f'<input type="hidden" name="ticket" value="{escape(ticket)}">'


def error_page(text: str) -> str:
    return _page("nucliactl sandbox", f'<h1>That did not work</h1><p class="error">{escape(text)}</p>')


_BOXES = ("Title", "Slug", "Sort", "Account", "Zone", "Keys", "Id")


def status_page(state: State) -> str:
    """What exists, and the last requests with their credentials masked."""
    accounts = {a.id: a.slug for a in state.accounts}
    boxes = [
        (b.title, b.slug, b.mode, accounts.get(b.account, b.account), b.zone, _keys(state, b.id), b.id)
        for b in state.boxes
    ]
    zones = [(z.slug, z.title, f"{z.slow:g} s" if z.slow else "-", str(z.status or "-")) for z in state.zones]
    nuas = [(c.title, accounts.get(c.account, "-"), c.id) for c in state.nua_clients.values()]
    tokens = [(p.description, p.id) for p in state.personal.values()]
    seen = [
        (
            time.strftime("%H:%M:%S", time.localtime(r.at)),
            r.method,
            r.path,
            str(r.status),
            ", ".join(f"{name}: {value}" for name, value in r.headers) or "-",
        )
        for r in reversed(state.requests)
    ]
    signed_in = len({a.family for a in state.access.values() if a.family})
    who = f"{escape(state.person['name'])} &lt;{escape(state.person['email'])}&gt;"
    return _page(
        "nucliactl sandbox",
        "<h1>nucliactl sandbox</h1><p class=quiet>A stand-in of Progress Agentic RAG on this machine; "
        f"nothing in it is real. It belongs to {who}, sign-ins so far: {signed_in}.</p>"
        + _table("Knowledge Boxes and agents", _BOXES, boxes)
        + _table("Zones", ("Slug", "Title", "Slow", "Answers"), zones)
        + _table("NUA clients", ("Title", "Account", "Id"), nuas)
        + _table("Personal tokens", ("Description", "Id"), tokens)
        + _table("Last requests", ("Time", "Method", "Path", "Status", "Credential"), seen),
    )


def _keys(state: State, box: str) -> str:
    roles = sorted(key.role for key in state.api_keys.values() if key.box == box)
    return ", ".join(roles) or "-"


def _table(title: str, headers: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th>{escape(header)}</th>" for header in headers)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    empty = f'<tr><td colspan="{len(headers)}" class="quiet">none</td></tr>'
    return f'<h2>{escape(title)}</h2><div class="wide"><table><tr>{head}</tr>{body or empty}</table></div>'
