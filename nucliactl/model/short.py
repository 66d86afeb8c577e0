"""Addresses as people tell them apart: `europe-1/57c19b48` for the URL of a Knowledge Box."""

from __future__ import annotations

from nucliactl.lean import lru_cache
from nucliactl.model.endpoint import is_global_host, is_uuid, known_root

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


def short_targets(targets: Sequence[str]) -> list[str]:
    """Return what `Definition.target` says of each of several profiles, shortened as far as two different
    addresses stay different."""
    shortened = {target: _short(target) for target in targets}
    times: dict[str, int] = {}
    for text in shortened.values():
        times[text] = times.get(text, 0) + 1
    longer = {target: target.partition("://")[2] or target for target in shortened}
    return [shortened[t] if times[shortened[t]] == 1 else longer[t] for t in targets]


@lru_cache
def _place(host: str) -> str:
    """Return the zone of a host of the service, and any other host as it is."""
    return host.split(".", 1)[0] if known_root(host) and not is_global_host(host) else host


def _short(target: str) -> str:
    host, _, path = target.partition("://")[2].partition("/")
    if not host:
        return target
    place = _place(host)
    head, _, last = path.rpartition("/")
    if not head.endswith(("/kb", "/kb/s", "/agent")):
        return "/".join(filter(None, (place, path)))
    return f"{place}/{last[:8] if is_uuid(last) else last}"
