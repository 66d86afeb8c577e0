"""`nucliactl auth token`: the secret of the active profile, alone on stdout."""

import time

from nucliactl import hints
from nucliactl.cli.arguments import Arguments, Parser, new_parser
from nucliactl.cli.context import active_definition, provider_of, sources_from
from nucliactl.cli.output import emit_data, iso, note, wants_data
from nucliactl.errors import NucliactlError
from nucliactl.model.kinds import KINDS, ROLES_HEADER, USER
from nucliactl.model.profile import Definition
from nucliactl.secret import header_value
from nucliactl.store.lives import near_end
from nucliactl.store.sessions import ends_at


def parser(path: tuple[str, ...]) -> Parser:
    return new_parser(path, "nucliactl auth token", "nucliactl auth token --profile handbook -o json")


def run(args: Arguments) -> None:
    sources = sources_from(args)
    definition = active_definition(sources)
    sources.bases(definition)  # a chain that cannot be followed is an error here as in resolve()
    provider = provider_of(definition, sources)
    kind = USER if definition.secret.way == "session" else KINDS[definition.kind]
    as_data = wants_data(args)
    if provider is None and not as_data:
        raise NucliactlError(
            f"The profile {definition.name!r} ({definition.target}) has no secret.", hint=_instead(definition)
        )
    secret = provider.get() if provider else None
    if secret and (end := near_end(definition, time.time(), secret)):
        note(end)
    shown = header_value(secret, provider.where) if provider and secret else None
    if as_data:
        ends = ends_at(definition, secret) if secret else None
        found = {"token": shown, "expires_at": iso(ends), "header": kind.header}
        emit_data(args, found if secret else {**found, **_without_secret(definition)})
    else:
        print(shown)


def _without_secret(definition: Definition) -> dict[str, object]:
    """What stands in a secret's place: the roles that a NucliaDB is told, or nothing at all."""
    if not definition.roles:
        return {"header": None, "headers": {}}
    return {"header": ROLES_HEADER, "headers": {ROLES_HEADER: ";".join(definition.roles)}}


def _instead(definition: Definition) -> str:
    if not definition.roles:
        return "It is public: a request needs no header."
    header = f"{ROLES_HEADER}: {';'.join(definition.roles)}"
    return f"A NucliaDB takes a header instead, {header!r}; as data: {hints.TOKEN_AS_DATA}"
