"""A container: any UID, a read-only root, no HOME, nothing but variables; and nothing is written."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support import PATIENCE, REPO, Home

needs = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() != 0 or not all(map(shutil.which, ("strace", "setpriv", "unshare"))),
    reason="needs root, strace, setpriv and unshare",
)
VARIABLES = {
    "NUCLIA_KB_URL": "https://europe-1.dp.progress.cloud/api/v1/kb/abc",
    "NUCLIA_API_KEY": "container-key-0451",
}
WRITES = re.compile(
    r"open(?:at)?\([^)]*(?:O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)|"
    r"^\d+\s+(?:creat|mkdir|mkdirat|rename|renameat|renameat2|unlink|unlinkat|rmdir|link|linkat|symlink|symlinkat"
    r"|truncate|chmod|fchmodat|chown|utimensat|mknod|mknodat)\(",
    re.MULTILINE,
)


def contained(image: Path, *words: str, log: Path) -> subprocess.CompletedProcess[str]:
    """Run as UID 12345 in `env -i` on a read-only bind mount, under strace."""
    variables = " ".join(f"{name}={value}" for name, value in VARIABLES.items())
    # LD_LIBRARY_PATH is for a copied interpreter that is linked to its own shared library.
    surroundings = f'PATH="{image}:$PATH" PYTHONPATH={image}/site LD_LIBRARY_PATH={image}/lib'
    script = (
        f"mount --bind {image} {image} && mount -o remount,ro,bind {image} && cd {image} && "
        f"exec setpriv --reuid 12345 --regid 12345 --clear-groups strace -f -e trace=%file -o {log} "
        f'env -i {surroundings} {variables} "$@"'
    )
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", script, "sh", *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@needs
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["nucliactl", "current"], "env\n"),
        (["nucliactl", "current", "-o", "json"], '"kind": "kb"'),
        (["nucliactl", "explain", "-o", "json"], '"exit_code": 0'),
        (["nucliactl", "auth", "token"], "container-key-0451\n"),
        (["nucliactl", "doctor", "--offline"], "No problems were found.\n"),
        (["nucliactl", "doctor", "--offline", "--fix", "-o", "json"], '"problems": 0'),
        (["nucliactl", "list", "-o", "name"], "env\n"),
        (
            ["./python", "-c", "import nucliactl; p = nucliactl.resolve(); print(p.name, p.zone)"],
            "env europe-1\n",
        ),
        (["./python", "-c", "import nucliactl; print(nucliactl.client().base_url)"], "/api/v1/kb/abc/\n"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, list) else "",
)
def test_variables_alone_are_enough_and_nothing_is_written(
    image: Path, tmp_path: Path, words: list[str], expected: str
) -> None:
    log = tmp_path / "strace.log"
    for parent in (tmp_path, *tmp_path.parents):
        if parent.stat().st_uid == os.getuid() and str(parent) != "/":
            parent.chmod(parent.stat().st_mode | 0o011)
    log.touch()
    log.chmod(0o666)
    result = contained(image, *words, log=log)
    assert result.returncode == 0, result.stderr
    assert expected in result.stdout
    assert "execve" in log.read_text()
    written = [
        line for line in log.read_text().splitlines() if WRITES.search(line) and "/dev/null" not in line
    ]
    assert written == []


def test_reading_creates_no_store_no_lock_and_no_directory(home: Home) -> None:
    for words in (
        ["list"],
        ["current"],
        ["explain"],
        ["auth", "token"],
        ["auth", "status"],
        ["use", "x"],
        ["doctor", "--fix", "--offline"],
    ):
        home.run(*words)
    home.python("import nucliactl\ntry: nucliactl.resolve()\nexcept nucliactl.LoginNeeded: pass")
    assert not home.store.exists() or [p.name for p in home.store.rglob("*")] == ["locks", "store.lock"]
    assert sorted(p.name for p in home.path.iterdir()) in (["work"], ["store", "work"])


@pytest.mark.parametrize("value", ["", "relative", "~"])
def test_a_home_that_is_none_never_becomes_a_directory_here(home: Home, value: str) -> None:
    del home.environ["NUCLIA_CONFIG_DIR"]
    home.environ["HOME"] = value
    assert home.run("list", "-o", "json").code == 0
    assert list(home.work.iterdir()) == []


def test_a_relative_config_dir_is_a_usage_error(home: Home) -> None:
    result = home.run("list", NUCLIA_CONFIG_DIR="some/where")
    assert result.code == 2 and "absolute" in result.err
    assert list(home.work.iterdir()) == []


def test_the_package_names_no_path_of_the_machine_it_was_built_on() -> None:
    for path in (REPO / "nucliactl").rglob("*.py"):
        assert str(REPO) not in path.read_text()
