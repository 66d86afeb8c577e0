"""Validating a draft against the service before anything is saved."""

from nucliactl.credentials.provider import Static
from nucliactl.http.flow import Flow
from nucliactl.login.draft import Draft
from nucliactl.service.check import Identity, check
from nucliactl.service.connect import connection_of
from nucliactl.sources.sources import Sources


def validate(draft: Draft, sources: Sources) -> Flow[Identity]:
    """Ask the service whether a draft's credential works; return what it says of it.

    Raises Rejected, NotThere, Unreachable, Refused, or Malformed for a key no header can carry.
    """
    provider = Static(draft.secret, "this command") if draft.secret else None
    return check(connection_of(draft.definition, sources, provider))
