"""A program of a user's own: it only calls nucliactl."""

import nucliactl


def title() -> str:
    """Return the title of the active Knowledge Box."""
    profile = nucliactl.resolve(kind="kb")
    with profile.client() as http:
        found: str = http.get(profile.url or "").json()["config"]["title"]
        return found
