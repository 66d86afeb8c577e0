"""A program of a user's own: it only calls nucliactl."""

from concurrent.futures import ThreadPoolExecutor

import nucliactl


def title() -> str:
    """Return the title of the active Knowledge Box."""
    profile = nucliactl.resolve(kind="kb")
    with profile.client() as http:
        found: str = http.get(profile.url).json()["config"]["title"]
        return found


def titles(times: int) -> set[str]:
    """Ask several times, each in a thread of its own, as a server does."""
    with ThreadPoolExecutor(times) as pool:
        return {future.result() for future in [pool.submit(title) for _ in range(times)]}
