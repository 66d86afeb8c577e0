"""GitHub's runner, as its documentation describes it, for the steps of a composite action: expressions, the files of
variables and outputs, masks, and the log that people see."""

import os
import re
import subprocess
from pathlib import Path

import yaml

_EXPRESSION = re.compile(r"\$\{\{\s*([\w.-]+)\s*\}\}")
_COMMAND = re.compile(r"::([a-z-]+)(?: [^:]*)?::(.*)")


class Runner:
    """A job. `environ`: what its steps have; `log`: what is shown of them; `masked`: what is hidden in it."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder, self.environ = folder, environ
        self.masked: list[str] = []
        self.log = ""
        self.annotations: list[str] = []

    def uses(self, action: Path, *, without: str = "", **given: str) -> tuple[int, dict[str, str]]:
        """Run an action with inputs (`kb_url` is `kb-url`); return the exit code of its last step and its outputs.
        `without`: the name of a step whose work is done already."""
        found = yaml.safe_load((action / "action.yml").read_text())
        inputs = {name: str(one.get("default", "")) for name, one in found["inputs"].items()}
        stated = {name.replace("_", "-"): value for name, value in given.items()}
        assert stated.keys() <= inputs.keys()
        context = {f"inputs.{name}": value for name, value in {**inputs, **stated}.items()}
        context |= {"github.action_path": str(action), "runner.temp": str(self.folder / "temp")}
        (self.folder / "temp").mkdir(exist_ok=True)
        for step in (one for one in found["runs"]["steps"] if one["name"] != without):
            assert step["shell"] == "bash" and "${{" not in step["run"]  # no input is ever a part of a script
            code, outputs = self.step(
                step["run"], {k: self._value(v, context) for k, v in step["env"].items()}
            )
            context |= {f"steps.{step.get('id')}.outputs.{name}": value for name, value in outputs.items()}
            if code:
                break
        return code, {n: self._value(one["value"], context) for n, one in found["outputs"].items()}

    def step(self, script: str, variables: dict[str, str]) -> tuple[int, dict[str, str]]:
        """Run a script as `shell: bash` does; return its exit code and outputs."""
        self._print("env:\n" + "".join(f"  {name}: {value}\n" for name, value in variables.items()))
        files = {name: self.folder / f"{name}.txt" for name in ("GITHUB_ENV", "GITHUB_OUTPUT", "GITHUB_PATH")}
        for file in files.values():
            file.write_text("")
        (self.folder / "step.sh").write_text(script)
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", self.folder / "step.sh"],
            env={**self.environ, **variables, **{name: str(file) for name, file in files.items()}},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        for line in done.stdout.decode().splitlines():
            self._line(line)
        self.environ |= self._file(files["GITHUB_ENV"])
        for folder in files["GITHUB_PATH"].read_text().splitlines():
            self.environ["PATH"] = f"{folder}{os.pathsep}{self.environ['PATH']}"
        return done.returncode, self._file(files["GITHUB_OUTPUT"])

    def _line(self, line: str) -> None:
        command = _COMMAND.fullmatch(line)
        if command is None:
            self._print(line + "\n")
            return
        value = command[2].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
        if command[1] == "add-mask":
            assert value.strip(), "the runner warns of an empty mask"
            self.masked += [value, *filter(None, re.split(r"[\r\n]+", value))]
        else:
            self.annotations.append(value)
            self._print(f"{command[1]}: {value}\n")

    def _print(self, text: str) -> None:
        for secret in self.masked:
            text = text.replace(secret, "***")
        self.log += text

    @staticmethod
    def _value(text: str, context: dict[str, str]) -> str:
        return _EXPRESSION.sub(lambda found: context.get(found[1], ""), str(text))

    @staticmethod
    def _file(path: Path) -> dict[str, str]:
        """Read `NAME=VALUE` and `NAME<<END … END`."""
        found: dict[str, str] = {}
        lines = iter(path.read_bytes().decode().split("\n"))
        for line in lines:
            name, _, end = line.partition("<<")
            if not line:
                continue
            if "=" in name or not end:
                name, _, found[name] = line.partition("=")
                continue
            value: list[str] = []
            while (line := next(lines)) != end:  # StopIteration: nothing ends it
                value.append(line)
            found[name] = "\n".join(value)
        return found
