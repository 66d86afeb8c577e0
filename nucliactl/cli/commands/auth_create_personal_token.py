"""`nucliactl auth create_personal_token`: a token for programs, made by a signed-in user."""

import time

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_connection, sources_from
from nucliactl.cli.handover import check_stdout, hand_over, make
from nucliactl.cli.login import add_name_flags, say_saved
from nucliactl.cli.output import iso, note
from nucliactl.cli.progress import ask
from nucliactl.errors import Malformed
from nucliactl.login.draft import token_like
from nucliactl.login.naming import check_new
from nucliactl.login.save import Saved
from nucliactl.model.ending import sentence
from nucliactl.profiles import creating
from nucliactl.secret import Secret
from nucliactl.service.check import check
from nucliactl.service.tokens import PersonalToken

DAYS = 90


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(
        path,
        "nucliactl auth create_personal_token --description 'CI of acme' --days 30 > pat-new.txt",
        "nucliactl auth create_personal_token 'My laptop' --login --name laptop",
    )
    made.add_argument("words", nargs="*", metavar="DESCRIPTION DAYS", help="what it is for, and its days")
    made.add_argument("--description", metavar="TEXT", help="the same, as a flag")
    made.add_argument("--days", type=int, metavar="N", help=f"days until it ends (default {DAYS})")
    saving = "make it a profile and switch to it; print nothing"
    made.add_argument("--login", action="store_true", help=saving)
    add_name_flags(made)
    return made


def run(args: Arguments) -> None:
    description, days = _asked(args)
    sources, now = sources_from(args), time.time()
    if not args.login:
        check_stdout()
    elif args.name is not None:
        check_new(sources.writable(), args.name, force=args.force)
    connection = active_connection(args)
    maker, destination = connection.definition, None
    if args.login:
        found = ask(check(connection), "asking the service")
        destination = creating.place_of_token(
            maker,
            sources,
            description,
            found,
            now,
            name=args.name,
            force=args.force,
            storage=args.storage,
        )

    def keep(token: PersonalToken, secret: Secret) -> Saved | None:
        if destination is not None:
            return destination.keep(token_like(maker, secret)._replace(ends=token.expires_at))
        hand_over(args, secret, {"id": token.id, "expires": iso(token.expires_at)})
        return None

    flow = creating.personal_token(connection, description, days, now, keep, destination)
    token, saved = make(args, flow, "making a token")
    note(f"created personal token {token.id} ({description}), which {sentence(token.expires_at, now)}")
    if saved is not None:
        say_saved(args, saved)


def _asked(args: Arguments) -> tuple[str, int]:
    words = list(args.words)
    description = args.description
    if description is None:
        if not words:
            hint = "For example --description 'CI of acme'"
            raise Malformed("A personal token needs a description.", hint=hint)
        description = words.pop(0)
    days = args.days
    if words and days is None:
        try:
            days = int(words.pop(0))
        except ValueError:
            raise Malformed("The days are not a number.", hint="For example --days 90.") from None
    if words:
        hint = "Put a description of several words in quotes."
        raise Malformed("There is one argument too many.", hint=hint)
    return description, DAYS if days is None else days
