"""Ready clients of the package `nucliadb_sdk`, for a Knowledge Box or a NucliaDB.

    from nucliactl.adapters import nucliadb_sdk

    ndb = nucliadb_sdk.client()
    print(ndb.list_resources(kbid=nucliactl.resolve().kb))

Their requests go through an HTTP client of nucliactl, which asks for the credential each time: a rotated key
and a renewed session are used by the next request, and no secret goes to another origin. No file is touched.
"""

from typing import TYPE_CHECKING

from nucliactl.adapters.packages import imported
from nucliactl.api import Profile, resolve
from nucliactl.errors import Malformed
from nucliactl.model.words import Kind

if TYPE_CHECKING:
    from nucliadb_sdk import NucliaDB, NucliaDBAsync

__all__ = ["async_client", "client"]

_DISTRIBUTION = "nucliadb-sdk"
_KINDS: tuple[Kind, ...] = ("kb", "nucliadb")


def client(profile: "str | Profile | None" = None, *, timeout: float = 300.0) -> "NucliaDB":
    """Return a `nucliadb_sdk.NucliaDB` for a profile: the active Knowledge Box or NucliaDB, the named one, or
    a resolved one. `timeout` is httpx's, in seconds.

    Raises NotInstalled without the package, and what `resolve` raises. `session.close()` closes it.
    """
    package = imported("nucliadb_sdk", _DISTRIBUTION)
    found = _resolved(profile)
    made: NucliaDB = package.NucliaDB(**_place(found))
    made.session.close()
    made.session = found.client(base_url=made.base_url, headers=made.headers, timeout=timeout)
    return made


def async_client(profile: "str | Profile | None" = None, *, timeout: float = 60.0) -> "NucliaDBAsync":
    """Return a `nucliadb_sdk.NucliaDBAsync` under the rules of `client`, closed by `session.aclose()`."""
    package = imported("nucliadb_sdk", _DISTRIBUTION)
    found = _resolved(profile)
    made: NucliaDBAsync = package.NucliaDBAsync(**_place(found))
    made.session = found.async_client(base_url=made.base_url, headers=made.headers, timeout=timeout)
    return made


def _resolved(profile: "str | Profile | None") -> Profile:
    found = profile if isinstance(profile, Profile) else resolve(profile, kind=_KINDS)
    if found.kind not in _KINDS:
        raise Malformed(
            f"{found.name!r} is of kind {found.kind}; nucliadb_sdk speaks to a Knowledge Box or a NucliaDB.",
            hint="Resolve one: resolve(kind=('kb', 'nucliadb'))",
        )
    return found


def _place(profile: Profile) -> dict[str, str]:
    """Where the client speaks to. `on-prem` claims roles; any other region takes the address as it is."""
    definition = profile.connection().definition
    region = "on-prem" if definition.roles else "any"
    return {"region": region, "url": f"{definition.regional_url}/api"}
