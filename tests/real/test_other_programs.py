"""Programs in other languages, real ones: curl, Node, uv's helper and what calls such helpers, MCP clients' files."""

import json
import re
import subprocess
import tempfile
from pathlib import Path

import pytest
from support import BIN, REPO, Home, installed

from .conftest import NucliaDB, missing


@pytest.fixture
def behind_keys(home: Home, nucliadb: NucliaDB, gateway) -> tuple[Home, str]:
    """A box behind TLS and keys; its URL."""
    box = nucliadb.create("programs-" + home.path.name[-20:].lower().replace("_", "-"))
    url = f"{gateway.url}/api/v1/kb/{box.id}"
    home.environ["SSL_CERT_FILE"] = gateway.certificate
    assert home.run("auth", "kb", url, "-", "--name", "box", stdin="manager-key").code == 0
    return home, url


def test_curl_is_given_the_header_on_standard_input(behind_keys: tuple[Home, str]) -> None:
    installed("curl")
    home, _ = behind_keys
    page = (REPO / "docs/how-to/curl.md").read_text()
    blocks = [b for b in re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S) if "curl " in b]
    assert len(blocks) == 2
    for block in blocks:
        lines = "".join(line for line in block.splitlines(keepends=True) if " auth kb " not in line)
        result = home.program("sh", "-eu", "-c", lines.replace("curl ", "curl --cacert $SSL_CERT_FILE "))
        assert result.code == 0 and "resources" in json.loads(result.out), result
        assert "manager-key" not in lines


def test_ten_lines_of_node(behind_keys: tuple[Home, str]) -> None:
    node = installed("node")
    home, url = behind_keys
    script = str(REPO / "docs/examples/helper.mjs")
    assert len(Path(script).read_text().splitlines()) <= 10
    given = {"NODE_EXTRA_CA_CERTS": home.environ["SSL_CERT_FILE"]}
    result = home.program(node, script, f"{url}/counters", **given)
    assert result.code == 0 and result.out.startswith("200 ") and '"resources"' in result.out, result
    foreign = home.program(node, script, url.replace("localhost", "localhost.example.com"), **given)
    assert foreign.code != 0 and foreign.out == "" and "may go to" in foreign.err


def asked(home: Home, words: list[str], uri: str) -> tuple[int, dict[str, list[str]] | None]:
    """A program that was written for the protocol."""
    result = home.program(*words, "get", stdin=json.dumps({"uri": uri}))
    return result.code, json.loads(result.out)["headers"] if result.code == 0 else None


def test_what_calls_the_helper_of_uv_calls_ours(behind_keys: tuple[Home, str]) -> None:
    uv = str(BIN / "uv")
    if not Path(uv).exists():
        missing("uv is not installed")
    home, url = behind_keys
    theirs = [uv, "--preview-features", "auth-helper", "auth", "helper", "--protocol=bazel"]
    ours = ["nucliactl", "auth", "helper", "--protocol=bazel"]
    assert home.program(uv, "auth", "login", "https://packages.example.com", "--token", "t").code == 0
    code, headers = asked(home, theirs, "https://packages.example.com/simple/")
    assert code == 0 and headers and set(headers) == {"Authorization"}
    assert all(isinstance(v, list) and isinstance(v[0], str) for v in headers.values())
    assert asked(home, ours, url) == (0, {"X-NUCLIA-SERVICEACCOUNT": ["Bearer manager-key"]})
    for words in (theirs, ours):
        assert home.program(*words, "get", stdin="nonsense").code == 2
    assert asked(home, theirs, "https://other.example.com/") == (0, {})
    assert asked(home, ours, "https://other.example.com/") == (6, None)


def test_a_script_for_bazel_as_the_page_has_it(behind_keys: tuple[Home, str]) -> None:
    """Bazel starts the program with `get`, writes the question, closes standard input and reads the answer."""
    home, url = behind_keys
    page = (REPO / "docs/how-to/other-languages.md").read_text()
    text = next(b for b in re.findall(r"^```text\n(.*?)^```", page, re.M | re.S) if b.startswith("#!"))
    script = home.work / "nuclia-credentials"
    script.write_text(text.replace("handbook", "box"))
    script.chmod(0o755)
    assert asked(home, [str(script)], f"{url}/anything") == (
        0,
        {"X-NUCLIA-SERVICEACCOUNT": ["Bearer manager-key"]},
    )
    assert "--credential_helper=europe-1.dp.progress.cloud=" in page


def test_the_files_of_the_mcp_page_name_variables_that_run_sets_and_a_program_that_answers(
    behind_keys: tuple[Home, str],
) -> None:
    home, _ = behind_keys
    page = (REPO / "docs/how-to/mcp.md").read_text()
    servers = [json.loads(b)["mcpServers"] for b in re.findall(r"^```json\n(.*?)^```", page, re.M | re.S)]
    by_variables, by_program, _started = (next(iter(found.values())) for found in servers)
    assert by_variables["url"].startswith("${NUCLIA_KB_URL}/")
    assert by_variables["headers"] == {"X-NUCLIA-SERVICEACCOUNT": "Bearer ${NUCLIA_API_KEY}"}
    program = by_program["headersHelper"].replace("handbook", "box")
    result = home.program("sh", "-c", program)
    assert result.json == {"X-NUCLIA-SERVICEACCOUNT": "Bearer manager-key"}


def test_no_secret_is_ever_in_an_argument_list(behind_keys: tuple[Home, str], tmp_path: Path) -> None:
    """Every program that curl's and Node's ways start is looked at: a stand-in writes down its arguments."""
    home, url = behind_keys
    folder, seen = tmp_path / "stand-ins", tmp_path / "arguments"
    folder.mkdir()
    for name in ("curl", "nucliactl"):
        real = installed("curl") if name == "curl" else str(BIN / "nucliactl")
        path = folder / name
        path.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >> {seen}\nexec {real} "$@"\n')
        path.chmod(0o755)
    pipe = """nucliactl auth token --query "join(': ', [header, value])" -o name | curl -s --cacert $SSL_CERT_FILE -H @- """
    environ = {**home.environ, "PATH": f"{folder}:{home.environ['PATH']}"}
    finished = subprocess.run(
        ["sh", "-c", f"{pipe} {url}/counters"], env=environ, cwd=home.work, capture_output=True, check=True
    )
    assert b"resources" in finished.stdout
    assert "manager-key" not in seen.read_text() and url in seen.read_text()


def test_pass_gives_the_key_as_the_how_to_says(home: Home) -> None:
    installed("pass"), installed("gpg")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # gpg's agent has its socket there
        own = {"GNUPGHOME": folder, "PASSWORD_STORE_DIR": str(home.path / "passwords")}
        make = "gpg --batch -q --passphrase '' --quick-generate-key you@example.test && pass init you@example.test"
        assert home.program("sh", "-euc", make, **own).code == 0
        inserted = home.program("pass", "insert", "-e", "nuclia/acme", stdin="key-of-acme\n", **own)
        assert inserted.code == 0, inserted.err
        [command] = re.findall(
            r"^api_key_command = .*$", (REPO / "docs/how-to/keyring.md").read_text(), re.MULTILINE
        )
        url = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
        home.define("acme", f'kind = "kb"\nurl = "{url}"\n{command}\n')
        assert home.run("auth", "token", "--profile", "acme", **own).out == "key-of-acme\n"
        home.program("gpgconf", "--kill", "all", **own)
