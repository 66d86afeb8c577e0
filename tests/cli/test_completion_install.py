"""`completion install`: real shells find what it writes, and people's start files are theirs again afterwards."""

import json
import os
import shutil
from pathlib import Path

import pytest
from support import COMMAND, Home, Result, Terminal, installed, missing

pytestmark = pytest.mark.once
needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, ("setpriv", "unshare"))),
    reason="needs root, setpriv and unshare",
)

BLOCK = (
    "# >>> nucliactl completion >>>\n"
    "# Written by nucliactl; to take it out: nucliactl completion install zsh --uninstall\n"
    'if (( ${+commands[nucliactl]} )); then eval "$(nucliactl completion zsh)"; fi\n'
    "# <<< nucliactl completion <<<\n"
)
PLACES = {
    "bash": ".local/share/bash-completion/completions/nucliactl",
    "fish": ".config/fish/completions/nucliactl.fish",
    "zsh": ".zshrc",
}


@pytest.mark.parametrize("shell", PLACES)
def test_a_new_shell_completes_after_it_and_not_after_uninstall(home: Home, shell: str) -> None:
    program = installed(shell)
    home.define("production", 'kind = "nucliadb"\nurl = "http://localhost:1"\n')
    if shell == "zsh":
        (home.path / ".zshrc").write_text("autoload -Uz compinit && compinit -u -D\n")
    if shell == "bash":
        lazy = Path("/usr/share/bash-completion/bash_completion")
        if not lazy.exists():
            missing("bash-completion is not installed")
        (home.path / ".bashrc").write_text(f"PS1='ready> '\n. {lazy}\n")
    said = home.run("completion", "install", shell, "-o", "json")
    assert said.json == {"shell": shell, "path": str(home.path / PLACES[shell]), "changed": True}
    assert f"a new {shell} has it; in this one type: exec {shell}" in said.err
    assert home.run("completion", "install", shell, "-o", "json").json["changed"] is False
    home.environ |= {"TERM": "xterm", "HISTFILE": "/dev/null"}
    terminal = Terminal(home, "-i", program=program)
    terminal.type("echo begun-$$ok\n" if shell != "fish" else "echo begun-(echo 1)\n")
    terminal.expect("begun-1" if shell == "fish" else "begun-")
    terminal.seen = ""
    terminal.type("nucliactl use prod\t")
    terminal.expect("production")
    terminal.type("\nexit\n")
    terminal.close()
    assert home.run("completion", "install", shell, "--uninstall", "-o", "json").json["changed"] is True
    assert home.run("completion", "install", shell, "--uninstall", "-o", "json").json["changed"] is False
    left = {"zsh": [home.path / ".zshrc"]}.get(shell, [])
    assert [path for path in [home.path / PLACES[shell]] if path.exists()] == left


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"setopt nobeep\n",
        b"setopt nobeep",
        b"setopt nobeep\r\nalias l=ls\r\n",
        b"alias l=ls\r\n# no end",
        b"# latin-1: caf\xe9\n\x00\n",
        b"\n\n",
    ],
)
def test_a_start_file_comes_back_to_the_byte(home: Home, text: bytes) -> None:
    file = home.path / ".zshrc"
    file.write_bytes(text)
    file.chmod(0o640)
    assert home.run("completion", "install", "zsh").code == 0
    written = file.read_bytes()
    assert written.startswith(text) and written.count(b">>> nucliactl") == 1
    assert file.stat().st_mode & 0o777 == 0o640
    assert home.run("completion", "install", "zsh").code == 0
    assert file.read_bytes() == written
    file.write_bytes(b"# above\n" + written)
    assert home.run("completion", "install", "zsh", "--uninstall").code == 0
    assert file.read_bytes() == b"# above\n" + text
    assert sorted(path.name for path in home.path.iterdir()) == [".zshrc", "work"]


def test_what_is_added_later_stays(home: Home) -> None:
    file = home.path / ".zshrc"
    file.write_text("one")
    home.run("completion", "install", "zsh")
    with file.open("a") as more:
        more.write("two\n")
    home.run("completion", "install", "zsh")
    home.run("completion", "install", "zsh", "--uninstall")
    assert file.read_text() == "one\ntwo\n"
    file.unlink()
    home.run("completion", "install", "zsh")
    with file.open("a") as more:
        more.write("mine\n")
    home.run("completion", "install", "zsh", "--uninstall")
    assert file.read_text() == "mine\n"
    file.unlink()
    home.run("completion", "install", "zsh")
    home.run("completion", "install", "zsh", "--uninstall")
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (BLOCK.splitlines()[0] + "\nalias l=ls\n", "line 1"),
        ("alias l=ls\n" + BLOCK.splitlines()[-1] + "\n", "line 2"),
        (BLOCK + "alias l=ls\n" + BLOCK, "line 1, 4, 6, 9"),
        (BLOCK.replace("if ((", "alias l=ls\nif (("), "Line 3"),
    ],
)
def test_a_block_that_is_not_whole_is_left_alone(home: Home, text: str, line: str) -> None:
    file = home.path / ".zshrc"
    file.write_text(text)
    for more in ([], ["--uninstall"]):
        refused = home.run("completion", "install", "zsh", *more)
        assert refused.code == 7 and line in refused.err and len(refused.err.splitlines()) == 2, refused.err
        assert (
            home.program("sh", "-c", refused.err.splitlines()[1].rpartition(": ")[2], EDITOR="true").code == 0
        )
    assert file.read_text() == text


def test_links_stay_links_and_a_dangling_one_is_said(home: Home) -> None:
    dotfiles = home.path / "dotfiles"
    dotfiles.mkdir()
    (dotfiles / "zshrc").write_text("setopt nobeep\n")
    (home.path / ".zshrc").symlink_to("dotfiles/zshrc")
    said = home.run("completion", "install", "zsh")
    assert f"a link: {dotfiles}/zshrc was written" in said.err
    assert os.readlink(home.path / ".zshrc") == "dotfiles/zshrc"
    assert (dotfiles / "zshrc").read_text() == "setopt nobeep\n" + BLOCK
    home.run("completion", "install", "zsh", "--uninstall")
    assert (dotfiles / "zshrc").read_text() == "setopt nobeep\n" and (home.path / ".zshrc").is_symlink()
    (dotfiles / "zshrc").unlink()
    dangling = home.run("completion", "install", "zsh")
    assert dangling.code == 1 and "leads nowhere" in dangling.err
    assert list(dotfiles.iterdir()) == []


def test_what_is_no_file_is_left_and_said(home: Home) -> None:
    (home.path / ".zshrc").mkdir()
    os.mkfifo(home.path / ".zfifo")
    (home.path / "z").mkdir()
    (home.path / "z/.zshrc").symlink_to("../.zfifo")
    for variables in ({}, {"ZDOTDIR": f"{home.path}/z"}):
        for more in ([], ["--uninstall"]):
            refused = home.run("completion", "install", "zsh", *more, **variables)
            assert refused.code == 1 and "is not a regular file" in refused.err
            assert 'eval "$(nucliactl completion zsh)"' in refused.err.splitlines()[1]


def test_the_directories_that_people_state_are_honoured(home: Home, tmp_path: Path) -> None:
    other = tmp_path / "stated"
    stated = {"ZDOTDIR": other, "XDG_DATA_HOME": other, "XDG_CONFIG_HOME": other}
    variables = {name: str(path) for name, path in stated.items()}
    paths = [
        home.run("completion", "install", shell, "-o", "json", **variables).json["path"] for shell in PLACES
    ]
    assert paths == [
        f"{other}/bash-completion/completions/nucliactl",
        f"{other}/fish/completions/nucliactl.fish",
        f"{other}/.zshrc",
    ]
    assert [path for path in PLACES.values() if (home.path / path).exists()] == []
    found = home.run(
        "completion", "install", "bash", "-o", "json", BASH_COMPLETION_USER_DIR=f"{tmp_path}/b:/c"
    )
    assert found.json["path"] == f"{tmp_path}/b/completions/nucliactl"
    relative = home.run("completion", "install", "zsh", ZDOTDIR="here")
    assert relative.code == 2 and "ZDOTDIR" in relative.err and not (home.work / "here").exists()


def test_somebody_elses_file_is_not_replaced_and_a_printed_one_is_taken_over(home: Home) -> None:
    file = home.path / PLACES["fish"]
    file.parent.mkdir(parents=True)
    file.write_text("complete --command nucliactl -f\n")
    for more in ([], ["--uninstall"]):
        refused = home.run("completion", "install", "fish", *more)
        assert refused.code == 1 and "did not write it" in refused.err
    assert file.read_text() == "complete --command nucliactl -f\n"
    home.program("sh", "-c", refused.err.splitlines()[1].partition(": ")[2])
    assert not file.exists() and home.run("completion", "install", "fish").code == 0
    file.write_text(home.run("completion", "fish").out)
    assert home.run("completion", "install", "fish").code == 0
    assert home.run("completion", "install", "fish", "--uninstall").code == 0 and not file.exists()


def test_the_shell_is_found_out(home: Home) -> None:
    found = {}
    for shell in PLACES:
        said = home.program(
            installed(shell), "-c", "nucliactl completion install -o json; true", SHELL="/bin/ksh"
        )
        found[shell] = json.loads(said.out)["shell"]
    assert found == {shell: shell for shell in PLACES}
    for wrong in (["bash", "zsh"], ["bash", "--uninstall"], ["install", "tcsh"], []):
        said = home.run("completion", *wrong)
        assert said.code == 2 and said.out == "", wrong


def as_another_uid(home: Home, *words: str) -> Result:
    """Run the command as uid 1000, in a namespace where the directories above the home are open to it."""
    open_up = "; ".join(f"chmod a+rx {path}" for path in home.path.parents if str(path) != "/")
    become = "setpriv --reuid=1000 --regid=1000 --clear-groups"
    return home.program("unshare", "-m", "sh", "-c", f'{open_up}; exec {become} "$@"', "sh", COMMAND, *words)


@needs_root
@pytest.mark.parametrize("mode", [0o555, 0o755])
def test_a_home_that_cannot_be_written_is_said(home: Home, mode: int) -> None:
    file = home.path / ".zshrc"
    file.write_text("setopt nobeep\n")
    home.path.chmod(mode)  # it is root's
    before = [(path, path.stat().st_mode) for path in home.path.parents]
    try:
        said = as_another_uid(home, "completion", "install", "zsh")
        new = as_another_uid(home, "completion", "install", "fish")
    finally:
        for path, was in before:
            path.chmod(was)
    for result, path in ((said, file), (new, home.path / PLACES["fish"])):
        assert result.code == 1 and f"{path} cannot be written" in result.err, result
        assert len(result.err.splitlines()) == 2 and "Nothing was changed. Set it up by hand" in result.err
    assert 'eval "$(nucliactl completion zsh)"' in said.err
    assert file.read_text() == "setopt nobeep\n"
    assert sorted(path.name for path in home.path.iterdir()) == [".zshrc", "work"]


@needs_root
@pytest.mark.parametrize(
    ("options", "reason"), [("size=16k", "No space left"), ("ro", "Read-only file system")]
)
def test_a_full_or_read_only_disk_loses_nothing(home: Home, options: str, reason: str) -> None:
    small = home.path / "small"
    small.mkdir()
    lines = (
        f"mount -t tmpfs -o size=16k none {small}",
        f"head -c 12000 /dev/zero | tr '\\0' '\\n' > {small}/.zshrc",
        f"mount -o remount,{options} {small}",
        f"sha256sum {small}/.zshrc",
        f"ZDOTDIR={small} {COMMAND} completion install zsh || echo code $?",
        f"sha256sum {small}/.zshrc; ls -A {small}",
    )
    said = home.program("unshare", "-m", "sh", "-ec", "\n".join(lines))
    before, code, after, *names = said.out.splitlines()
    assert (code, names) == ("code 1", [".zshrc"]) and before == after, said
    assert reason in said.err and len(said.err.splitlines()) == 2, said.err


def test_what_only_prints_names_the_command_that_was_meant(home: Home) -> None:
    assert home.run("completion", "zsh", "zsh").err.endswith(": nucliactl completion install zsh\n")
    gone = home.run("completion", "zsh", "--uninstall")
    assert gone.code == 2 and gone.err.endswith(": nucliactl completion install zsh --uninstall\n")
