"""How long the credential of a profile still lives, as far as that is known without the network."""

from nucliactl.errors import NucliactlError
from nucliactl.model.ending import Life, sentence
from nucliactl.model.jwt import lifetime
from nucliactl.model.kinds import KINDS, USER
from nucliactl.model.profile import Definition
from nucliactl.model.ways import WAYS
from nucliactl.secret import Secret
from nucliactl.store.credentials import Credential, login_command
from nucliactl.store.sessions import stored_credential


def near_end(definition: Definition, now: float, secret: Secret | None = None) -> str | None:
    """Return the sentence that says so where the credential of a profile has ended or soon will.

    `secret` is the credential where it is open already; else the store's own file is looked at, and nothing
    else.
    """
    try:
        held = stored_credential(definition, opening=secret is not None)
    except NucliactlError:  # told where the credential is used
        return None
    life = life_of(held, secret or definition.secret.value)
    if not life.is_near_end(now):
        return None
    kind = USER if definition.secret.way == "session" else KINDS[definition.kind]
    return f"the {kind.title} of {definition.name} {sentence(life.ends, now)}; {remedy(definition)}"


def life_of(held: Credential | None, secret: Secret | None) -> Life:
    """Return how long a credential lives: as the store noted, else as its secret says, which is a JWT or
    says nothing."""
    secret = secret or (held.secret if held else None)
    begins, ends = lifetime(secret.reveal()) if secret else (None, None)
    if held is None:
        return Life(begins, ends)
    return Life(held.issued_at or begins, held.expires_at or ends, held.refresh_token is not None)


def remedy(definition: Definition) -> str:
    """Say what gives a profile a credential that has not ended."""
    if WAYS[definition.secret.way].opens == "stored":
        return f"log in again: {login_command(definition)}"
    return f"replace it in {definition.secret.where or definition.source.location}"
