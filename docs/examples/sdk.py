"""One example of every public name: the reference shows each below its name, a test runs the whole file.

`kbs_nua` is not called there: the sandbox's NUA key belongs to no region.
"""

import asyncio
import time
from pathlib import Path

import httpx

import nucliactl
from nucliactl import sdk

auth = sdk.NucliaAuth()
KB_URL = "https://europe-1.dp.progress.cloud/api/v1/kb/KBID"
KB_KEY, NUA_KEY, AGENT_KEY, USER_TOKEN = (
    Path(f"{name}.txt").read_text().strip() for name in ("key", "nua", "agent-key", "user-token")
)

# NucliaAuth
auth = sdk.NucliaAuth()
if auth.kb(url=KB_URL, token=KB_KEY) is None:
    print("the service refuses this key; the log says why")

# NucliaAuth.kb
kb_id = auth.kb(url=KB_URL, token=KB_KEY)

# NucliaAuth.nua
client_id = auth.nua(token=NUA_KEY)

# NucliaAuth.agent
agent_id = auth.agent("europe-1", "ACCOUNT_ID", "AGENT_ID", token=AGENT_KEY)

# NucliaAuth.validate_agent
agent = auth.validate_agent("ACCOUNT_ID", "AGENT_ID", "europe-1", token=AGENT_KEY)
print(agent.title if agent else "refused")

# NucliaAuth.nucliadb
auth.nucliadb(url="http://localhost:8080")

# NucliaAuth.set_user_token
auth.set_user_token(USER_TOKEN)

# NucliaAuth.login
auth.login()

# NucliaAuth.get_user
print(auth.get_user().email)

# NucliaAuth.accounts
slugs = [account.slug for account in auth.accounts()]

# NucliaAuth.get_account_id
account = auth.get_account_id(slugs[0] or "acme")

# NucliaAuth.zones
print([zone.slug for zone in auth.zones()])

# NucliaAuth.kbs
for box in auth.kbs(account):
    print(box.region, box.slug, box.url)

# NucliaAuth.agents
print([agent.id for agent in auth.agents(account, zone="europe-1")])


# NucliaAuth.kbs_nua
def titles(account: str) -> list[str | None]:
    return [box.title for box in auth.kbs_nua(account)]


# NucliaAuth.create_personal_token
made = auth.create_personal_token(description="nightly import", days=30)
print(made.id, made.expires)

# NucliaAuth.list_personal_tokens
for token in auth.list_personal_tokens():
    print(token.id, token.description, token.expires or "never ends")

# NucliaAuth.delete_personal_token
auth.delete_personal_token(token_id=made.id)

# NucliaAuth.create_ephemeral_token
short_lived = auth.create_ephemeral_token(kb_id or "handbook", ttl=300).token

# NucliaAuth.post_login
auth.post_login()

# NucliaAuth.show
auth.show()

# NucliaAuth.nuas
auth.nuas()

# NucliaAuth.list_nuas
print([(key.client_id, key.region) for key in auth.list_nuas()])

# NucliaAuth.default_nua
auth.default_nua(client_id or "acme-nua")

# NucliaAuth.default_kb
auth.default_kb("handbook")

# NucliaAuth.unset_kb
auth.unset_kb("handbook")

# NucliaAuth.validate_kb
kb = auth.validate_kb(url=KB_URL, token=KB_KEY)
print(kb.config.title if kb else "refused")

# NucliaAuth.validate_nua
client, account_type, account_id, issuer = auth.validate_nua(token=NUA_KEY)

# NucliaAuth.get_account_from_service_token
account_id, kbid, role = auth.get_account_from_service_token("europe-1", KB_KEY)

# NucliaAuth.resolve_zone_endpoint
slug, origin = auth.resolve_zone_endpoint("europe-1")  # ("europe-1", None)

# NucliaAuth.logout
auth.logout()


# AsyncNucliaAuth
async def log_in() -> None:
    await sdk.AsyncNucliaAuth().kb(url=KB_URL, token=KB_KEY)


asyncio.run(log_in())

# reset
nucliactl.reset()

# warm
nucliactl.warm()

# resolve
profile = nucliactl.resolve("handbook")
print(profile.name, profile.kind, profile.url, profile.source)

# client
with nucliactl.client("handbook", timeout=10) as http:
    print(http.get("counters").raise_for_status().json())


# async_client
async def count() -> None:
    async with nucliactl.async_client(profile) as http:
        print((await http.get("counters")).status_code)


asyncio.run(count())

# override
with nucliactl.override("handbook"):
    print(nucliactl.resolve().name)

# NucliactlError
try:
    nucliactl.resolve("no-such-profile")
except nucliactl.UnknownProfile as error:
    print(error, error.hint, error.exit_code)

# Profile
address: str = profile.base_url
print({value.key: str(value.source) for value in profile.values})

# Profile.auth
with httpx.Client(auth=profile.auth(), follow_redirects=False) as own:
    print(own.get(profile.url).status_code)

# Profile.connection
connection = profile.connection()
print(connection.base_url, connection.origins, connection.timeout)

# Profile.client
with profile.client(headers={"X-Request-Start": str(time.time())}) as http:
    print(http.get(profile.url).json()["config"]["title"])


# Profile.async_client
async def title() -> str:
    async with profile.async_client() as http:
        found: str = (await http.get(profile.url)).json()["config"]["title"]
        return found


print(asyncio.run(title()))
