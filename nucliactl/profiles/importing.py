"""Importing what the official client's file holds, without asking the service."""

import time

from nucliactl.login.draft import Draft
from nucliactl.login.save import Saved, save
from nucliactl.model.kinds import USER
from nucliactl.model.profile import Definition
from nucliactl.secret import header_value
from nucliactl.service.check import Identity
from nucliactl.sources.sources import Sources


def import_profile(definition: Definition, label: str | None, sources: Sources) -> Saved:
    """Save a definition of the official client's. An access token comes without its refresh token,
    because the file cannot vouch that the two belong together. Raises what saving raises."""
    secret = definition.secret.value
    # A token there says nobody's name: the entry itself is the identity, so that it is updated in place.
    found = Identity(slug=label, identity=definition.name if definition.kind == USER.name else None)
    if secret is not None:
        header_value(secret, definition.source.location)
    return save(sources, Draft(definition, secret), found, now=int(time.time()), activate="never")
