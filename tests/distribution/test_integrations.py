"""The action of GitHub, the jobs of GitLab and the hook of pre-commit, each as its runner would run it, with the
built wheel, no index, and the sandbox."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from distribution.github import Runner
from support import REPO, Home

import nucliactl

pytestmark = pytest.mark.once
INSTALL = "Install nucliactl"
CI = REPO / ".cache/ci/bin/python"


@pytest.mark.parametrize(
    "words",
    [
        ("check_jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"),
        ("check_jsonschema", "--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", "integrations/gitlab.yml"),
        ("pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"),
    ],
    ids=lambda words: words[-1],
)  # fmt: skip
def test_each_fits_its_schema(words: tuple[str, ...]) -> None:
    done = subprocess.run([CI, "-m", *words], cwd=REPO, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def job(offline: Home, wheel: Path) -> Runner:
    """A job of GitHub's, on a machine that has our wheel and those it needs."""
    links = f"{offline.environ['PIP_FIND_LINKS']} {wheel.parent} {REPO / '.cache/builders'}"
    path = f"{Path(sys.executable).resolve().parent}:{offline.environ['PATH']}"
    return Runner(offline.work, {**offline.environ, "PATH": path, "PIP_FIND_LINKS": links})


@pytest.fixture
def later(home: Home) -> Runner:
    """A job on a machine where nucliactl is installed already; its actions run `without` that step."""
    return Runner(home.work, home.environ)


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """This tree as somebody else has it: a commit of what git knows here, changed or not."""
    folder = tmp_path / "clone"
    known = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, text=True, check=True)
    for name in known.stdout.split("\0")[:-1]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPO / name, folder / name, follow_symlinks=False)
    return folder


@pytest.mark.parametrize("version", ["", pytest.param(nucliactl.__version__, marks=pytest.mark.torture)])
def test_the_action_hands_the_credential_to_the_later_steps_and_shows_it_nowhere(
    job: Runner, clone: Path, sandbox: dict[str, str], version: str
) -> None:
    url, key = sandbox["SANDBOX_KB_URL"], sandbox["SANDBOX_KB_KEY"]
    job.masked = [key]  # GitHub hides what is a secret of the repository
    code, outputs = job.uses(clone, version=version, kb_url=url, api_key=key)
    assert code == 0, job.log
    assert (outputs["profile"], outputs["kind"], outputs["target"]) == ("env", "kb", url)
    assert job.environ["NUCLIA_KB_URL"] == url and job.environ["NUCLIA_API_KEY"] == key
    code, _ = job.step("nucliactl auth status && nucliactl auth token", {})
    assert code == 0 and key not in job.log and "***" in job.log, job.log


def test_the_action_hides_a_key_that_is_no_secret_of_the_repository(
    later: Runner, sandbox: dict[str, str]
) -> None:
    """The runner itself prints the inputs of the first step, before anything can be hidden: docs/how-to/ci.md."""
    key, nua = sandbox["SANDBOX_KB_KEY"], sandbox["SANDBOX_NUA_KEY"]
    code, outputs = later.uses(
        REPO, without=INSTALL, kb_url=sandbox["SANDBOX_KB_URL"], api_key=key, nua_key=nua
    )
    assert code == 0 and outputs["kind"] == "kb", later.log
    _, _, after = later.log.partition("FOLDER:")
    assert key in later.masked and key not in after and nua not in after
    assert {"NUCLIA_API_KEY", "NUCLIA_NUA_KEY"} <= later.environ.keys()
    code, _ = later.step("NUCLIA_KIND=nua nucliactl current -o json", {})
    assert code == 0 and '"kind": "nua"' in later.log


def test_a_variable_of_the_job_counts_where_no_input_is_given(later: Runner, sandbox: dict[str, str]) -> None:
    origin = sandbox["SANDBOX_KB_URL"].partition("/api/")[0]
    later.environ |= {"NUA_KEY": sandbox["SANDBOX_NUA_KEY"], "NUCLIA_NUA_ORIGIN": origin}
    code, outputs = later.uses(REPO, without=INSTALL)
    assert (code, outputs.get("kind")) == (0, "nua"), later.log


def test_odd_values_are_hidden_line_by_line_and_break_out_of_nothing(later: Runner) -> None:
    odd = "first\nsecond 100%\r\n\n  \n$(touch broken)`touch broken`\nX<<end_"
    code, outputs = later.uses(REPO, without=INSTALL, personal_token=odd, verify="false")
    assert {"first", "second 100%", "$(touch broken)`touch broken`", "X<<end_"} == {*later.masked}
    assert not (later.folder / "broken").exists()
    assert (code, outputs["kind"]) == (0, "personal-token") and later.environ["NUCLIA_PERSONAL_TOKEN"] == odd


@pytest.mark.parametrize(
    ("given", "code", "said"),
    [
        ({"kb_url": "URL", "api_key": ""}, 4, "NUCLIA_API_KEY is set but empty"),
        ({"kb_url": "URL", "api_key": " \n", "verify": "false"}, 4, "NUCLIA_API_KEY is set but empty"),
        ({"nua_key": " ", "verify": "false"}, 4, "NUCLIA_NUA_KEY is set but empty"),
        ({"api_key": "k" * 30}, 4, "NUCLIA_KB_URL"),
        ({"kb_url": "URL", "api_key": "wrong-key-0123456789"}, 4, "rejected"),
        ({"kb_url": "http://127.0.0.1:9/api/v1/kb/11111111-2222-3333-4444-555555555555", "api_key": "k" * 30}, 5, ""),
        ({"nua_key": ""}, 4, "There is no active profile. The action was given no key"),
        ({"verify": "perhaps"}, 2, "verify is neither"),
    ],
)  # fmt: skip
def test_what_is_wrong_ends_the_step_with_the_code_of_nucliactl(
    later: Runner, sandbox: dict[str, str], given: dict[str, str], code: int, said: str
) -> None:
    given = {name: sandbox["SANDBOX_KB_URL"] if value == "URL" else value for name, value in given.items()}
    assert later.uses(REPO, **{"without": INSTALL, **given})[0] == code, later.log
    assert said in later.log and len(later.annotations) == 1
    assert not {"NUCLIA_API_KEY", "NUCLIA_KB_URL"} & later.environ.keys()


@pytest.mark.parametrize("version", ["1; touch broken", "--help", "$(touch broken)", "1 2"])
def test_a_version_that_is_none_is_not_installed(later: Runner, version: str) -> None:
    code, _ = later.uses(REPO, version=version, verify="false")
    assert code == 2 and later.annotations == ["version is not the number of a version."]
    assert not [*later.folder.rglob("broken")]


def test_without_a_credential_and_a_check_it_only_installs(later: Runner) -> None:
    assert later.uses(REPO, without=INSTALL, verify="false") == (0, {"profile": "", "kind": "", "target": ""})
    assert later.step("nucliactl version", {})[0] == 0


class Jobs(yaml.SafeLoader):
    """YAML with GitLab's own `!reference [job, key]`."""


Jobs.add_constructor("!reference", lambda loader, node: ("reference", *loader.construct_sequence(node)))


def gitlab(name: str) -> tuple[dict[str, str], str]:
    """The variables and the script of a job that extends one of ours, as GitLab puts them together."""
    jobs = yaml.load((REPO / "integrations/gitlab.yml").read_text(), Jobs)
    merged: dict[str, Any] = {}
    base = name
    while base:
        merged = {**jobs[base], **merged}
        base = jobs[base].get("extends")

    def lines(key: str, of: dict[str, Any]) -> list[str]:
        found = [jobs[line[1]][line[2]] if isinstance(line, tuple) else [line] for line in of.get(key, [])]
        return [line for part in found for line in part]

    return merged["variables"], "\n".join([*lines("before_script", merged), *lines("script", merged)])


def run_gitlab(job: Runner, name: str, wheel: Path, folder: Path, script: str = "", **variables: str):
    stated, lines = gitlab(name)
    python = folder.parent / "image"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", python], check=True)
    path = f"{python}/bin:{job.environ['PATH']}"
    environ = {**job.environ, **stated, "NUCLIACTL_REQUIREMENT": str(wheel), "PATH": path, **variables}
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", f"{lines}\n{script}"],
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_jobs_of_gitlab(job: Runner, wheel: Path, sandbox: dict[str, str]) -> None:
    url, key = sandbox["SANDBOX_KB_URL"], sandbox["SANDBOX_KB_KEY"]
    good = {"NUCLIA_KB_URL": url, "NUCLIA_API_KEY": key}
    done = run_gitlab(job, ".nucliactl", wheel, job.folder, "nucliactl current", **good)
    assert done.returncode == 0 and done.stdout.endswith("env\n") and key not in done.stdout, done.stderr
    refused = run_gitlab(job, ".nucliactl", wheel, job.folder, **{**good, "NUCLIA_API_KEY": ""})
    assert refused.returncode == 4 and "set but empty" in refused.stderr
    (job.folder / "leak.txt").write_text(f"x\n{key}\n")
    found = run_gitlab(job, ".nucliactl-check-secrets", wheel, job.folder)
    assert found.returncode == 1 and "leak.txt:2: API key" in found.stdout, found.stderr


def git(home: Home, *words: str, code: int = 0) -> str:
    done = home.program("git", "-c", "user.name=t", "-c", "user.email=t@example.com", *words)
    assert done.code == code, done.out + done.err
    return done.out + done.err


def test_the_hook_stops_a_commit_that_holds_a_key(home: Home, sandbox: dict[str, str]) -> None:
    """A repository of its own gives the hook; nucliactl is installed already (`language: system`)."""
    hooks = home.path / "hooks"
    git(home, "init", "-q", str(hooks))
    shutil.copy(REPO / ".pre-commit-hooks.yaml", hooks)
    git(home, "-C", str(hooks), "add", ".")
    git(home, "-C", str(hooks), "commit", "-qm", "hooks")
    commit = git(home, "-C", str(hooks), "rev-parse", "HEAD").strip()
    git(home, "init", "-q", ".")
    hook = {"id": "nucliactl-check-secrets", "language": "system"}
    config = {"repos": [{"repo": str(hooks), "rev": commit, "hooks": [hook]}]}
    (home.work / ".pre-commit-config.yaml").write_text(yaml.safe_dump(config))
    done = home.program(str(CI), "-m", "pre_commit", "install")
    assert done.code == 0, done.err
    (home.work / "readme.md").write_text("NUCLIA_API_KEY=put-the-api-key-here\n")
    git(home, "add", ".")
    git(home, "commit", "-qm", "good")
    (home.work / "a b\n.txt").write_text("x\n")
    (home.work / "-dashed").write_bytes(b"\0\xff " + sandbox["SANDBOX_KB_KEY"].encode())
    (home.work / "link").symlink_to("/nowhere")
    git(home, "add", ".")
    said = git(home, "commit", "-qm", "bad", code=1)
    assert "-dashed:1: API key" in said and sandbox["SANDBOX_KB_KEY"] not in said
    fingerprint = re.search(r"sha256:[0-9a-f]{16}", said)
    assert fingerprint
    (home.work / ".nucliactl-allow").write_text(fingerprint[0] + "  # made up\n")
    git(home, "add", ".")
    git(home, "commit", "-qm", "allowed")


@pytest.mark.torture
def test_pre_commit_installs_what_the_hook_needs(offline: Home, clone: Path, sandbox: dict[str, str]) -> None:
    """With `language: python`, as the hook says: pre-commit builds this tree in an environment of its own."""
    offline.environ["PIP_FIND_LINKS"] += f" {REPO / '.cache/builders'}"
    git(offline, "init", "-q", str(clone))
    git(offline, "-C", str(clone), "add", ".")
    git(offline, "-C", str(clone), "commit", "-qm", "clone")
    git(offline, "init", "-q", ".")
    (offline.work / "leak.txt").write_text(sandbox["SANDBOX_KB_KEY"])
    git(offline, "add", ".")
    words = ("-m", "pre_commit", "try-repo", str(clone), "nucliactl-check-secrets", "--all-files")
    found = offline.program(str(CI), *words)
    assert found.code == 1 and "leak.txt:1: API key" in found.out, found
    (offline.work / "leak.txt").write_text("nothing")
    assert offline.program(str(CI), *words).code == 0
