"""`nucliactl auth rotate_nua_key`: a new key for a NUA profile; the old one stops working at once."""

import time

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import add_yes_flag, confirm
from nucliactl.cli.context import active_connection, sources_from
from nucliactl.cli.handover import check_stdout, hand_over, make
from nucliactl.cli.login import say_saved
from nucliactl.cli.output import note
from nucliactl.errors import Malformed
from nucliactl.login import draft
from nucliactl.login.save import Saved
from nucliactl.model.profile import Definition
from nucliactl.profiles import creating
from nucliactl.secret import Secret
from nucliactl.sources.sources import Sources


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl auth rotate_nua_key CLIENT_ID")
    made.add_argument("nua", metavar="CLIENT_ID", help="the NUA profile, by client id or name")
    printing = "print the new key of a profile whose key the store does not keep"
    made.add_argument("--print", dest="printed", action="store_true", help=printing)
    add_yes_flag(made)
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    nua, *others = creating.holders(sources, args.nua)
    if args.printed:
        _print(args, nua)
    else:
        _keep(args, sources, nua)
    for other in others:
        note(f"{other.name} ({other.source}) holds the old key of this client, which no longer works")


def _keep(args: Arguments, sources: Sources, nua: Definition) -> None:
    destination = creating.place_of_successor(nua, sources, time.time())
    connection = active_connection(args)
    _confirm(args, nua)

    def keep(_: str, secret: Secret) -> Saved:
        return destination.keep(draft.nua(secret, origin=nua.get("origin")))

    flow = creating.successor(connection, nua, keep, destination)
    _, saved = make(args, flow, "making a key")
    say_saved(args, saved, activate="never")


def _confirm(args: Arguments, nua: Definition) -> None:
    confirm(args, f"Give {nua.name} ({nua.target}) a new key? The old one stops working at once.")


def _print(args: Arguments, nua: Definition) -> None:
    if creating.is_kept(nua):
        raise Malformed(
            f"The store keeps the key of {nua.name!r}: leave out --print.",
            hint=f"Afterwards print it: {hints.TOKEN.format(nua.name)}",
        )
    check_stdout()
    shape = {"client_id": nua.get("identity")}
    connection = active_connection(args)
    _confirm(args, nua)
    flow = creating.successor(connection, nua, lambda _, secret: hand_over(args, secret, shape), None)
    make(args, flow, "making a key")
    note(
        f"the old key of {nua.name} no longer works; put the new one into "
        f"{nua.secret.where or nua.source.location}"
    )
