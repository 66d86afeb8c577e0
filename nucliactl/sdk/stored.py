"""What both classes of the SDK do without asking the service."""

from nucliactl.api import here
from nucliactl.model.kinds import KB, NUA
from nucliactl.overview import as_text, nua_section
from nucliactl.sdk import keys, user
from nucliactl.sdk.objects import NuaKey


class Stored:
    """The methods about what is configured here: none waits, so none is awaited."""

    def logout(self) -> None:
        """Forget the user's token, this process's and the stored one that is active; keys stay."""
        user.logout()

    def nuas(self) -> None:
        """Print the NUA keys that are configured, without asking the service."""
        print(as_text([nua_section(here())]))

    def list_nuas(self) -> list[NuaKey]:
        """Return the NUA keys that are configured and can be read, each with its secret in `token`."""
        return keys.list_nuas()

    def default_nua(self, nua: str) -> None:
        """Make a stored NUA key (client id or profile name) the current profile, and this process's choice.
        Raises UnknownProfile."""
        keys.default(NUA.name, nua)

    def default_kb(self, kbid: str) -> None:
        """Make a stored Knowledge Box (id or profile name) the current profile, and this process's choice.
        Raises UnknownProfile."""
        keys.default(KB.name, kbid)

    def unset_kb(self, kbid: str) -> None:
        """Make a Knowledge Box (id or profile name) no longer the active one, if it is; its profile stays."""
        keys.unset_kb(kbid)

    def resolve_zone_endpoint(self, zone: str) -> tuple[str, str | None]:
        """Return (slug, None) of a zone, and (first part of the host, origin) of a private zone's URL. Asks
        no service."""
        return keys.resolve_zone_endpoint(zone)
