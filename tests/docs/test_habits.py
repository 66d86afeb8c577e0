"""The files around the code that people and machines read first: they parse, link somewhere, and agree with it."""

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from support import REPO

import nucliactl

pytestmark = pytest.mark.once

PAGES = sorted(REPO.glob("*.md")) + sorted((REPO / "docs").rglob("*.md"))


def parsed(path: str) -> Any:
    return yaml.safe_load((REPO / path).read_text())


def link_targets(text: str) -> list[str]:
    outside_code = re.sub(r"^```.*?^```|`[^`\n]*`", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"\]\(([^)\s]+)\)", outside_code)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(REPO)))
def test_every_relative_link_of_a_page_leads_to_a_file(page: Path) -> None:
    targets = [link.split("#")[0] for link in link_targets(page.read_text()) if "://" not in link]
    drawn = [name for name in targets if name.startswith("pictures/")]  # docs/pictures.py draws them
    assert [
        name for name in targets if name and name not in drawn and not (page.parent / name).exists()
    ] == []


def test_the_workflow_calls_the_gate_with_pinned_actions_no_secret_and_the_right_to_read() -> None:
    workflow = parsed(".github/workflows/ci.yml")
    assert set(workflow[True]) == {"push", "pull_request"}  # YAML reads the key "on" as true
    assert workflow["permissions"] == {"contents": "read"}
    (job,) = workflow["jobs"].values()
    assert {"runs-on", "steps", "timeout-minutes"} <= set(job) and "permissions" not in job
    assert all(("uses" in step) != ("run" in step) for step in job["steps"])
    actions = [step["uses"] for step in job["steps"] if "uses" in step]
    assert actions and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in actions)
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    assert "secrets." not in (REPO / ".github/workflows/ci.yml").read_text()


def test_the_issue_form_has_the_shape_of_one_and_asks_for_explain() -> None:
    form = parsed(".github/ISSUE_TEMPLATE/problem.yml")
    assert {"name", "description", "body"} <= set(form) <= {"name", "description", "body", "labels"}
    for element in form["body"]:
        assert element["type"] in ("markdown", "textarea", "input", "dropdown", "checkboxes")
        needed = "value" if element["type"] == "markdown" else "label"
        assert element["attributes"][needed] and ("id" in element) == (needed == "label")
    ids = [element["id"] for element in form["body"] if "id" in element]
    assert len(ids) == len(set(ids))
    explain = next(element for element in form["body"] if element.get("id") == "explain")
    assert (
        explain["attributes"]["label"] == "nucliactl explain -o json" and explain["validations"]["required"]
    )
    assert "contains no secret" in explain["attributes"]["description"]
    chooser = parsed(".github/ISSUE_TEMPLATE/config.yml")
    assert set(chooser) == {"blank_issues_enabled", "contact_links"}
    assert all(set(link) == {"name", "url", "about"} for link in chooser["contact_links"])
    assert all(link["url"].startswith("https://docs.github.com/") for link in chooser["contact_links"])


def test_the_hooks_run_what_make_check_runs() -> None:
    config = parsed(".pre-commit-config.yaml")
    assert [repo["repo"] for repo in config["repos"]] == ["local"]  # pinned by requirements-dev.txt
    hooks = config["repos"][0]["hooks"]
    assert all(hook["language"] == "system" and {"id", "name", "types"} <= set(hook) for hook in hooks)
    recipe = re.search(r"^check:.*\n((?:\t.*\n)+)", (REPO / "Makefile").read_text(), re.MULTILINE)
    assert recipe
    commands = [
        line.strip().split(" | ")[0].replace("$(BIN)", ".venv/bin") for line in recipe[1].splitlines()
    ]
    entries = {hook["entry"] for hook in hooks}
    assert entries <= set(commands)
    tools = {entry.split()[0].removeprefix(".venv/bin/") for entry in entries}
    assert {"ruff", "mypy", "lint-imports", "python"} <= tools


def test_the_version_has_a_heading_in_the_changelog_or_is_not_released_yet() -> None:
    text = (REPO / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[0] == "Unreleased"
    released = [re.fullmatch(r"(\d+\.\d+\.\d+) - \d{4}-\d\d-\d\d", heading) for heading in headings[1:]]
    assert released and all(released)
    versions = [heading[1] for heading in released if heading]
    assert versions == sorted(versions, key=lambda v: [int(part) for part in v.split(".")], reverse=True)
    assert nucliactl.__version__ in versions or ".dev" in nucliactl.__version__
    groups = set(re.findall(r"^### (.*)$", text, re.MULTILINE))
    assert groups <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert metadata.version("nucliactl") == nucliactl.__version__


def test_each_decision_is_a_page_with_its_number_date_and_status() -> None:
    pages = sorted((REPO / "docs/decisions").glob("0*.md"))
    for page in pages:
        lines = page.read_text().splitlines()
        assert lines[0].startswith(f"# {int(page.name[:4])}. "), page.name
        assert re.match(r"\d{4}-\d\d-\d\d, (accepted|replaced by \d+)", lines[2]), page.name
        if int(page.name[:4]) >= 10:
            sections = [line for line in lines if line.startswith("## ")]
            assert sections == ["## Context", "## Decision", "## Consequences"], page.name
    assert len({page.name[:4] for page in pages}) == len(pages)


def test_security_names_its_promises_its_limits_and_the_way_to_report() -> None:
    text = (REPO / "SECURITY.md").read_text()
    for words in (
        "private report form",
        "runs as you",
        "stolen laptop",
        "write your store",
        "write a project",
    ):
        assert words in text, words
    addresses = re.findall(r"[\w.]+@[\w.]+|https?://\S+", text + (REPO / "CODE_OF_CONDUCT.md").read_text())
    assert addresses == []


def test_the_package_holds_the_code_its_types_and_its_licence_and_nothing_else() -> None:
    files = [str(file) for file in metadata.files("nucliactl") or []]
    kept = [name for name in files if "__pycache__" not in name]
    assert "nucliactl/py.typed" in kept and any(name.endswith("licenses/LICENSE") for name in kept)
    assert {name.split("/")[0].split("-")[0] for name in kept if not name.startswith("..")} == {"nucliactl"}
    modules = {str(path.relative_to(REPO)) for path in (REPO / "nucliactl").rglob("*.py")}
    assert modules <= set(kept)
    project = tomllib.loads((REPO / "pyproject.toml").read_text())["project"]
    assert project["dynamic"] == ["version", "urls"]
