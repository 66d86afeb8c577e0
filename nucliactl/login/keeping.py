"""Whether a secret could be kept where it belongs: asked before a person gives it."""

from nucliactl.model.kinds import KindName
from nucliactl.model.ways import StoreName
from nucliactl.sources.sources import Sources
from nucliactl.store.definitions import read_stored
from nucliactl.store.keeping import keep_in, stay_of


def check_keeping(
    sources: Sources, kind: KindName, *, name: str | None = None, storage: StoreName | None = None
) -> None:
    """Raise what would keep a login's secret from being kept in the keyring, where it would be kept there.

    `name` and `storage` as the login has them: without a name it may update an active profile of its kind.
    """
    store, default = sources.writable(), sources.config(("storage",)).storage
    names = sources.active().names if name is None else (name,)
    before = [found for one in names if (found := read_stored(store, one)) and found.kind == kind]
    stays = [
        stay_of(found, storage, default)
        for found in (*before, *((None,) if name is None or not before else ()))
    ]
    if any(stay.storage == "keyring" for stay in stays):
        keep_in(store, name or "", "keyring").check()
