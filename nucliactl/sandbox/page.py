"""The sandbox's pages: its status, the sign-in and the consent. Constant markup, everything escaped."""

import time
from collections.abc import Callable, Sequence
from html import escape

from nucliactl.html_page import html_page
from nucliactl.sandbox.state import State

_STYLE = """
main { max-width: 82rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
main.narrow { max-width: 27rem; padding-top: 12vh; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .35rem; } h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
p { margin: .25rem 0 1rem; } .quiet { color: var(--quiet); }
.good { color: var(--good); } .bad, .error { color: var(--bad); }
section, form { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
section, form { padding: 1.1rem 1.25rem; margin-top: 1.25rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .875rem; }
th, td { text-align: left; padding: .45rem 1.25rem .45rem 0; white-space: nowrap; }
td { border-top: 1px solid var(--line); } th { font-weight: 600; color: var(--quiet); }
code { font: .9em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
a { color: var(--accent); text-underline-offset: .15em; }
label { display: block; margin: 0 0 1rem; font-size: .9rem; font-weight: 600; }
input, button { font: inherit; border: 1px solid var(--quiet); border-radius: .5rem; color: inherit; }
input { display: block; width: 100%; margin-top: .3rem; padding: .6rem .7rem; font-weight: 400; }
input { background: var(--back); }
button { padding: .6rem 1.4rem; margin: .25rem .5rem 0 0; cursor: pointer; background: none; }
button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
button.main { font-weight: 600; } :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
"""


def _page(title: str, body: str, layout: str = "narrow") -> str:
    return html_page(title, _STYLE, f'<main class="{layout}">{body}</main>')


def login_page(ticket: str, mail: str, problem: str = "") -> str:
    """The sign-in form; the person of the sandbox is filled in."""
    error = f'<p class="error" id="error" role="alert">{escape(problem)}</p>' if problem else ""
    return _page(
        "Sign in · nucliactl sandbox",
        "<h1>Sign in</h1><p class=quiet>A stand-in of the service on this machine. Nothing in it is real, "
        "and your own password does not belong here.</p>"
        f'{error}<form method="post" action="/oauth2/login">{_hidden(ticket)}'
        f'<label>Mail<input name="login" id="login" autocomplete="username" value="{escape(mail)}"></label>'
        '<label>Password<input name="password" id="password" type="password" autocomplete="current-password">'
        "</label>"
        '<button class="main" id="submit">Sign in</button></form>',
    )


def consent_page(ticket: str, mail: str, scope: str) -> str:
    """The question whether the command line may act for a person."""
    return _page(
        "Allow access · nucliactl sandbox",
        "<h1>Allow access?</h1><p>The command line on this machine asks to act for "
        f"<b>{escape(mail)}</b>, with the rights <code>{escape(scope)}</code>.</p>"
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
        "<header><h1>nucliactl sandbox</h1><p class=quiet>A stand-in of Progress Agentic RAG on this "
        f"machine; nothing in it is real. It belongs to {who}, sign-ins so far: {signed_in}. "
        '<a href="/">Look again</a></p></header>'
        + _table("Last requests", ("Time", "Method", "Path", "Status", "Credential"), seen, _outcome)
        + _table("Knowledge Boxes and agents", _BOXES, boxes)
        + _table("Zones", ("Slug", "Title", "Slow", "Answers"), zones)
        + _table("NUA clients", ("Title", "Account", "Id"), nuas)
        + _table("Personal tokens", ("Description", "Id"), tokens),
        "all",
    )


def _keys(state: State, box: str) -> str:
    roles = sorted(key.role for key in state.api_keys.values() if key.box == box)
    return ", ".join(roles) or "-"


def _outcome(cell: str) -> str:
    """Return the class of a status code's cell; of other cells none."""
    return ("good" if cell < "400" else "bad") if len(cell) == 3 and cell.isdigit() else ""


def _plain(_: str) -> str:
    return ""


def _table(
    title: str, headers: tuple[str, ...], rows: Sequence[tuple[str, ...]], look: Callable[[str], str] = _plain
) -> str:
    """Return a section with a table, which a keyboard can scroll. `look`: the class of a cell."""
    if not rows:
        return f'<section><h2>{escape(title)}</h2><p class="quiet">none</p></section>'
    head = "".join(f'<th scope="col">{escape(header)}</th>' for header in headers)
    body = "".join("<tr>" + "".join(_cell(cell, look(cell)) for cell in row) + "</tr>" for row in rows)
    scrolled = f'class="wide" tabindex="0" role="group" aria-label="{escape(title)}"'
    return (
        f"<section><h2>{escape(title)}</h2><div {scrolled}>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>"
    )


def _cell(text: str, look: str) -> str:
    return f'<td class="{look}">{escape(text)}</td>' if look else f"<td>{escape(text)}</td>"
