"""The last step of action.yml: looks whether the credentials it was given work, says which is active, and
hands them to the later steps of the job. The environment holds the inputs; the command is on the PATH."""

import json
import os
import secrets
import subprocess
import sys
from pathlib import Path

# Of each kind the inputs, with the variables that nucliactl reads. NUA_KEY alone is one of these.
KINDS = {
    "kb": {"INPUT_KB_URL": "NUCLIA_KB_URL", "INPUT_API_KEY": "NUCLIA_API_KEY"},
    "nua": {"INPUT_NUA_KEY": "NUCLIA_NUA_KEY"},
    "personal-token": {"INPUT_PERSONAL_TOKEN": "NUCLIA_PERSONAL_TOKEN"},
}
OUTPUTS = {"profile": "name", "kind": "kind", "target": "target"}
TRUTH = {"true": True, "false": False}


def main() -> int:
    """Return the exit code of the step: that of nucliactl where a credential is missing or does not work."""
    verify = TRUTH.get(os.environ["VERIFY"].strip().lower())
    if verify is None:
        return failed("verify is neither true nor false.", 2)
    given = [kind for kind, inputs in KINDS.items() if any(os.environ[name] for name in inputs)]
    handed = {variable: os.environ[name] for kind in given for name, variable in KINDS[kind].items()}
    handed = {name: value if value.strip() else "" for name, value in handed.items()}  # blanks are no key
    # An input that is left out may be a variable of the job. One that is empty beside the other is an error.
    handed = {name: value for name, value in handed.items() if value or not os.environ.get(name)}
    if not given and not verify:
        return 0
    commands = (["current"], ["auth", "status"]) if verify else (["current"],)
    for kind in given or [""]:
        for words in commands:
            done = nucliactl(words, handed, kind)
            print(done.stdout, end="", flush=True)
            print(done.stderr, end="", file=sys.stderr, flush=True)
            if done.returncode:
                empty = "" if given else " The action was given no key; a run of a fork has no secrets."
                return failed(done.stderr.partition("\n")[0] + empty, done.returncode)
    explained = nucliactl(["explain", "-o", "json"], handed, given[0] if given else "")
    profile = json.loads(explained.stdout)["profile"]
    append("GITHUB_OUTPUT", {name: profile[of] for name, of in OUTPUTS.items()})
    append("GITHUB_ENV", handed)
    return 0


def nucliactl(words: list[str], handed: dict[str, str], kind: str) -> subprocess.CompletedProcess[str]:
    """Run the command with the credentials that are handed to the job, and a kind, if one is named."""
    environ = {**os.environ, **handed, **({"NUCLIA_KIND": kind} if kind else {})}
    return subprocess.run(["nucliactl", *words], env=environ, capture_output=True, text=True, check=False)


def append(file: str, values: dict[str, str]) -> None:
    """Append values to a file of the runner's, each between lines that nobody can guess."""
    with Path(os.environ[file]).open("a", encoding="utf-8", errors="surrogateescape", newline="\n") as stream:
        for name, value in values.items():
            end = f"end_{secrets.token_hex(16)}"
            stream.write(f"{name}<<{end}\n{value}\n{end}\n")


def failed(sentence: str, code: int) -> int:
    """Make a sentence an annotation of the run; return the code."""
    escaped = sentence.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    print(f"::error title=nucliactl::{escaped}", flush=True)
    return code


if __name__ == "__main__":
    sys.exit(main())
