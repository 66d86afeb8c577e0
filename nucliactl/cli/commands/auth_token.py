"""`nucliactl auth token`: the secret of the active profile, alone on stdout."""

import os

from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, sources
from nucliactl.cli.output import emit_json, iso, output_format
from nucliactl.credentials.candidate import opened_by
from nucliactl.errors import NucliactlError
from nucliactl.layers import seconds_of
from nucliactl.model.kinds import KINDS, USER
from nucliactl.store.sessions import ends_at, owner_of


def parser(path: tuple[str, ...]) -> Parser:
    examples = ["nucliactl auth token", "nucliactl auth token --profile handbook -o json"]
    return new_parser(path, "print the secret of the active profile", examples)


def run(args: Arguments) -> int:
    world = sources(args)
    definition = active_definition(world)
    world.bases(definition)  # a chain that cannot be followed is an error here as in resolve()
    if owner_of(definition) is None:
        provider = opened_by(definition, os.environ)
    else:
        from nucliactl.service.connect import provider_of  # a session may have to be renewed

        provider = provider_of(definition, os.environ, lambda: seconds_of(definition, world))
    if provider is None:
        raise NucliactlError(f"The profile {definition.name!r} ({definition.target}) has no secret.")
    secret = provider.get()
    if output_format(args) == "json":
        emit_json(
            {
                "token": secret.reveal(),
                "expires_at": iso(ends_at(definition, secret)),
                "header": (USER if definition.secret.way == "session" else KINDS[definition.kind]).header,
            }
        )
    else:
        print(secret.reveal())
    return 0
