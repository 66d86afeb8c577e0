"""The container examples of profiles/ are loaded and used, laid out as Docker and Kubernetes would."""

from pathlib import Path

import pytest
import yaml
from support import REPO, Home

pytestmark = pytest.mark.once
FOLDER = REPO / "profiles/containers"
EXAMPLE = "https://europe-1.dp.progress.cloud/api/v1/kb/11111111-2222-3333-4444-555555555555"
TITLE = """
import nucliactl
with nucliactl.client(kind="kb") as http:
    print(http.get(nucliactl.resolve(kind="kb").url).json()["config"]["title"])
"""


def test_the_env_file_serves_one_command_and_a_whole_container(person: Home) -> None:
    text = (FOLDER / "container.env").read_text()
    assert "is healthy" not in text and EXAMPLE in text
    text = text.replace(EXAMPLE, person.environ["SANDBOX_KB_URL"])
    text = text.replace("put-the-api-key-here", person.environ["SANDBOX_KB_KEY"])
    path = person.work / "container.env"
    path.write_text(text)
    assert person.run("--env-file", str(path), "auth", "status").code == 0
    variables = dict(line.split("=", 1) for line in text.splitlines() if line and not line.startswith("#"))
    assert person.python(TITLE, **variables).out == "Staff handbook\n"


def test_the_compose_example_mounts_its_secret_as_a_file(person: Home) -> None:
    found = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    service = found["services"]["search"]
    assert service["secrets"] == list(found["secrets"]) == ["nuclia_api_key"]
    assert service["environment"]["NUCLIA_API_KEY_FILE"] == "/run/secrets/nuclia_api_key"
    mounted = person.path / "nuclia_api_key"
    mounted.write_text(person.environ["SANDBOX_KB_KEY"] + "\n")
    variables = {
        name: value.replace(EXAMPLE, person.environ["SANDBOX_KB_URL"]).replace(
            "/run/secrets/nuclia_api_key", str(mounted)
        )
        for name, value in service["environment"].items()
    }
    assert person.run("current", **variables).out == "env\n"
    assert person.python(TITLE, **variables).out == "Staff handbook\n"


def mount(folder: Path, files: dict[str, str]) -> None:
    """Lay files out as the kubelet does: links through `..data` to a dated directory."""
    dated = folder / "..2026_11_25"
    dated.mkdir(parents=True)
    (folder / "..data").symlink_to(dated.name)
    for name, text in files.items():
        (dated / name).write_text(text)
        (folder / name).symlink_to(f"..data/{name}")


def test_the_kubernetes_example_is_a_profile_directory(person: Home) -> None:
    config, secret, deployment = yaml.safe_load_all((FOLDER / "kubernetes.yaml").read_text())
    env = person.environ
    keys = person.path / "keys"
    replaced = (
        (EXAMPLE, env["SANDBOX_KB_URL"]),
        ("https://europe-1.dp.progress.cloud/", env["NUCLIA_GLOBAL_URL"] + "/"),
        ("/etc/nuclia/keys", str(keys)),
        ("/etc/nuclia/profiles", str(person.path / "profiles")),
        ("put-the-api-key-here", env["SANDBOX_KB_KEY"]),
        ("put-the-nua-key-here", env["SANDBOX_NUA_KEY"]),
    )

    def local(text: str) -> str:
        for old, new in replaced:
            text = text.replace(old, new)
        return text

    mount(person.path / "profiles", {name: local(text) for name, text in config["data"].items()})
    mount(keys, {name: local(text) for name, text in secret["stringData"].items()})
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    variables = {row["name"]: local(row["value"]) for row in container["env"]}
    variables["NUCLIA_CONFIG_DIR"] = str(person.path / "nothing")
    assert person.run("current", **variables).out == "handbook\n"
    assert person.python(TITLE, **variables).out == "Staff handbook\n"
    assert person.run("auth", "status", "--all", **variables).code == 0
    resolved = person.python("import nucliactl; print(nucliactl.resolve(kind='nua').name)", **variables)
    assert resolved.out == "pipeline\n"
    mounts = {row["mountPath"] for row in container["volumeMounts"]}
    assert mounts == {"/etc/nuclia/profiles", "/etc/nuclia/keys"}
