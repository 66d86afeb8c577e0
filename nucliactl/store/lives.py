"""How long the credential of a profile still lives, as far as that is known without the network."""

from nucliactl.errors import NucliactlError
from nucliactl.model.ending import is_near, sentence
from nucliactl.model.jwt import lifetime
from nucliactl.model.kinds import KINDS, USER
from nucliactl.model.profile import Definition
from nucliactl.model.ways import WAYS
from nucliactl.secret import Secret
from nucliactl.store.credentials import login_command
from nucliactl.store.sessions import stored_credential


def near_end(definition: Definition, now: float, secret: Secret | None = None) -> str | None:
    """Return the sentence that says so where the credential of a profile has ended or soon will.

    `secret` is the credential where it is open already; else the store's own file is looked at, and nothing
    else.
    A session that renews itself never ends.
    """
    try:
        held = stored_credential(definition, opening=secret is not None)
    except NucliactlError:  # told where the credential is used
        return None
    if held is not None and held.refresh_token is not None:
        return None
    secret = secret or (held.secret if held else definition.secret.value)
    begins, ends = lifetime(secret.reveal()) if secret else (None, None)
    if held is not None:
        begins, ends = held.issued_at or begins, held.expires_at or ends
    if not is_near(ends, begins, now):
        return None
    kind = USER if definition.secret.way == "session" else KINDS[definition.kind]
    return f"the {kind.title} of {definition.name} {sentence(ends, now)}; {_remedy(definition)}"


def _remedy(definition: Definition) -> str:
    if WAYS[definition.secret.way].opens == "stored":
        return f"log in again: {login_command(definition)}"
    return f"replace it in {definition.secret.where or definition.source.location}"
