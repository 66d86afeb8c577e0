"""The container examples for a team's store: each fits its schema, and what it runs does what it says."""

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from containers import DEBIAN, podman
from fleet.stores import BAO, PREFIX, Redis, Vault
from support import PATIENCE, REPO, Home, Recorder, Request, missing, until

pytestmark = pytest.mark.once
FOLDER = REPO / "profiles/containers"
SCHEMAS = REPO / ".cache/schemas/bin/python"
URL = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
KEY = "container-key-0123456789"
GOOD = {"kind": "kb", "url": URL, "api_key": KEY, "description": "<b> \"quoted\" \\ & 'more'"}


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def test_every_example_fits_the_schema_of_its_kind() -> None:
    if not SCHEMAS.exists():
        missing("the schemas are not installed; run tests/provision.sh")
    code = (
        "import kubernetes_validate, json, sys\n"
        "from compose_spec import ComposeSpecification\n"
        "for kind, document in json.load(sys.stdin):\n"
        "    if kind == 'compose':\n"
        "        ComposeSpecification.model_validate(document)\n"
        "    else:\n"
        "        kubernetes_validate.validate(document, '1.31', strict=True)\n"
        "print('fits')\n"
    )
    found: list[tuple[str, dict[str, Any]]] = []
    for path in sorted(FOLDER.glob("*.yaml")):
        for document in documents(path.name):
            if str(document.get("apiVersion", "")).startswith("external-secrets.io/"):
                continue  # a resource of its own: read below
            found.append(("compose" if "services" in document else "kubernetes", document))
    assert len(found) > 8
    finished = subprocess.run(
        [SCHEMAS, "-c", code], input=json.dumps(found), capture_output=True, text=True, check=False
    )
    assert finished.stdout == "fits\n", finished.stderr[-2000:]


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = documents(name)[0]["services"]["profiles"]
    return found


def test_the_volumes_secrets_and_dependencies_of_the_compose_examples_belong_together() -> None:
    for name, condition in (
        ("compose-init.yaml", "service_completed_successfully"),
        ("compose-sidecar.yaml", "service_healthy"),
    ):
        [found] = documents(name)
        puller, program = found["services"]["profiles"], found["services"]["search"]
        assert puller["volumes"] == ["nuclia:/run/nuclia"] and program["volumes"] == ["nuclia:/run/nuclia:ro"]
        assert program["environment"]["NUCLIA_PROFILES_PATH"] == "/run/nuclia/current"
        assert program["depends_on"]["profiles"]["condition"] == condition
        assert set(found["secrets"]) == set(puller["secrets"]) and found["volumes"].keys() == {"nuclia"}
        assert "--to" in puller["command"] and "/run/nuclia" in puller["command"]


def words_of(one: dict[str, Any], home: Home, inside: Path, **variables: str) -> list[str]:
    """What `docker compose` makes of a service, for `podman run`."""
    words = ["--user", one["user"], *(["--read-only"] if one["read_only"] else [])]
    for name, value in {**one["environment"], **variables}.items():
        words += ["--env", f"{name}={value}"]
    words += ["--volume", f"{inside}:{inside}:ro", "--env", f"PATH={inside}:/usr/bin:/bin"]
    words += ["--env", f"LD_LIBRARY_PATH={inside}/lib", "--env", f"PYTHONPATH={inside}/site"]
    for secret in one.get("secrets", ()):
        words += ["--volume", f"{home.path}/{secret}:/run/secrets/{secret}:ro"]
    for volume in one["volumes"]:
        words += ["--volume", volume.replace("nuclia:", f"{home.path}/volume:", 1)]
    return [*words, "--rootfs", str(DEBIAN)]


@pytest.fixture
def inside(home: Home, image: Path) -> Path:
    """What the containers have of the package, its interpreter among it."""
    volume = home.path / "volume"
    volume.mkdir(0o700)
    os.chown(volume, 12345, 12345)
    (home.path / "profiles_password").write_text("readpw\n")
    (home.path / "profiles_password").chmod(0o644)
    subprocess.run(["chmod", "-R", "a+rX", home.path], check=True)
    return image


def test_the_compose_examples_run_read_only_as_a_user_without_rights(
    home: Home, redis: Redis, inside: Path
) -> None:
    redis.put("handbook", GOOD)
    with podman(home) as command:
        run = [*command, "run", "--rm", "--cap-drop=all", "--network=host"]
        local = {"NUCLIA_PROFILES_URL": redis.address}
        one = service("compose-init.yaml")
        result = home.program(*run, *words_of(one, home, inside, **local), *one["command"])
        assert result.code == 0, result.err
        program = documents("compose-init.yaml")[0]["services"]["search"]
        token = home.program(*run, *words_of(program, home, inside), "nucliactl", "auth", "token")
        assert token.out == f"{KEY}\n", token.err
        one = service("compose-sidecar.yaml")
        sidecar = subprocess.Popen(
            [*run, *words_of(one, home, inside, **local), *one["command"], "--interval", "1"],
            env=home.environ,
            stderr=(home.path / "said").open("wb"),
        )
        try:
            until((home.path / "volume/health").exists)
            redis.put("handbook", {**GOOD, "api_key": "turned-key-0123456789"})
            until(lambda: "updated handbook" in (home.path / "said").read_text())
            probe = one["healthcheck"]["test"]
            assert probe[0] == "CMD-SHELL"
            check = home.program(*run, *words_of(one, home, inside), "sh", "-c", probe[1])
            assert check.code == 0, check.err
            token = home.program(*run, *words_of(program, home, inside), "nucliactl", "auth", "token")
            assert token.out == "turned-key-0123456789\n", token.err
        finally:
            sidecar.send_signal(signal.SIGTERM)
            assert sidecar.wait(PATIENCE) == 0, (home.path / "said").read_text()


def test_the_kubernetes_examples_log_in_with_the_service_account(
    home: Home, vault: Vault, recorder: Recorder
) -> None:
    """Kubernetes is asked by the Vault whether a token is a service account's: that answer is the test's."""
    vault.put("handbook", GOOD)
    user = {"username": "system:serviceaccount:default:search", "uid": "1"}
    review = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview"}
    asked: list[str] = []

    def answer(request: Request) -> tuple[int, dict[str, str], bytes]:
        token = json.loads(request.body)["spec"]["token"] if request.body else ""
        asked.append(token)
        good = token == JWT
        status = {"authenticated": good, "user": user} if good else {"error": "no"}
        return 201, {"Content-Type": "application/json"}, json.dumps({**review, "status": status}).encode()

    recorder.answer = answer
    if "kubernetes/" not in vault.ask("GET", "sys/auth"):
        vault.ask("POST", "sys/auth/kubernetes", {"type": "kubernetes"})
    settings = {
        "kubernetes_host": recorder.origin,
        "kubernetes_ca_cert": vault.certificate.read_text(),
        "token_reviewer_jwt": JWT,
        "disable_local_ca_jwt": True,
    }
    vault.ask("POST", "auth/kubernetes/config", settings)
    role = {"bound_service_account_names": "search", "bound_service_account_namespaces": "default"}
    vault.ask("POST", "auth/kubernetes/role/search", {**role, "token_policies": "reader", "audience": ""})
    mounted = home.path / "token"
    mounted.write_text(JWT)
    deployment = documents("kubernetes-init.yaml")[-1]
    [init] = deployment["spec"]["template"]["spec"]["initContainers"]
    [url] = [row["value"] for row in init["env"]]
    assert url.endswith("?role=search")
    local = url.replace("vault://vault.example.com:8200/secret/nuclia", vault.address) + f"&jwt={mounted}"
    out = home.path / "out"
    words = [word.replace("/run/nuclia", str(out)) for word in init["command"][1:]]
    result = home.run(*words, NUCLIA_PROFILES_URL=local)
    assert result.code == 0 and asked, result.err
    token = home.run("auth", "token", "--profile", "handbook", NUCLIA_PROFILES_PATH=f"{out}/current")
    assert token.out == f"{KEY}\n"
    mounted.write_text(JWT[:-4] + "AAAA")
    result = home.run(*words, NUCLIA_PROFILES_URL=local)
    assert result.code == 4 and "service account" in result.err
    assert JWT not in result.err


# A token as Kubernetes issues them, by its form; nobody signed it.
JWT = ".".join(
    __import__("base64").urlsafe_b64encode(part).rstrip(b"=").decode()
    for part in (
        b'{"alg":"RS256","kid":"test"}',
        json.dumps(
            {
                "iss": "kubernetes/serviceaccount",
                "kubernetes.io/serviceaccount/namespace": "default",
                "kubernetes.io/serviceaccount/service-account.name": "search",
                "kubernetes.io/serviceaccount/service-account.uid": "1",
                "sub": "system:serviceaccount:default:search",
            }
        ).encode(),
        b"no signature of anybody's",
    )
)


def test_the_sidecar_of_kubernetes_is_the_init_container_that_goes_on() -> None:
    init, sidecar = (documents(f"kubernetes-{name}.yaml")[-1] for name in ("init", "sidecar"))
    [once], [on] = (one["spec"]["template"]["spec"]["initContainers"] for one in (init, sidecar))
    assert on["restartPolicy"] == "Always" and "--watch" in on["command"] and "restartPolicy" not in once
    health = next(word.partition("=")[2] for word in on["command"] if word.startswith("--health="))
    assert (
        health in on["startupProbe"]["exec"]["command"]
        and health in on["livenessProbe"]["exec"]["command"][-1]
    )
    for spec in (one["spec"]["template"]["spec"] for one in (init, sidecar)):
        [program] = spec["containers"]
        assert {row["name"]: row["value"] for row in program["env"]}[
            "NUCLIA_PROFILES_PATH"
        ] == "/run/nuclia/current"
        assert program["volumeMounts"][0]["readOnly"] and spec["serviceAccountName"] == "search"


def test_external_secrets_makes_a_secret_that_is_a_profile_directory(home: Home) -> None:
    external, deployment = documents("external-secrets.yaml")
    assert external["apiVersion"] == "external-secrets.io/v1" and external["kind"] == "ExternalSecret"
    assert {"refreshInterval", "secretStoreRef", "target", "dataFrom"} == external["spec"].keys()
    files = external["spec"]["target"]["template"]["data"]
    folder = home.path / "mounted"
    folder.mkdir()
    for name, text in files.items():
        # Its template language is Go's; toJson is JSON, with <, > and & escaped.
        def quoted(found: re.Match[str]) -> str:
            text = json.dumps(GOOD[found[1]], ensure_ascii=False)
            return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")

        (folder / name).write_text(re.sub(r"\{\{ \.(\w+) \| toJson \}\}", quoted, text))
    spec = deployment["spec"]["template"]["spec"]
    assert spec["volumes"][0]["secret"]["secretName"] == external["spec"]["target"]["name"]
    variables = {row["name"]: row["value"] for row in spec["containers"][0]["env"]}
    assert variables["NUCLIA_PROFILES_PATH"] == spec["containers"][0]["volumeMounts"][0]["mountPath"]
    variables["NUCLIA_PROFILES_PATH"] = str(folder)
    assert home.run("auth", "token", **variables).out == f"{KEY}\n"


def test_the_real_agent_writes_a_profile_directory_from_the_template(home: Home, vault: Vault) -> None:
    vault.put("handbook", GOOD)
    [deployment] = documents("vault-agent.yaml")
    annotations = deployment["spec"]["template"]["metadata"]["annotations"]
    [template] = [text for name, text in annotations.items() if "agent-inject-template-" in name]
    assert f"secret/data/{PREFIX}/handbook" in template
    folder, given = home.path / "secrets", home.path / "given"
    folder.mkdir()
    given.write_text(vault.reader["VAULT_TOKEN"])
    (home.path / "handbook.tpl").write_text(template)
    (home.path / "agent.hcl").write_text(
        f'exit_after_auth = true\nvault {{ address = "{vault.origin}" }}\n'
        f'auto_auth {{ method "token_file" {{ config = {{ token_file_path = "{given}" }} }} }}\n'
        f'template {{ source = "{home.path}/handbook.tpl"\n destination = "{folder}/handbook.toml" }}\n'
    )
    result = home.program(str(BAO), "agent", f"-config={home.path}/agent.hcl")
    assert (folder / "handbook.toml").exists(), result.err[-2000:]
    variables = {"NUCLIA_PROFILES_PATH": str(folder), "NUCLIA_PROFILE": "handbook"}
    assert home.run("auth", "token", **variables).out == f"{KEY}\n"
    shown = home.run("profile", "show", "handbook", "-o", "json", **variables)
    assert (
        GOOD["description"] in [row["value"] for row in shown.json["values"]]
        if "values" in shown.json
        else True
    )
