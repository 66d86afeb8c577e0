"""`AsyncNucliaAuth`: the same for async programs. A method that asks no service is a plain one.

Made from blocking.py by docs/twin.py; edit that file, then run: make generate
"""

from nucliactl.http.drive import perform_async
from nucliactl.http.whole import perform_whole_async
from nucliactl.model.kinds import KB, NUA
from nucliactl.sdk import keys, user
from nucliactl.sdk.objects import (
    Account,
    EphemeralToken,
    KnowledgeBox,
    KnowledgeBoxObj,
    NuaKey,
    PersonalTokenCreate,
    PersonalTokenItem,
    RetrievalAgentOrchestrator,
    RetrievalAgentOrchestratorObj,
    User,
    Zone,
)
from nucliactl.secret import HIDDEN


class AsyncNucliaAuth:
    """Log this process in, and look at what is configured.

    Where the service refuses a credential, `kb` and `nua` return None and log the reason, as in the
    official client; what cannot be reached, is malformed or refused for safety raises NucliactlError.
    """

    async def kb(self, url: str, token: str | None = None) -> str | None:
        """Log in to a Knowledge Box by its full URL and API key; return its id."""
        flow, token = keys.kb(url, token), HIDDEN
        return await perform_async(flow)

    async def nua(self, token: str, origin: str | None = None) -> str | None:
        """Log in with a NUA key; return its client id. `origin` names a server outside the known hosts."""
        flow, token = keys.nua(token, origin), HIDDEN
        return await perform_async(flow)

    async def agent(
        self, region: str, account_id: str, agent_id: str, token: str | None = None
    ) -> str | None:
        """Log in to a retrieval agent by zone (or its URL), account, id and API key; return its id."""
        flow, token = keys.agent(region, account_id, agent_id, token), HIDDEN
        return await perform_async(flow)

    async def validate_agent(
        self,
        account_id: str,
        agent_id: str,
        region: str,
        token: str | None = None,
        origin_url: str | None = None,
    ) -> RetrievalAgentOrchestratorObj | None:
        """Ask for a retrieval agent with a key; None where the service refuses. Saves nothing."""
        flow, token = keys.validate_agent(account_id, agent_id, region, token, origin_url), HIDDEN
        return await perform_async(flow)

    async def nucliadb(self, url: str = "http://localhost:8080") -> None:
        """Use a NucliaDB. Raises NotThere where something else answers."""
        await perform_async(keys.nucliadb(url))

    async def set_user_token(self, code: str) -> None:
        """Use a user token made elsewhere. Raises Rejected where the service refuses it."""
        flow, code = user.set_user_token(code), HIDDEN
        await perform_async(flow)

    async def accounts(self) -> list[Account]:
        """Return the signed-in user's accounts."""
        return await perform_async(user.accounts())

    async def zones(self) -> list[Zone]:
        """Return the zones."""
        return await perform_async(user.zones())

    async def kbs(self, account: str, zone: str | None = None) -> list[KnowledgeBox]:
        """Return the Knowledge Boxes of an account (id or slug), all zones asked at once. A zone that
        cannot be asked is logged, and costs nothing else."""
        return await perform_async(user.kbs(account, zone))

    async def agents(self, account: str, zone: str | None = None) -> list[RetrievalAgentOrchestrator]:
        """Return the retrieval agents of an account, as `kbs` does."""
        return await perform_async(user.agents(account, zone))

    async def kbs_nua(self, account: str, zone: str | None = None) -> list[KnowledgeBox]:
        """Return the Knowledge Boxes of an account, asked for with the active NUA key."""
        return await perform_async(keys.kbs_nua(account, zone))

    async def get_account_id(self, account_slug: str) -> str:
        """Return the id of an account by its slug. Raises UnknownProfile."""
        return await perform_async(user.get_account_id(account_slug))

    async def login(self) -> None:
        """Sign in by a browser, within two minutes. Raises LoginNeeded where nobody does."""
        await perform_whole_async(user.login(await perform_async(user.code_of_person())))

    async def get_user(self) -> User:
        """Return who is signed in."""
        return await perform_async(user.get_user())

    async def create_personal_token(
        self, description: str, days: int = 90, login: bool = False
    ) -> PersonalTokenCreate:
        """Make a personal token that ends after `days`; with `login` it is this process's choice, and
        saved as a profile."""
        flow = user.create_personal_token(description, days, login)
        return await perform_whole_async(flow, None if login else user.give_back)

    async def list_personal_tokens(self) -> list[PersonalTokenItem]:
        """Return the user's personal tokens, without their secrets."""
        return await perform_async(user.list_personal_tokens())

    async def delete_personal_token(self, token_id: str) -> None:
        """End a personal token. Raises NotThere."""
        await perform_async(user.delete_personal_token(token_id))

    async def create_ephemeral_token(self, kbid: str, ttl: int | None = None) -> EphemeralToken:
        """Make a token of minutes from the API key of a stored Knowledge Box. `ttl` seconds."""
        return await perform_async(keys.create_ephemeral_token(kbid, ttl))

    async def post_login(self) -> None:
        """Ask for accounts and zones, as the official client does after a login; nothing is kept."""
        await perform_async(user.post_login())

    def logout(self) -> None:
        """Forget the user's token; keys stay."""
        user.logout()

    async def show(self) -> None:
        """Print what is configured, each profile checked at once. Works with keys only."""
        print(await perform_async(keys.show()))

    def nuas(self) -> None:
        """Print the NUA keys that are configured."""
        print(keys.nuas())

    def list_nuas(self) -> list[NuaKey]:
        """Return the NUA keys that are configured, each with its secret in `token`."""
        return keys.list_nuas()

    def default_nua(self, nua: str) -> None:
        """Make a stored NUA key, by client id or profile name, the current profile."""
        keys.default(NUA.name, nua)

    def default_kb(self, kbid: str) -> None:
        """Make a stored Knowledge Box, by id or profile name, the current profile."""
        keys.default(KB.name, kbid)

    def unset_kb(self, kbid: str) -> None:
        """Make a Knowledge Box no longer the active one, if it is; the profile stays."""
        keys.unset_kb(kbid)

    async def validate_kb(self, url: str, token: str | None = None) -> KnowledgeBoxObj | None:
        """Ask for a Knowledge Box with a key; None where the service refuses. Saves nothing."""
        flow, token = keys.validate_kb(url, token), HIDDEN
        return await perform_async(flow)

    async def validate_nua(self, token: str) -> keys.NuaFacts:
        """Return (client id, account type, account id, issuer) of a NUA key, or four None."""
        flow, token = keys.validate_nua(token), HIDDEN
        return await perform_async(flow)

    async def get_account_from_service_token(self, region: str, token: str) -> keys.KeyFacts:
        """Return (account id, KB id, role) of an API key, or three None. `region`: a zone or its URL."""
        flow, token = keys.get_account_from_service_token(region, token), HIDDEN
        return await perform_async(flow)

    def resolve_zone_endpoint(self, zone: str) -> tuple[str, str | None]:
        """Return (region slug, origin or None) of a zone or of a private zone's URL."""
        return keys.resolve_zone_endpoint(zone)

    async def _validate_user_token(self, code: str | None = None) -> bool:
        flow, code = user.validate_user_token(code), HIDDEN
        return await perform_async(flow)
