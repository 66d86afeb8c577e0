"""What a login would replace that a person may want to keep."""

from nucliactl.errors import NucliactlError
from nucliactl.login.draft import Draft
from nucliactl.login.naming import place_of, with_identity
from nucliactl.model.kinds import USER
from nucliactl.service.check import Identity
from nucliactl.sources.sources import Sources
from nucliactl.store.sessions import stored_credential


def replaced_session(
    sources: Sources, draft: Draft, found: Identity, *, name: str | None, force: bool
) -> str | None:
    """Return the profile whose session, which renews itself, saving a draft would replace by a token that
    does not; None where there is none. Raises what deciding on the name raises."""
    if draft.kind != USER.name or (draft.tokens and draft.tokens.refresh):
        return None
    before = place_of(sources, with_identity(draft.definition, found), found, name, force).before
    if before is None or before.kind != USER.name:
        return None
    try:
        held = stored_credential(before, sources.files.read)
    except NucliactlError:  # it is lost already
        return None
    return before.name if held and held.refresh_token else None
