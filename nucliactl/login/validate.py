"""Validating a draft against the service before anything is saved."""

from collections.abc import Mapping

from nucliactl.credentials.provider import Static
from nucliactl.http.drive import Call, Flow
from nucliactl.layers import as_seconds
from nucliactl.login.draft import Draft
from nucliactl.model.fields import field
from nucliactl.service.check import Found, check
from nucliactl.service.connect import connect


def timeout_from(environ: Mapping[str, str]) -> float:
    """Return the total deadline of a call for what has no profile yet, in seconds."""
    declared = field("timeout", "kb")
    variable = declared.variables[0]
    stated = environ.get(variable)
    return as_seconds(stated, variable) if stated else float(str(declared.default))


def validate(draft: Draft, environ: Mapping[str, str]) -> Flow[Found]:
    """Ask the service whether a draft's credential works; return what it says of it.

    Raises Rejected, NotThere, Unreachable, Refused, or Malformed for a key no header can carry.
    """
    provider = Static(draft.secret, "this command") if draft.secret else None
    connection = connect(draft.definition, environ, timeout_from(environ), provider=provider)
    found: Found = yield Call(connection, check(draft.definition))
    return found
