"""Renders docs/which-profile.md from tests/scenarios.toml: `python tests/render_scenarios.py > docs/which-profile.md`."""

import re
import tomllib
from pathlib import Path
from typing import Any

HEAD = """# Which profile is active

{order}

## Every case

Each line is also a test (`tests/scenarios.toml`). Stored are `acme-kb`, `acme-nua`, `globex-kb`, `globex-nua`
(of two customers' accounts), `local` (a NucliaDB) and `me` (a personal token), unless said otherwise.

| situation | given | asked for | answer |
|---|---|---|---|
"""
CODES = {
    2: "usage",
    3: "no such profile, or ambiguous",
    4: "login needed",
    6: "refused for safety",
    7: "a file is damaged",
}


def order() -> str:
    """Return what the README says of the order: without its example."""
    text = (Path(__file__).parents[1] / "README.md").read_text()
    found = re.search(r"^## Which profile is active\n\n(.*?)\n\n## ", text, re.MULTILINE | re.DOTALL)
    assert found
    return re.sub(r"```sh\n.*?\n```\n\n", "", found[1], flags=re.DOTALL)


def given(scenario: dict[str, Any]) -> str:
    parts = [f"stored: {', '.join(scenario['profiles']) or 'nothing'}"] if "profiles" in scenario else []
    parts += [f"`use {name}`" for name in scenario.get("use", ())]
    parts += [f"`{name}={value}`" for name, value in scenario.get("env", {}).items()]
    parts += [
        f"`{name}` holds `{' '.join(text.split())}`" for name, text in scenario.get("files", {}).items()
    ]
    parts += [f"`{name}` has mode {mode}" for name, mode in scenario.get("modes", {}).items()]
    parts += [f"`{name}` is a link to `{to}`" for name, to in scenario.get("links", {}).items()]
    parts += [f"in `{scenario['cwd']}`"] if "cwd" in scenario else []
    return ", ".join(parts) or "nothing"


def asked(scenario: dict[str, Any]) -> str:
    parts = [f"`--profile {scenario['profile']}`"] if "profile" in scenario else []
    parts += [f"`--env-file {scenario['env_file']}`"] if "env_file" in scenario else []
    parts += [f"kind {' or '.join(scenario['kind'])}"] if "kind" in scenario else []
    return ", ".join(parts) or "anything"


def answer(scenario: dict[str, Any]) -> str:
    if "exit" in scenario:
        return f"exit {scenario['exit']}: {CODES[scenario['exit']]}"
    return f"**{scenario['winner']}**, by {scenario['source']}"


def page() -> str:
    path = Path(__file__).parent / "scenarios.toml"
    rows = [
        "| "
        + " | ".join(cell.replace("|", "\\|") for cell in (s["name"], given(s), asked(s), answer(s)))
        + " |"
        for s in tomllib.loads(path.read_text())["scenario"]
    ]
    return HEAD.format(order=order()) + "\n".join(rows) + "\n"


if __name__ == "__main__":
    print(page(), end="")
