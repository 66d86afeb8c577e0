"""`AsyncNucliaAuth`: the official client's class for programs that await.

Made from blocking.py by docs/twin.py; edit that file, then run: make generate
"""

from nucliactl.http.flow import perform_async
from nucliactl.http.whole import perform_whole_async
from nucliactl.sdk import keys, objects, user
from nucliactl.sdk.stored import Stored
from nucliactl.secret import HIDDEN


class AsyncNucliaAuth(Stored):
    """Log this process in, and look at what is configured.

    What `kb`, `nua`, `agent`, `nucliadb`, `set_user_token` and `login` log in to becomes this process's
    choice for its kind, and is saved as a profile where the store can be written. The service is asked
    first. Where it refuses a key, `kb`, `nua`, `agent` and the methods that only validate return None and
    log the reason, as in the official client.

    Every method that asks the service raises Unreachable where it does not answer, Malformed for a
    malformed argument and Refused where the credential may not go there. Those about the user raise
    LoginNeeded where nobody is signed in, and Rejected where the service does not accept the token.
    """

    async def kb(self, url: str, token: str | None = None) -> str | None:
        """Log in to a Knowledge Box by its full URL and API key; return its id, None where it is refused.
        Without a key: a Knowledge Box on this machine, which asks for none."""
        flow, token = keys.kb(url, token), HIDDEN
        return await perform_async(flow)

    async def nua(self, token: str, origin: str | None = None) -> str | None:
        """Log in with a NUA key; return its client id, None where it is refused. The key names its server.
        `origin` confirms one outside the known hosts, which is Refused otherwise, or names another for
        all calls but this check."""
        flow, token = keys.nua(token, origin), HIDDEN
        return await perform_async(flow)

    async def agent(
        self, region: str, account_id: str, agent_id: str, token: str | None = None
    ) -> str | None:
        """Log in to a retrieval agent by zone (or its URL), account id, agent id and API key; return the
        agent's id, None where it is refused."""
        flow, token = keys.agent(region, account_id, agent_id, token), HIDDEN
        return await perform_async(flow)

    async def validate_agent(
        self,
        account_id: str,
        agent_id: str,
        region: str,
        token: str | None = None,
        origin_url: str | None = None,
    ) -> objects.RetrievalAgentOrchestratorObj | None:
        """Ask for a retrieval agent with a key; None where it is refused. Saves nothing. `origin_url`
        replaces the address of the zone `region`."""
        flow, token = keys.validate_agent(account_id, agent_id, region, token, origin_url), HIDDEN
        return await perform_async(flow)

    async def nucliadb(self, url: str = "http://localhost:8080") -> None:
        """Use a NucliaDB, which needs no key. Raises NotThere where something else answers."""
        await perform_async(keys.nucliadb(url))

    async def set_user_token(self, code: str) -> None:
        """Use a user's access token that was made elsewhere. Raises Rejected where it is refused."""
        flow, code = user.set_user_token(code), HIDDEN
        await perform_async(flow)

    async def accounts(self) -> list[objects.Account]:
        """Return the signed-in user's accounts."""
        return await perform_async(user.accounts())

    async def zones(self) -> list[objects.Zone]:
        """Return the zones."""
        return await perform_async(user.zones())

    async def kbs(self, account: str, zone: str | None = None) -> list[objects.KnowledgeBox]:
        """Return the Knowledge Boxes of an account (id or slug), in one zone (slug) or in all, which are
        asked at once. A zone that fails is logged, and the others are returned."""
        return await perform_async(user.kbs(account, zone))

    async def agents(self, account: str, zone: str | None = None) -> list[objects.RetrievalAgentOrchestrator]:
        """Return the retrieval agents of an account, as `kbs` does."""
        return await perform_async(user.agents(account, zone))

    async def kbs_nua(self, account: str, zone: str | None = None) -> list[objects.KnowledgeBox]:
        """Return the Knowledge Boxes of an account (id), asked for with the active NUA key at the key's own
        server. Raises LoginNeeded where no NUA key is active."""
        return await perform_async(keys.kbs_nua(account, zone))

    async def get_account_id(self, account_slug: str) -> str:
        """Return the id of an account of the signed-in user by its slug. Raises UnknownProfile."""
        return await perform_async(user.get_account_id(account_slug))

    async def login(self) -> None:
        """Sign in by a browser, within two minutes. The address to open, how long it waits and where the
        answer comes to are logged. Raises LoginNeeded where nobody signs in or somebody says no; and at once
        in a CI job, or in a pod of Kubernetes without a notebook, where nobody can."""
        await perform_whole_async(user.login(*await perform_async(user.code_of_person())))

    async def get_user(self) -> objects.User:
        """Return who is signed in."""
        return await perform_async(user.get_user())

    async def create_personal_token(
        self, description: str, days: int = 90, login: bool = False
    ) -> objects.PersonalTokenCreate:
        """Create a personal token that ends after `days`. With `login` it becomes this process's choice and
        is saved as a profile."""
        flow = user.create_personal_token(description, days, login)
        return await perform_whole_async(flow, None if login else user.give_back)

    async def list_personal_tokens(self) -> list[objects.PersonalTokenItem]:
        """Return the user's personal tokens, without their secrets."""
        return await perform_async(user.list_personal_tokens())

    async def delete_personal_token(self, token_id: str) -> None:
        """Delete a personal token. Raises NotThere where the user has none of that id."""
        await perform_async(user.delete_personal_token(token_id))

    async def create_ephemeral_token(self, kbid: str, ttl: int | None = None) -> objects.EphemeralToken:
        """Create a token that lives `ttl` seconds (None: minutes, as the service decides) from the API
        key of a stored Knowledge Box (id or profile name). Raises UnknownProfile."""
        return await perform_async(keys.create_ephemeral_token(kbid, ttl))

    async def post_login(self) -> None:
        """Ask for accounts and zones, as the official client does after a login; nothing is kept."""
        await perform_async(user.post_login())

    async def show(self) -> None:
        """Print what is configured; all profiles are checked at once. Works with keys only."""
        print(await perform_async(keys.show()))

    async def validate_kb(self, url: str, token: str | None = None) -> objects.KnowledgeBoxObj | None:
        """Ask for a Knowledge Box with a key; None where it is refused. Saves nothing."""
        flow, token = keys.validate_kb(url, token), HIDDEN
        return await perform_async(flow)

    async def validate_nua(self, token: str) -> tuple[str | None, str | None, str | None, str | None]:
        """Return (client id, account type, account id, issuer) of a NUA key; four None where it is refused.
        The service says the first three, the key itself the last. Saves nothing."""
        flow, token = keys.validate_nua(token), HIDDEN
        return await perform_async(flow)

    async def get_account_from_service_token(
        self, region: str, token: str
    ) -> tuple[str | None, str | None, str | None]:
        """Return (account id, Knowledge Box id, role) of an API key, as the service says them (a role as in
        `SOWNER`); three None where it is refused. `region` is a zone or its URL. Saves nothing."""
        flow, token = keys.get_account_from_service_token(region, token), HIDDEN
        return await perform_async(flow)

    async def _validate_user_token(self, code: str | None = None) -> bool:
        flow, code = user.validate_user_token(code), HIDDEN
        return await perform_async(flow)
