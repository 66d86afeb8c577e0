"""Accepting and keeping what a method of the SDK logs in to."""

import time

from nucliactl.api import here
from nucliactl.errors import Ambiguous, NotThere, NotWritable, Rejected
from nucliactl.http.flow import Flow
from nucliactl.login.draft import Draft, validate
from nucliactl.login.naming import default_name, free_name, with_identity
from nucliactl.login.save import save
from nucliactl.model.kinds import SIGNED_IN
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.model.words import KindName
from nucliactl.records import log
from nucliactl.resolver.choose import resolve
from nucliactl.resolver.result import Query
from nucliactl.service.check import Identity
from nucliactl.sources import in_memory


def accepted(draft: Draft) -> Flow[Identity | None]:
    """Validate a draft; None, with the reason in the log, where the service refuses it."""
    try:
        return (yield from validate(draft, here()))
    except (Rejected, NotThere) as error:
        log.error("%s", error)
        return None


def keep(draft: Draft, found: Identity, method: str, base: str | None = None) -> None:
    """Make a draft this process's choice, and save it where the store can be written. `base`: it is
    something new, under that name or one made of it."""
    sources = here()
    try:
        saved = save(
            sources,
            draft,
            found,
            name=base and free_name(sources.directories, base),
            now=int(time.time()),
            activate="when none",
        )
        name, stored = saved.name, True
    except (NotWritable, Ambiguous) as error:
        name, stored = base or default_name(draft.definition, found), False
        text = f"{name} is used by this process and not saved: {error}"
        if in_memory.first_time(text):
            log.warning("%s", text)
    place = f"NucliaAuth().{method}()"
    secret = SecretRef("inline", place, draft.secret) if draft.secret else SecretRef("none")
    definition = with_identity(draft.definition, found)._replace(
        name=name, source=Source("sdk", place), secret=secret
    )
    if stored and draft.tokens is not None:  # a session lives in its file, where it is renewed
        definition = sources.directories.load(name) or definition
    in_memory.choose(definition)


def active(kinds: tuple[KindName, ...] = SIGNED_IN) -> Definition:
    """Return the active profile of some kinds: the signed-in user's, where none are given. Raises
    LoginNeeded."""
    definition = resolve(here(), Query(kinds)).require().definition
    assert definition is not None
    return definition
