"""Checks of the way to the service: proxies, certificates, whether it answers, and the clock."""

import os
from collections.abc import Iterator

from nucliactl.doctor.finding import Check, Finding, note, problem, well
from nucliactl.doctor.world import Unchecked, World
from nucliactl.errors import NucliactlError
from nucliactl.http.certificates import trusted_context
from nucliactl.http.dates import Heard, ask_date
from nucliactl.http.proxies import Proxies, parsed
from nucliactl.model.endpoint import host_of, origin_of
from nucliactl.model.endpoint_rules import GLOBAL_URL, of_domain

SECONDS = 5.0
"""How long the service has for its answer: doctor is run where nothing may answer."""
_SKEW = 300
_SAID_TO_OTHERS = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def proxies(world: World) -> Iterator[Finding]:
    """Find proxy variables that are no address, and two spellings that differ. No value is ever shown."""
    found = Proxies(world.environ).named
    for named in found:
        try:
            parsed(named, trusted_context)
        except NucliactlError as error:
            yield problem(error.message, error.hint)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        values = [world.environ[one] for one in (name, name.upper()) if one in world.environ]
        if len(set(values)) > 1:
            sentence = f"{name} and {name.upper()} differ; {name} counts."
            yield note(sentence, f"unset {name.upper()}")
    if found:
        yield well(f"by {', '.join(named.variable for named in found)}")


def certificates(world: World) -> Iterator[Finding]:
    """Find certificate authorities that cannot be read, and those that are named to other programs only."""
    stated = {name: world.environ.get(name) for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
    missing = [name for name, path in stated.items() if path and not os.path.exists(path)]
    for name in missing:
        path = stated[name] or ""
        sentence = f"{name} names {path}, which is not there."
        yield problem(sentence, f"Correct it, or: unset {name}")
    if not missing:
        trusted_context()  # raises where they cannot be read
    if not any(stated.values()):
        for name in _SAID_TO_OTHERS:
            if world.environ.get(name):
                sentence = f"{name} is not read here; SSL_CERT_FILE is."
                yield note(sentence, f'export SSL_CERT_FILE="${name}"')
                break


def service(world: World) -> Iterator[Finding]:
    """Find why the service does not answer. Where only the network is missing, that is no fault."""
    origin, heard = _asked(world)
    if heard.error is not None:
        yield (problem if heard.ours else note)(heard.error.message, heard.error.hint)
        return
    by = f", by {heard.via}" if heard.via else ""
    yield well(f"{host_of(origin)} answers{by}")


def clock(world: World) -> Iterator[Finding]:
    """Find a clock that is five minutes off: sessions are renewed too late then, or never."""
    origin, heard = _asked(world)
    if heard.ahead is None:
        raise Unchecked(f"{host_of(origin)} did not say what time it is")
    if abs(heard.ahead) > _SKEW:
        way = "ahead of" if heard.ahead > 0 else "behind"
        sentence = f"This machine's clock is {_length(abs(heard.ahead))} {way} that of {host_of(origin)}."
        yield problem(sentence, "Set it (a container has its host's); look: date -u")


def _length(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} seconds"


def _asked(world: World) -> tuple[str, Heard]:
    """Ask the service once: of the active profile, else of any, else where a login would begin."""
    if world.offline:
        raise Unchecked("--offline")
    origin = _origin(world)
    if origin not in world.heard:
        world.heard[origin] = ask_date(origin, SECONDS)
    heard: Heard = world.heard[origin]
    return origin, heard


def _origin(world: World) -> str:
    sources = world.sources
    for definition in (world.active, *world.everything):
        if definition is not None and definition.base_url:
            return origin_of(definition.base_url, "The address", plain_http=True)
    environ = world.environ
    domain = (
        environ.get("NUCLIA_DOMAIN")
        or environ.get("BASE_NUCLIA_DOMAIN")
        or sources.config(("domain",)).domain
    )
    address = of_domain(GLOBAL_URL, {"domain": domain, "global_url": environ.get("NUCLIA_GLOBAL_URL")})
    return origin_of(address, "NUCLIA_GLOBAL_URL")


CHECKS = (
    Check("proxies", "none is set", proxies),
    Check("certificates", "they can be read", certificates),
    Check("service", "it answers", service),
    Check("clock", "it agrees with the service's", clock),
)
