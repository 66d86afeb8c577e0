"""What still wins over a profile that was just saved or switched to."""

from nucliactl.model.names import names_in
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.notices import credential_variables
from nucliactl.sources.sources import Sources
from nucliactl.text import quoted


def shadow_notice(sources: Sources, saved: str) -> str | None:
    """Say what still wins over the selection just made current (none: ""), and how to change that."""
    found = resolve(sources.unnamed())
    choice = found.choice
    if choice is not None and choice.rank in ("2", "4", "5", "6"):
        names, wanted = ",".join(choice.selection), names_in(saved)
        if choice.rank in ("5", "6") or (wanted and choice.selection[: len(wanted)] == wanted):
            return None
        if choice.rank == "2":
            return f"here NUCLIA_PROFILE={names} (environment) still wins: unset NUCLIA_PROFILE"
        place = choice.source.location
        return f"here {place} ({choice.source.kind}) still wins with {names}: --no-project, or edit it"
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
