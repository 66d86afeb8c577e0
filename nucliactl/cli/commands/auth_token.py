"""`nucliactl auth token`: the secret of a profile, alone on stdout."""

from __future__ import annotations

import os
import time

from nucliactl import hints
from nucliactl.cli.context import active_definition, sources_from
from nucliactl.cli.flags import Arguments
from nucliactl.cli.output import emit_data, iso, note, wants_data
from nucliactl.errors import NucliactlError
from nucliactl.model.kinds import ROLES_HEADER
from nucliactl.model.profile import Definition
from nucliactl.service.headers import Sending, sending
from nucliactl.sources.sources import Sources
from nucliactl.store.lives import near_end

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from nucliactl.cli.arguments import Parser


def parser(path: tuple[str, ...]) -> Parser:
    from nucliactl.cli.arguments import add_profile_argument, new_parser

    made = new_parser(
        path,
        "nucliactl auth token",
        "nucliactl auth token handbook -o json",
        "nucliactl auth token -o json --query headers",
    )
    add_profile_argument(made)
    return made


def run(args: Arguments) -> None:
    sources = sources_from(args)
    definition = active_definition(sources)
    sources.bases(definition)  # a chain that cannot be followed is an error here as in resolve()
    as_data = wants_data(args)
    if definition.secret.way == "none" and not as_data:
        raise NucliactlError(
            f"The profile {definition.name!r} ({definition.target}) has no secret.", hint=_instead(definition)
        )
    found = sending(definition, os.environ, lambda: _seconds(definition, sources))
    if found.secret and (end := near_end(definition, time.time(), found.secret)):
        note(end)
    if as_data:
        emit_data(args, _shape(found))
    else:
        print(found.secret.reveal() if found.secret else "")


def _seconds(definition: Definition, sources: Sources) -> float:
    """How long renewing a session may take: asked only where one is renewed."""
    from nucliactl.layers import seconds_of

    return seconds_of(definition, sources)


def _shape(found: Sending) -> dict[str, Any]:
    return {
        "token": found.secret.reveal() if found.secret else None,
        "expires_at": iso(found.expires_at),
        "header": found.header,
        "value": found.value,
        "headers": found.headers,
        "base_url": found.base_url,
        "origins": list(found.origins),
    }


def _instead(definition: Definition) -> str:
    if not definition.roles:
        return "It is public: a request needs no header."
    header = f"{ROLES_HEADER}: {';'.join(definition.roles)}"
    as_data = hints.TOKEN_AS_DATA.format(definition.name)
    return f"A NucliaDB takes a header instead, {header!r}; as data: {as_data}"
