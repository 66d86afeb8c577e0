"""A Knowledge Box on a user's session, through the official CLI and SDK: on the service's own host names, which lead
to nginx in front of a real NucliaDB, in a mount namespace with an /etc/hosts of its own."""

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from support import PATIENCE, Home, Result, installed, until
from wires import todays_certificate

from .conftest import HERE, NucliaDB, missing
from .test_official_sdk import ENVIRONMENT, OURS

ZONE = "europe-1.dp.progress.cloud"
GLOBAL = "accounts.progress.cloud"
WELCOME = (
    'location = /api/v1/user/welcome { if ($roles = "") { return 401; } return 200 "{}"; }\n    location / {'
)


class Service(NamedTuple):
    hosts: Path
    certificate: Path


@pytest.fixture
def service(nucliadb: NucliaDB, tmp_path: Path) -> Iterator[Service]:
    nginx = installed("nginx")
    if os.geteuid() or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        missing("a mount namespace and port 443 of this machine need root")
    address = f"127.{os.getpid() >> 8 & 255}.{os.getpid() & 255}.77"
    todays_certificate(tmp_path, f"DNS:{ZONE}", f"DNS:{GLOBAL}")
    config = (HERE / "nginx/nginx.conf").read_text()
    for old, new in {
        "127.0.0.1:@PORT@": f"{address}:443",
        "@UPSTREAM@": str(nucliadb.port),
        "$http_x_nuclia_serviceaccount$http_x_stf_serviceaccount": "$http_authorization",
        "location / {": WELCOME,
    }.items():
        assert old in config
        config = config.replace(old, new)
    (tmp_path / "nginx.conf").write_text(config)
    (tmp_path / "hosts").write_text(f"127.0.0.1 localhost\n{address} {ZONE} {GLOBAL}\n")
    process = subprocess.Popen([nginx, "-p", tmp_path, "-c", "nginx.conf", "-e", "error.log"])

    def ready() -> bool:
        assert process.poll() is None, (tmp_path / "error.log").read_text()
        with socket.socket() as probe:
            return probe.connect_ex((address, 443)) == 0

    until(ready)
    yield Service(tmp_path / "hosts", tmp_path / "cert.pem")
    process.terminate()
    process.wait(PATIENCE)


USES_BOTH = (
    OURS
    + """
from nuclia import sdk
from nucliactl.adapters import nuclia, nucliadb_sdk
profile = nuclia.configure()
print(profile.name, sdk.NucliaKB().list().resources)
print(nucliadb_sdk.client(profile).list_resources(kbid=profile.kb).resources)
"""
)


def test_a_box_on_a_session_is_opened_with_the_sessions_token(
    home: Home, service: Service, nucliadb: NucliaDB
) -> None:
    if not (ENVIRONMENT / "nuclia").exists():
        missing("the official client is not installed; run tests/provision.sh")
    box = nucliadb.create("on-a-session")
    home.environ |= dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), str(service.certificate))

    def there(*words: str, **variables: str) -> Result:
        script = 'mount --bind "$0" /etc/hosts && exec "$@"'
        result = home.program(
            "unshare", "-m", "sh", "-c", script, str(service.hosts), *map(str, words), **variables
        )
        assert result.code == 0, result.err
        return result

    token = ("auth", "set_user_token", "-", "--name", "me", "--no-validate")
    assert home.run(*token, stdin="manager-key").code == 0
    home.define("box", f'kind = "kb"\nurl = "https://{ZONE}/api/v1/kb/{box.id}"\nsession = "me"\n')
    assert home.run("use", "box").code == 0
    empty = home.path / "empty"
    empty.mkdir()
    assert there(ENVIRONMENT / "python", "-c", USES_BOTH, HOME=str(empty)).out == "box []\n[]\n"
    assert list(empty.iterdir()) == []
    assert home.run("profile", "export", "--to-nuclia").code == 0
    assert "Slug" in there(ENVIRONMENT / "nuclia", "kb", "list").out
