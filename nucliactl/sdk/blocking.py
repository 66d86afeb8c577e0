"""`NucliaAuth`: the official client's class for programs that wait."""

from nucliactl.http.flow import perform
from nucliactl.http.whole import perform_whole
from nucliactl.sdk import keys, objects, user
from nucliactl.sdk.stored import Stored
from nucliactl.secret import HIDDEN


class NucliaAuth(Stored):
    """Log this process in, and look at what is configured.

    What `kb`, `nua`, `agent`, `nucliadb`, `set_user_token` and `login` log in to becomes this process's
    choice for its kind, and is saved as a profile where the store can be written. The service is asked
    first. Where it refuses a key, `kb`, `nua`, `agent` and the methods that only validate return None and
    log the reason, as in the official client.

    Every method that asks the service raises Unreachable where it does not answer, Malformed for a
    malformed argument and Refused where the credential may not go there. Those about the user raise
    LoginNeeded where nobody is signed in, and Rejected where the service does not accept the token.
    """

    def kb(self, url: str, token: str | None = None) -> str | None:
        """Log in to a Knowledge Box by its full URL and API key; return its id, None where it is refused.
        Without a key: a Knowledge Box on this machine, which asks for none."""
        flow, token = keys.kb(url, token), HIDDEN
        return perform(flow)

    def nua(self, token: str, origin: str | None = None) -> str | None:
        """Log in with a NUA key; return its client id, None where it is refused. The key names its server.
        `origin` confirms one outside the known hosts, which is Refused otherwise, or names another for
        all calls but this check."""
        flow, token = keys.nua(token, origin), HIDDEN
        return perform(flow)

    def agent(self, region: str, account_id: str, agent_id: str, token: str | None = None) -> str | None:
        """Log in to a retrieval agent by zone (or its URL), account id, agent id and API key; return the
        agent's id, None where it is refused."""
        flow, token = keys.agent(region, account_id, agent_id, token), HIDDEN
        return perform(flow)

    def validate_agent(
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
        return perform(flow)

    def nucliadb(self, url: str = "http://localhost:8080") -> None:
        """Use a NucliaDB, which needs no key. Raises NotThere where something else answers."""
        perform(keys.nucliadb(url))

    def set_user_token(self, code: str) -> None:
        """Use a user's access token that was made elsewhere. Raises Rejected where it is refused."""
        flow, code = user.set_user_token(code), HIDDEN
        perform(flow)

    def accounts(self) -> list[objects.Account]:
        """Return the signed-in user's accounts."""
        return perform(user.accounts())

    def zones(self) -> list[objects.Zone]:
        """Return the zones."""
        return perform(user.zones())

    def kbs(self, account: str, zone: str | None = None) -> list[objects.KnowledgeBox]:
        """Return the Knowledge Boxes of an account (id or slug), in one zone (slug) or in all, which are
        asked at once. A zone that fails is logged, and the others are returned."""
        return perform(user.kbs(account, zone))

    def agents(self, account: str, zone: str | None = None) -> list[objects.RetrievalAgentOrchestrator]:
        """Return the retrieval agents of an account, as `kbs` does."""
        return perform(user.agents(account, zone))

    def kbs_nua(self, account: str, zone: str | None = None) -> list[objects.KnowledgeBox]:
        """Return the Knowledge Boxes of an account (id), asked for with the active NUA key at the key's own
        server. Raises LoginNeeded where no NUA key is active."""
        return perform(keys.kbs_nua(account, zone))

    def get_account_id(self, account_slug: str) -> str:
        """Return the id of an account of the signed-in user by its slug. Raises UnknownProfile."""
        return perform(user.get_account_id(account_slug))

    def login(self) -> None:
        """Sign in by a browser, within two minutes. The address to open, how long it waits and where the
        answer comes to are logged. Raises LoginNeeded where nobody signs in or somebody says no; and at once
        in a CI job, or in a pod of Kubernetes without a notebook, where nobody can."""
        perform_whole(user.login(*perform(user.code_of_person())))

    def get_user(self) -> objects.User:
        """Return who is signed in."""
        return perform(user.get_user())

    def create_personal_token(
        self, description: str, days: int = 90, login: bool = False
    ) -> objects.PersonalTokenCreate:
        """Create a personal token that ends after `days`. With `login` it becomes this process's choice and
        is saved as a profile."""
        flow = user.create_personal_token(description, days, login)
        return perform_whole(flow, None if login else user.give_back)

    def list_personal_tokens(self) -> list[objects.PersonalTokenItem]:
        """Return the user's personal tokens, without their secrets."""
        return perform(user.list_personal_tokens())

    def delete_personal_token(self, token_id: str) -> None:
        """Delete a personal token. Raises NotThere where the user has none of that id."""
        perform(user.delete_personal_token(token_id))

    def create_ephemeral_token(self, kbid: str, ttl: int | None = None) -> objects.EphemeralToken:
        """Create a token that lives `ttl` seconds (None: minutes, as the service decides) from the API
        key of a stored Knowledge Box (id or profile name). Raises UnknownProfile."""
        return perform(keys.create_ephemeral_token(kbid, ttl))

    def post_login(self) -> None:
        """Ask for accounts and zones, as the official client does after a login; nothing is kept."""
        perform(user.post_login())

    def show(self) -> None:
        """Print what is configured; all profiles are checked at once. Works with keys only."""
        print(perform(keys.show()))

    def validate_kb(self, url: str, token: str | None = None) -> objects.KnowledgeBoxObj | None:
        """Ask for a Knowledge Box with a key; None where it is refused. Saves nothing."""
        flow, token = keys.validate_kb(url, token), HIDDEN
        return perform(flow)

    def validate_nua(self, token: str) -> tuple[str | None, str | None, str | None, str | None]:
        """Return (client id, account type, account id, issuer) of a NUA key; four None where it is refused.
        The service says the first three, the key itself the last. Saves nothing."""
        flow, token = keys.validate_nua(token), HIDDEN
        return perform(flow)

    def get_account_from_service_token(
        self, region: str, token: str
    ) -> tuple[str | None, str | None, str | None]:
        """Return (account id, Knowledge Box id, role) of an API key, as the service says them (a role as in
        `SOWNER`); three None where it is refused. `region` is a zone or its URL. Saves nothing."""
        flow, token = keys.get_account_from_service_token(region, token), HIDDEN
        return perform(flow)

    def _validate_user_token(self, code: str | None = None) -> bool:
        flow, code = user.validate_user_token(code), HIDDEN
        return perform(flow)
