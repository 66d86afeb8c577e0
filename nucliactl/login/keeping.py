"""Whether a secret could be kept where it belongs: asked before a person gives it."""

import contextlib

from nucliactl.errors import NucliactlError
from nucliactl.model.names import check_name
from nucliactl.model.profile import Definition
from nucliactl.model.words import KindName, StoreName
from nucliactl.sources.sources import Sources
from nucliactl.store.definitions import read_stored
from nucliactl.store.keeping import keep_in, stay_of
from nucliactl.store.layout import Store


def check_keeping(
    sources: Sources, kind: KindName, *, name: str | None = None, storage: StoreName | None = None
) -> None:
    """Raise what would keep a login's secret from being kept in the keyring, where it would be kept there.

    `name` and `storage` as the login has them: without a name it may update an active profile of its kind.
    """
    store, default = sources.writable(), sources.config(("storage",)).storage
    names = sources.active().names if name is None else (name,)
    before = [found for one in names if (found := _stored(store, one)) and found.kind == kind]
    stays = [stay_of(found, storage, default) for found in (*before, None)]
    if name is not None and before:
        del stays[-1]
    if any(stay.storage == "keyring" for stay in stays):
        try:
            keep_in(store, name or "", "keyring").check()
        except NucliactlError as error:
            error.hint = f"{error.hint}\nTo keep it in a file instead: the same command with --storage file"
            raise


def _stored(store: Store, name: str) -> Definition | None:
    with contextlib.suppress(NucliactlError):  # what is wrong with it is told where it is written
        return read_stored(store, check_name(name))
    return None
