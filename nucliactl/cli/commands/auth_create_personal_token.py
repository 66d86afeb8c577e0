"""`nucliactl auth create_personal_token`: a token for programs, made by a signed-in user."""

import os
import time

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, sources
from nucliactl.cli.login import add_name_flags, save_and_say
from nucliactl.cli.output import emit_json, in_words, iso, note, output_format
from nucliactl.cli.progress import ask
from nucliactl.errors import Malformed
from nucliactl.login.save import check_new
from nucliactl.login.tokens import as_profile, create
from nucliactl.model.profile import SIGNED_IN

DAYS = 90


def parser(path: tuple[str, ...]) -> Parser:
    examples = [
        "nucliactl auth create_personal_token --description 'CI of acme' --days 30 > pat-new.txt",
        "nucliactl auth create_personal_token 'My laptop' --login --name laptop",
    ]
    made = new_parser(path, "make a personal access token; it is printed once, alone", examples)
    made.add_argument("words", nargs="*", metavar="DESCRIPTION DAYS", help="what it is for, and its days")
    made.add_argument("--description", metavar="TEXT", help="the same, as a flag")
    made.add_argument("--days", type=int, metavar="N", help=f"days until it ends (default {DAYS})")
    made.add_argument(
        "--login", action="store_true", help="make it a profile and switch to it; print nothing"
    )
    add_name_flags(made)
    return made


def run(args: Arguments) -> int:
    description, days = _asked(args)
    world = sources(args)
    definition = active_definition(world, SIGNED_IN)
    if args.login and args.name is not None:
        check_new(world.writable(), args.name, force=args.force)
    now = time.time()
    made = ask(create(definition, world, description, days, now), "making a token")
    assert made.secret is not None
    note(f"made the personal token {made.id} ({description}), which ends {in_words(made.expires_at, now)}")
    if args.login:
        draft, found = ask(as_profile(definition, made.secret, os.environ), "asking the service")
        args.profile = None  # it named the session that made the token
        return save_and_say(args, draft, found)
    if output_format(args) == "json":
        emit_json({"id": made.id, "token": made.secret.reveal(), "expires": iso(made.expires_at)})
    else:
        print(made.secret.reveal())
    return 0


def _asked(args: Arguments) -> tuple[str, int]:
    words = list(args.words)
    description = args.description
    if description is None:
        if not words:
            raise Malformed(
                "A personal token needs a description.", hint="For example --description 'CI of acme'"
            )
        description = words.pop(0)
    days = args.days
    if words and days is None:
        try:
            days = int(words.pop(0))
        except ValueError:
            raise Malformed("The days are not a number.", hint="For example --days 90.") from None
    if words:
        raise Malformed(
            "There is an argument too many.", hint="Put a description of several words in quotes."
        )
    return description, DAYS if days is None else days
