"""A real Redis and a real Vault (OpenBao) as a team has them, behind one face; written by other programs than ours."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
from support import PATIENCE, REPO, installed, missing, until
from wires import todays_certificate

HVAC = REPO / ".cache/openbao/bin/python"
BAO = HVAC.with_name("bao")
"""A script, which HVAC runs: its first line names the directory that it was made in, which may be gone."""
PREFIX = "nuclia"


def free_port() -> int:
    """A port that is free now; OpenBao takes the one after it too."""
    for first in range(24100 + os.getpid() % 400 * 8, 32000, 2):
        with contextlib.suppress(OSError), contextlib.ExitStack() as held:
            for port in (first, first + 1):
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            return first
    raise AssertionError("no free port")


class Server:
    """What tests do to either server."""

    name: str
    address: str
    tls_address: str
    plain_to_tls: str
    tls_to_plain: str
    elsewhere: str
    reader: dict[str, str]
    lister: dict[str, str]
    writer: dict[str, str]
    wrong: dict[str, str]
    certificate: Path

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.tls_port = free_port(), 0
        self.process: subprocess.Popen[bytes] | None = None
        self.certificate = todays_certificate(folder, "DNS:localhost", "IP:127.0.0.1")

    def key(self, name: str) -> str:
        raise NotImplementedError

    def put(self, name: str, fields: Mapping[str, str]) -> None:
        raise NotImplementedError

    def delete(self, name: str) -> None:
        raise NotImplementedError

    def get(self, name: str) -> dict[str, str]:
        raise NotImplementedError

    def forbid(self, name: str) -> Any:
        """A block in which the reader may not read that record."""
        raise NotImplementedError

    def start(self) -> None:
        raise NotImplementedError

    def stop(self, number: int = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(number)
            self.process.wait(PATIENCE)
            self.process = None

    def spawn(self, *words: str | Path, stdin: str = "") -> None:
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(word) for word in words],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
            )
        assert self.process.stdin is not None
        self.process.stdin.write(stdin.encode())
        self.process.stdin.close()

    def accepts(self, port: int) -> bool:
        assert self.process is not None and self.process.poll() is None, (self.folder / "log").read_text()[
            -2000:
        ]
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0


class Redis(Server):
    name = "redis"

    def __init__(self, folder: Path) -> None:
        installed("redis-server"), installed("redis-cli")
        super().__init__(folder)
        self.tls_port = self.port + 1
        self.address = f"redis://reader@127.0.0.1:{self.port}/0?prefix={PREFIX}"
        self.tls_address = (
            f"rediss://reader@localhost:{self.tls_port}/0?prefix={PREFIX}&ssl_ca_certs={self.certificate}"
        )
        self.plain_to_tls = f"redis://reader@127.0.0.1:{self.tls_port}/0?prefix={PREFIX}"
        self.tls_to_plain = self.tls_address.replace(str(self.tls_port), str(self.port))
        self.elsewhere = f"redis://reader@192.0.2.1:6379/0?prefix={PREFIX}"
        self.reader = {"NUCLIA_PROFILES_PASSWORD": "readpw"}
        self.lister = {"NUCLIA_PROFILES_PASSWORD": "readpw", "NUCLIA_PROFILES_URL": self.as_user("lister")}
        self.writer = {"NUCLIA_PROFILES_PASSWORD": "readpw", "NUCLIA_PROFILES_URL": self.as_user("writer")}
        self.wrong = {"NUCLIA_PROFILES_PASSWORD": "canary-wrong-password"}

    def as_user(self, user: str) -> str:
        return self.address.replace("reader", user)

    def start(self) -> None:
        reads = f"resetkeys %R~{PREFIX}:* nocommands +hgetall +hello +auth +client +ping +subscribe"
        config = f"""
bind 127.0.0.1
port {self.port}
tls-port {self.tls_port}
tls-cert-file {self.folder}/cert.pem
tls-key-file {self.folder}/key.pem
tls-ca-cert-file {self.folder}/cert.pem
tls-auth-clients no
dir "{self.folder}"
save 3600 1
notify-keyspace-events Kgh
user default off
user reader on >readpw {reads} resetchannels &__keyspace@0__:{PREFIX}:*
user lister on >readpw {reads} +scan resetchannels &__keyspace@0__:{PREFIX}:*
user writer on >readpw ~{PREFIX}:* nocommands +hgetall +del +hset +multi +exec +auth +client
user admin on >adminpw ~* &* +@all
"""
        self.spawn("redis-server", "-", stdin=config)
        until(lambda: self.accepts(self.port))

    def key(self, name: str) -> str:
        return f"{PREFIX}:profile:{name}"

    def cli(self, *words: str) -> str:
        finished = subprocess.run(
            ["redis-cli", "-p", str(self.port), "--user", "admin", "--pass", "adminpw", "--no-auth-warning"]
            + ["--json", *words],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "ERR" not in finished.stdout, finished.stdout
        return finished.stdout

    def put(self, name: str, fields: Mapping[str, str]) -> None:
        pairs = [part for pair in fields.items() for part in pair]
        # One step, as a careful writer does: another reader never sees the record gone.
        script = "redis.call('DEL', KEYS[1]); return redis.call('HSET', KEYS[1], unpack(ARGV))"
        self.cli("EVAL", script, "1", self.key(name), *pairs)

    def delete(self, name: str) -> None:
        self.cli("DEL", self.key(name))

    def get(self, name: str) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.cli("HGETALL", self.key(name)))
        return found

    @contextlib.contextmanager
    def forbid(self, name: str) -> Iterator[None]:
        del name
        for user in ("reader", "lister"):
            self.cli("ACL", "SETUSER", user, "resetkeys", "%R~others:*")
        yield
        for user in ("reader", "lister"):
            self.cli("ACL", "SETUSER", user, "resetkeys", f"%R~{PREFIX}:*")


class Vault(Server):
    name = "vault"

    def __init__(self, folder: Path) -> None:
        if not (BAO.exists() and HVAC.exists()):
            missing("OpenBao is not installed; run tests/provision.sh")
        super().__init__(folder)
        self.tls_port = free_port()
        while self.tls_port in (self.port, self.port + 1):
            self.tls_port += 2
        self.origin = f"http://127.0.0.1:{self.port}"
        path = f"secret/{PREFIX}"
        self.address = f"vault+http://127.0.0.1:{self.port}/{path}"
        self.tls_address = f"vault://localhost:{self.tls_port}/{path}"
        self.plain_to_tls = f"vault+http://127.0.0.1:{self.tls_port}/{path}"
        self.tls_to_plain = f"vault://localhost:{self.port}/{path}"
        self.elsewhere = f"vault+http://192.0.2.1:8200/{path}"
        self.root, self.unseal_key = "", ""
        self.wrong = {"VAULT_TOKEN": "s.canary-wrong-password"}
        self.roles: dict[str, dict[str, str]] = {}

    def start(self) -> None:
        config = f"""
storage "raft" {{
  path = "{self.folder}/data"
  node_id = "one"
  performance_multiplier = 1
}}
cluster_addr = "https://127.0.0.1:{self.port + 1}"
listener "tcp" {{
  address = "127.0.0.1:{self.port}"
  tls_disable = true
}}
listener "tcp" {{
  address = "127.0.0.1:{self.tls_port}"
  cluster_address = "127.0.0.1:{self.port + 1}"
  tls_cert_file = "{self.folder}/cert.pem"
  tls_key_file = "{self.folder}/key.pem"
}}
api_addr = "{self.origin}"
"""
        (self.folder / "data").mkdir(exist_ok=True)
        (self.folder / "bao.hcl").write_text(config)
        self.spawn(HVAC, BAO, "server", f"-config={self.folder}/bao.hcl")
        until(lambda: self.accepts(self.port))
        if not self.root:
            self._initialise()
        else:
            self.unseal()

    def _initialise(self) -> None:
        found = self.ask("PUT", "sys/init", {"secret_shares": 1, "secret_threshold": 1})
        self.root, self.unseal_key = found["root_token"], found["keys"][0]
        self.unseal()
        self.ask("POST", "sys/mounts/secret", {"type": "kv", "options": {"version": "2"}})
        until(self._mounted)
        data, listing = f"secret/data/{PREFIX}/*", f"secret/metadata/{PREFIX}"
        reads = f'path "{data}" {{ capabilities = ["read"] }}\n'
        self.ask("PUT", "sys/policies/acl/reader", {"policy": reads})
        lists = f'path "{listing}" {{ capabilities = ["list"] }}\npath "{listing}/" {{ capabilities = ["list"] }}\n'
        self.ask("PUT", "sys/policies/acl/lister", {"policy": reads + lists})
        writes = f'path "{data}" {{ capabilities = ["read", "create", "update"] }}\n'
        self.ask("PUT", "sys/policies/acl/writer", {"policy": writes})
        self.reader, self.lister, self.writer = (
            {"VAULT_TOKEN": self.token(policy)} for policy in ("reader", "lister", "writer")
        )
        self.ask("POST", "sys/auth/approle", {"type": "approle"})
        role = {"token_policies": "reader", "token_ttl": "20m", "token_type": "batch"}
        self.ask("POST", "auth/approle/role/app", role)

    def _mounted(self) -> bool:
        """A KV is upgraded to its version 2 some moments after it is mounted."""
        headers = {"X-Vault-Token": self.root}
        answer = httpx.post(f"{self.origin}/v1/secret/data/first", json={"data": {}}, headers=headers)
        return answer.status_code == 200

    def token(self, policy: str) -> str:
        found: str = self.ask("POST", "auth/token/create", {"policies": [policy]})["auth"]["client_token"]
        return found

    def approle(self, *, wrapped: bool = False) -> dict[str, str]:
        """The variables of an AppRole: with its secret-id, or with one in a wrapping."""
        role = self.ask("GET", "auth/approle/role/app/role-id")["data"]["role_id"]
        headers = {"X-Vault-Wrap-TTL": "300s"} if wrapped else {}
        made = self.ask("POST", "auth/approle/role/app/secret-id", {}, headers)
        secret = made["wrap_info"]["token"] if wrapped else made["data"]["secret_id"]
        return {"VAULT_ROLE_ID": role, "VAULT_SECRET_ID": secret}

    def unseal(self) -> None:
        until(lambda: not self.ask("PUT", "sys/unseal", {"key": self.unseal_key}).get("sealed", True))
        until(lambda: httpx.get(f"{self.origin}/v1/sys/health").status_code == 200)

    def seal(self) -> None:
        self.ask("PUT", "sys/seal", {})

    def ask(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        sent = {"X-Vault-Token": self.root} if self.root else {}
        answer = httpx.request(
            method,
            f"{self.origin}/v1/{path}",
            json=body,
            headers={**sent, **(headers or {})},
            timeout=PATIENCE,
        )
        assert answer.status_code < 300, (path, answer.text)
        return answer.json() if answer.content else {}

    def key(self, name: str) -> str:
        return f"secret/data/{PREFIX}/{name}"

    def put(self, name: str, fields: Mapping[str, Any]) -> None:
        self.ask("POST", self.key(name), {"data": dict(fields)})

    def delete(self, name: str) -> None:
        self.ask("DELETE", self.key(name))

    def get(self, name: str) -> dict[str, str]:
        found: dict[str, str] = self.ask("GET", self.key(name))["data"]["data"]
        return found

    @contextlib.contextmanager
    def forbid(self, name: str) -> Iterator[None]:
        for policy in ("reader", "lister"):
            before = self.ask("GET", f"sys/policies/acl/{policy}")["data"]["policy"]
            denied = f'{before}\npath "{self.key(name)}" {{ capabilities = ["deny"] }}\n'
            self.ask("PUT", f"sys/policies/acl/{policy}", {"policy": denied})
            self.roles[policy] = {"policy": before}
        yield
        for policy, body in self.roles.items():
            self.ask("PUT", f"sys/policies/acl/{policy}", body)


def by_hvac(server: Vault, name: str, fields: Mapping[str, str]) -> None:
    """Write a record by an independent client."""
    code = (
        "import hvac, json, sys\n"
        "client = hvac.Client(sys.argv[1], token=sys.argv[2])\n"
        "client.secrets.kv.v2.create_or_update_secret(sys.argv[3], json.load(sys.stdin), mount_point='secret')\n"
    )
    subprocess.run(
        [HVAC, "-c", code, server.origin, server.root, f"{PREFIX}/{name}"],
        input=json.dumps(dict(fields)),
        text=True,
        check=True,
    )


class Team:
    """The servers that examples of the documentation name. Each is started by the first that does, and holds the
    sandbox's Knowledge Box as `handbook`."""

    EXAMPLES = re.compile(
        r"rediss://\w+@redis\.example\.com:6379/0|vault://vault\.example\.com:8200/secret/nuclia"
    )

    def __init__(self, folder: Path) -> None:
        self.folder, self.running = folder, dict[str, Redis | Vault]()

    def localised(self, text: str, environ: Mapping[str, str]) -> str:
        return self.EXAMPLES.sub(lambda found: self._address(found[0].startswith("vault"), environ), text)

    def _address(self, vault: bool, environ: Mapping[str, str]) -> str:
        made: type[Redis | Vault] = Vault if vault else Redis
        server = self.running.get(made.name)
        if server is None:
            (self.folder / made.name).mkdir(exist_ok=True)  # it is there where the last one could not be made
            server = made(self.folder / made.name)
            server.start()
            self.running[made.name] = server
        box = {"url": environ["SANDBOX_KB_URL"], "api_key": environ["SANDBOX_KB_KEY"]}
        server.put("handbook", {"kind": "kb", **box})
        if isinstance(server, Vault):
            return server.address.replace("//", f"//:{server.root}@")
        return server.as_user("admin:adminpw")

    def stop(self) -> None:
        for server in self.running.values():
            server.stop()
