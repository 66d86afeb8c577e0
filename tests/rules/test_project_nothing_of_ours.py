"""A `.env` that has nothing of ours stops nothing; one that has is named with its line."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from support import COMMAND, Home

DEFINITION = 'kind = "kb"\nurl = "https://z.dp.progress.cloud/api/v1/kb/{0}"\napi_key = "{0}-key"\n'
PEM = "-----BEGIN KEY-----\nMIIEpAIB+/abc\n-----END PRIVATE KEY-----\n"
SCRIPT = 'if [ -z "$A" ]; then\n  export A=1\nfi\n'

NOT_OURS: dict[str, bytes] = {
    "UTF-16": "A=1\n".encode("utf-16"),
    "UTF-16 without a mark": "A=1\n".encode("utf-16-be"),
    "latin-1": b"# caf\xe9\nA=\xe9\n",
    "2 MB": b'CERT="' + b"a" * 2_000_000 + b'"\n',
    "an unquoted PEM": b"PEM=" + PEM.encode(),
    "a shell script": SCRIPT.encode(),
    "a comment that mentions us": b"# NUCLIA_PROFILE=acme\nA='\n",
    "a value that mentions us": b"A=NUCLIA_PROFILE=acme\nMY_NUCLIA_PROFILE=acme\nB='",
    "names that only begin as ours": b"NUCLIA_PROFILES=acme\nNUCLIA_PROFILE2=x\nnuclia_profile=y\nC='",
    "ours, empty": b"# \xe9\nNUCLIA_PROFILE=\nNUCLIA_API_KEY=\n",
    "binary": bytes(range(256)) * 8,
    "settings of the tool": b"NUCLIACTL_TIMEOUT=never\nNUCLIACTL_PROJECT=x\nNUCLIA_CONFIG_DIR=x\nA='",
}
OURS_ALL_THE_SAME: dict[str, bytes] = {
    "an unquoted PEM before": b"PEM=" + PEM.encode() + b"NUCLIA_PROFILE=acme\n",
    "an unquoted PEM behind": b"NUCLIA_PROFILE=acme\nPEM=" + PEM.encode(),
    "a shell script": SCRIPT.encode() + b"export NUCLIA_PROFILE=acme\n",
    "a line that is not closed, elsewhere": b"A='x\nNUCLIA_PROFILE=acme\n",
    "Windows lines and a mark": b"\xef\xbb\xbfNUCLIA_PROFILE=acme\r\nA=1\r\n",
    "a quoted name": b"  export 'NUCLIA_PROFILE' = acme # c\n",
}
UNUSABLE: dict[str, tuple[bytes, int, str]] = {
    "begins with ours": (b"A=1\nNUCLIA_PROFILE='acme\nB=1\n", 7, ".env, line 2"),
    "swallows ours": (b'A="x\nNUCLIA_PROFILE=acme\nB="y\n', 7, ".env, line 1"),
    "ours as in YAML": (b"A=1\nNUCLIA_PROFILE: acme\n", 7, ".env, line 2"),
    "UTF-16": ("A=1\nNUCLIA_PROFILE=acme\n".encode("utf-16"), 7, "UTF-16"),
    "UTF-16 without a mark": ("NUCLIA_PROFILE=acme\n".encode("utf-16-le"), 7, "UTF-16"),
    "latin-1": (b"NUCLIA_PROFILE=acme\nA=caf\xe9\n", 7, "line 2, is not UTF-8"),
    "2 MB": (b"NUCLIA_PROFILE=acme\nA=" + b"a" * 2_000_000, 7, "larger than 1024 KiB"),
    "2 MB, ours at the end": (b"A=" + b"a" * 2_000_000 + b"\nNUCLIA_PROFILE=acme\n", 7, "larger than"),
}


@pytest.fixture
def repo(home: Home) -> Home:
    for name in ("acme", "globex"):
        home.define(name, DEFINITION.format(name))
    home.run("use", "globex")
    (home.work / ".git").mkdir()
    return home


def test_a_file_without_a_variable_of_ours_stops_nothing_and_costs_no_parser(repo: Home) -> None:
    path = repo.work / ".env"
    for what, data in NOT_OURS.items():
        path.write_bytes(data)
        path.chmod(0o666)
        result = repo.program(sys.executable, "-X", "importtime", COMMAND, "current")
        assert result.out == "globex\n", (what, result.err)
        assert what == "ours, empty" or "dotenv.parser" not in result.err, what
        said = [line for line in result.err.splitlines() if line.startswith("nucliactl: ")]
        assert all("is set but not read" in line for line in said), (what, said)  # a name one letter off


def test_lines_of_others_do_not_keep_ours_from_being_read(repo: Home) -> None:
    for what, data in OURS_ALL_THE_SAME.items():
        (repo.work / ".env").write_bytes(data)
        assert repo.run("current").out == "acme\n", what


def test_what_says_something_to_us_and_cannot_be_read_is_an_error_of_those_who_use_it(repo: Home) -> None:
    for what, (data, code, said) in UNUSABLE.items():
        (repo.work / ".env").write_bytes(data)
        result = repo.run("current")
        assert (result.code, result.out) == (code, "") and said in result.err, (what, result)
    assert repo.run("list", "-o", "name").code == 0 and repo.run("use", "acme").code == 0
    (repo.work / ".env").write_bytes(b"NUCLIA_PROFILE=acme\n")
    (repo.work / ".nuclia-profile").write_text("a\nb\n")
    assert repo.run("current").out == "acme\n"  # the pin is not asked


def test_a_zero_byte_is_told_with_its_line(repo: Home) -> None:
    (repo.work / ".env").write_bytes(b"A=1\nNUCLIA_PROFILE=ac\0me\n")
    result = repo.run("current")
    assert result.code == 7 and ".env, line 2, holds a zero byte" in result.err


def test_a_quote_that_swallows_a_whole_line_of_ours_is_said(repo: Home) -> None:
    (repo.work / ".env").write_text('A="x\nNUCLIA_PROFILE=acme\n"\n')
    result = repo.run("current")
    assert (
        result.out == "globex\n"
        and f"{repo.work}/.env:1: the value of A runs on over NUCLIA_PROFILE" in result.err
    )


def test_an_env_file_is_given_and_therefore_read_strictly(repo: Home) -> None:
    path = repo.path / "given.env"
    for data in (b"NUCLIA_PROFILE=acme\nA='\n", "A=1\n".encode("utf-16"), b"NUCLIA_PROFILE=acme\n# \xe9\n"):
        path.write_bytes(data)
        assert repo.run("current", "--env-file", str(path)).code == 7, data
    path.write_bytes(b"NUCLIA_PROFILE=acme\n")
    path.chmod(0o666)
    assert repo.run("current", "--env-file", str(path)).code == 6
    for no_file in ("", "/dev/null", str(repo.path), "gone"):
        result = repo.run("current", "--env-file", no_file)
        assert result.code == 2 and "--env-file" in result.err and "Move it away" not in result.err, no_file


def test_a_relative_path_in_a_working_directory_that_is_gone_is_told(repo: Home) -> None:
    for flag in ("--env-file", "--config-dir"):
        script = f"mkdir gone; cd gone; rmdir ../gone; exec nucliactl current {flag} there"
        result = repo.program("sh", "-c", script)
        assert result.code == 2 and "the working directory is gone" in result.err, flag


def test_what_is_no_file_offers_nothing(repo: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    path = repo.work / ".env"
    makers = {
        "directory": path.mkdir,
        "dangling link": lambda: path.symlink_to("nowhere"),
        "link out of the project": lambda: path.symlink_to("/nowhere/at/all"),
        "loop": lambda: path.symlink_to(".env"),
        "pipe": lambda: os.mkfifo(path),
        "device": lambda: path.symlink_to("/dev/zero"),
        "directory elsewhere": lambda: path.symlink_to("/etc"),
        "foreign file without ours": lambda: path.symlink_to("/etc/passwd"),
    }
    for what, make in makers.items():
        make()
        assert repo.run("current").out == "globex\n", what
        path.rmdir() if what == "directory" else path.unlink()
    with socket.socket(socket.AF_UNIX) as listening:
        monkeypatch.chdir(repo.work)  # a path of at most 108 bytes
        listening.bind(".env")
        assert repo.run("current").out == "globex\n"
    path.unlink()


@pytest.mark.parametrize("name", [".env", ".nuclia-profile"])
def test_a_pipe_is_not_opened_and_what_waits_in_it_stays_its_readers(repo: Home, name: str) -> None:
    os.mkfifo(repo.work / name)
    pipe = os.open(repo.work / name, os.O_RDWR)
    os.write(pipe, b"NUCLIA_PROFILE=acme\n")
    result = repo.run("current")
    assert result.out == "globex\n" and "is skipped: it is not a regular file" in result.err
    assert os.read(pipe, 100) == b"NUCLIA_PROFILE=acme\n"
    os.close(pipe)


def test_an_empty_pin_offers_nothing_and_a_pin_out_of_reach_is_refused(repo: Home) -> None:
    pin = repo.work / ".nuclia-profile"
    for text in ("", "\n\n", "# acme\n"):
        pin.write_text(text)
        result = repo.run("current")
        assert result.out == "globex\n" and "names no profile" in result.err
    pin.unlink()
    for nowhere in ("/nowhere/at/all", "nowhere", ".nuclia-profile"):
        pin.symlink_to(nowhere)
        assert repo.run("current").code == 6, nowhere
        assert repo.run("prompt").out == "!\n" and repo.run("current", "--no-project").out == "globex\n"
        pin.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")
def test_a_file_that_may_not_be_opened_is_nothing_and_such_a_pin_is_refused() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        subprocess.run(["/usr/bin/python3", "-m", "venv", str(root / "v")], check=True)
        site = next((root / "v/lib").glob("python3*/site-packages"))
        import dotenv

        import nucliactl

        for package in (nucliactl, dotenv):
            shutil.copytree(Path(str(package.__file__)).parent, site / package.__name__)
        work = root / "home/work"
        (work / ".git").mkdir(parents=True)
        profiles = root / "home/.config/nucliactl/profiles"
        profiles.mkdir(parents=True)
        for name in ("acme", "globex"):
            (profiles / f"{name}.toml").write_text(DEFINITION.format(name))
        (profiles.parent / "active.json").write_text(
            '{"version": 1, "current": "globex", "previous": null, "last": {}}'
        )
        subprocess.run(["chown", "-R", "1000:1000", str(root / "home")], check=True)

        def current() -> tuple[int, str, str]:
            words = ["setpriv", "--reuid=1000", "--regid=1000", "--clear-groups", str(root / "v/bin/python")]
            done = subprocess.run(
                [*words, "-m", "nucliactl", "current"], cwd=work, capture_output=True, text=True, check=False,
                env={"HOME": str(root / "home"), "PATH": "/usr/bin:/bin"},
            )  # fmt: skip
            return done.returncode, done.stdout, done.stderr

        for owner in (1000, 1001, 0):
            (work / ".env").write_text("NUCLIA_PROFILE=acme\n")
            (work / ".env").chmod(0)
            os.chown(work / ".env", owner, owner)
            code, out, err = current()
            assert (code, out) == (0, "globex\n") and f"{work}/.env is skipped" in err
        (work / ".env").chmod(0o644)
        assert current()[1] == "acme\n"  # root's own
        (work / ".env").rename(work / ".nuclia-profile")
        (work / ".nuclia-profile").write_text("acme\n")
        assert current()[1] == "acme\n"
        (work / ".nuclia-profile").chmod(0)
        code, out, err = current()
        assert (code, out) == (6, "") and "--no-project" in err
