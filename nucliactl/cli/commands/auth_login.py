"""`nucliactl auth login`: sign in by a browser."""

import os
import select
import sys
from functools import partial

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import add_yes_flag, secret_from
from nucliactl.cli.context import sources_from
from nucliactl.cli.handover import make
from nucliactl.cli.login import add_name_flags, check_first, finish_login, saved_as, say_saved
from nucliactl.cli.output import note
from nucliactl.cli.person import person
from nucliactl.errors import Malformed
from nucliactl.http.flow import perform
from nucliactl.login import draft
from nucliactl.login.awaited import check_somebody, wait_in_words
from nucliactl.login.browser import can_open, open_address
from nucliactl.login.signin import await_code, finish_sign_in, rehearse
from nucliactl.model.kinds import USER

SECONDS = 300.0


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl auth login", "nucliactl auth login --with-token < user-token.txt")
    made.add_argument("--no-browser", action="store_true", help="only print the address to open")
    reading, waiting = "read a user token from standard input instead", "seconds to wait for you (300)"
    made.add_argument("--with-token", action="store_true", help=reading)
    made.add_argument("--timeout", type=float, default=SECONDS, metavar="S", help=waiting)
    add_name_flags(made)
    add_yes_flag(made)
    return made


def run(args: Arguments) -> None:
    if not 0 < args.timeout < 1e6:
        raise Malformed("--timeout is not a number of seconds.", hint="For example --timeout 300.")
    sources = sources_from(args)
    check_first(args, USER.name)
    if args.with_token:
        finish_login(args, draft.signed_in(USER.name, secret_from(None, "user token", USER.name), sources))
        return
    check_somebody(os.environ)
    owner = draft.new_user(sources)
    try_out = partial(rehearse, owner, sources, name=args.name, force=args.force, storage=args.storage)
    try_out()
    asks = person().there

    def show(url: str, port: int | None) -> None:
        if can_open(os.environ) and not args.no_browser:
            open_address(url, os.environ)
            note("your browser should open; if it does not, open this address:")
        else:
            note("open this address in a browser:")
        print(f"\n  {url}\n", file=sys.stderr, flush=True)
        if asks:
            note("or, when it runs elsewhere, paste the address it ends at (or the code) here")
        elif port is not None:
            note(wait_in_words(port, args.timeout, os.environ))

    code, tried = perform(await_code(owner, args.timeout, show, _typed if asks else None, note))
    try_out()  # minutes may have passed
    flow = finish_sign_in(owner, code, tried, sources, partial(saved_as, args))
    say_saved(args, make(args, flow, "signing in"), signed_in=True)


def _typed(seconds: float) -> str | None:
    """Return a line typed on the terminal within `seconds`."""
    if sys.platform == "win32":
        import time

        time.sleep(seconds)  # there is no waiting for a console and a socket at once
        return None
    if select.select([sys.stdin], [], [], seconds)[0]:
        return sys.stdin.readline() or None
    return None
