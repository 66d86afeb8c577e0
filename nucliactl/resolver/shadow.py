"""What still wins over a profile that was just saved or switched to."""

from nucliactl.resolver.choose import resolve
from nucliactl.resolver.notices import credential_variables
from nucliactl.sources.sources import Sources
from nucliactl.text import quoted


def shadow_notice(sources: Sources, saved: str) -> str | None:
    """Say what still wins over the profile just made current, and how to change that."""
    found = resolve(sources.unnamed())
    choice = found.choice
    rank = choice.rank if choice else None
    if rank in ("5", "6") or (choice and rank in ("2", "4") and choice.name == saved):
        return None
    if choice and rank == "2":
        return f"here NUCLIA_PROFILE={choice.name} (environment) still wins: unset NUCLIA_PROFILE"
    if choice and rank == "4":
        place = choice.source.location
        return f"here {place} ({choice.source.kind}) still wins with {choice.name}: --no-project, or edit it"
    if found.error is not None and found.rows and found.rows[-1].rank in ("2", "4"):
        last = found.rows[-1]
        whole = last.rank == "4" and last.profile is None
        place = "the project directory" if whole else f"{last.source.location} ({last.source.kind})"
        return f"here {place} still stands in the way: {found.error.message}"
    variables = credential_variables(sources)
    if not variables:
        return None
    verb = "wins" if len(variables) == 1 else "win"
    names = ", ".join(variables)
    return f"here {names} (environment) still {verb}: unset {' '.join(quoted(v) for v in variables)}"
