"""`nucliactl auth agent`: log in to a retrieval agent."""

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.ask import secret_from
from nucliactl.cli.context import sources_from
from nucliactl.cli.login import add_login_flags, check_first, finish_login
from nucliactl.errors import Malformed
from nucliactl.login import draft
from nucliactl.model.kinds import AGENT


def parser(path: tuple[str, ...]) -> Parser:
    made = new_parser(path, "nucliactl auth agent europe-1 ACCOUNT_ID AGENT_ID - < agent-key.txt")
    made.add_argument("region", nargs="?", help="the zone, or its address")
    made.add_argument("account_id", nargs="?", help="the account's id")
    made.add_argument("agent_id", nargs="?", help="the agent's id")
    made.add_argument("api_key", nargs="?", help="its API key; - reads standard input")
    for name in ("region", "account_id", "agent_id"):
        flags, dest = sorted({f"--{name}", f"--{name.replace('_', '-')}"}), f"{name}_flag"
        made.add_argument(*flags, dest=dest, metavar=name.upper(), help="the same, as a flag")
    made.add_argument("--token", metavar="API_KEY", help="the same, as a flag")
    add_login_flags(made)
    return made


def run(args: Arguments) -> None:
    given = [w for w in (args.region, args.account_id, args.agent_id, args.api_key) if w is not None]
    flags = (args.region_flag, args.account_id_flag, args.agent_id_flag)
    region, account, agent = (flag if flag is not None else given.pop(0) if given else None for flag in flags)
    if not (region and account and agent):
        raise Malformed("auth agent needs a zone, an account and an agent.", hint=hints.AGENT)
    check_first(args, AGENT.name)
    secret = secret_from(args.token or (given[0] if given else None), "API key", AGENT.name)
    finish_login(args, draft.agent(region, account, agent, secret, sources_from(args)))
