"""After a rejection: whose credential it was, where it is from, and what helps."""

from nucliactl.model.profile import Definition
from nucliactl.model.recognise import wrong_door
from nucliactl.secret import Secret
from nucliactl.store.credentials import login_command


def after_rejection(
    definition: Definition, secret: Secret | None, said: str, *, forbidden: bool = False
) -> str:
    """Say whose credential was rejected and what helps. `said` is the rejection in the service's words;
    `forbidden`: it may be a good credential whose role is too low."""
    whose = f"Profile {definition.name}: {definition.kind} credential from {definition.source}"
    told = wrong_door(definition.kind, None, said) is not None
    if forbidden and not told:
        whose += ". Its role may not allow that; if it does"
    door = wrong_door(definition.kind, secret.reveal() if secret else None, said)
    if door is None or "nucliactl " not in door:  # it names no command
        door = "".join(filter(None, (door and f"{door.rstrip('.')}; ", _remedy(definition))))
    return f"{whose}: {door}"


def _remedy(definition: Definition) -> str:
    """What helps after a rejection: a login, but for what stands in variables or in a file."""
    ref, source = definition.secret, definition.source
    if source.kind in ("env", "env-file", "dotenv"):
        place = f"what {ref.where} holds" if ref.way == "file" else ref.where or "the credential"
        if source.kind != "env":
            return f"replace {place} ({source.location})"
        return f"replace {place}, or do without this credential: unset {source.location.replace(',', '')}"
    if definition.source.kind != "store":
        return f"replace the secret that {definition.source.location} names"
    return f"log in again: {login_command(definition)}"
