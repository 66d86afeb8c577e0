"""`nucliactl auth rotate_nua_key`: a new key for a NUA profile; the old one is dead at once."""

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, sources
from nucliactl.cli.login import save_and_say
from nucliactl.cli.progress import ask
from nucliactl.listing import by_id
from nucliactl.login import draft, keys
from nucliactl.model.kinds import NUA
from nucliactl.model.profile import SIGNED_IN
from nucliactl.service.check import Found


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        "give a NUA profile a new key; the old one is dead at once",
        ["nucliactl auth rotate_nua_key CLIENT_ID"],
    )
    made.add_argument("nua", metavar="CLIENT_ID", help="the NUA profile, by client id or name")
    made.set_defaults(no_validate=False, force=True)
    return made


def run(args: Arguments) -> int:
    world = sources(args)
    nua = by_id(world, NUA.name, args.nua)
    secret = ask(keys.rotate(active_definition(world, SIGNED_IN), nua, world), "making a key")
    args.name, args.profile = nua.name, None
    made = draft.nua(secret, origin=nua.get("origin"))
    return save_and_say(
        args, made, Found(identity=nua.get("identity"), account=nua.account), activate="never"
    )
