"""What goes on stderr is for people: where it cannot be said, everything is done all the same."""

import shlex
import sys

import pytest
from support import COMMAND, Home

KB = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48-0000-4000-8000-0000000000aa"


def deaf(home: Home, how: str, *words: str) -> tuple[int, str]:
    """Run the command with a stderr that takes nothing."""
    redirected = {"full": "2>/dev/full", "gone": "2>&3 3>&-", "closed": "2>&-"}[how]
    script = f"{shlex.join([COMMAND, *words])} {redirected}"
    if how == "gone":  # a pipe whose reader has ended
        script = f"exec 3> >(:); wait $!; {script}"
    found = home.program("bash", "-c", script)
    return found.code, found.out


@pytest.mark.parametrize("how", ["full", "gone", "closed"])
def test_words_that_cannot_be_said_stop_nothing(home: Home, how: str) -> None:
    home.define("acme", f'kind = "kb"\nurl = "{KB}"\napi_key = "key-a"\n')
    (home.work / ".env").write_text("NUCLIA_PROFILE=acme\n")  # whose choice is said on stderr
    assert deaf(home, how, "auth", "token") == (0, "key-a\n")
    assert deaf(home, how, "current") == (0, "acme\n")
    assert deaf(home, how, "auth", "kb", KB, "key-b", "--no-validate", "--name", "new") == (0, "")
    assert home.run("auth", "token", "--profile", "new").out == "key-b\n"
    assert deaf(home, how, "use", "new") == (0, "")
    assert home.run("current", "--no-project").out == "new\n"
    assert deaf(home, how, "use", "nobody") == (3, "")
    assert deaf(home, how, "use", "nobody", "-o", "json") == (3, "")
    assert deaf(home, how, "bogus") == (2, "")


@pytest.mark.parametrize("words", ["list -o json", "list", "current", "current -o json", "version"])
@pytest.mark.parametrize("unbuffered", ["", "1"])  # as in most container images
def test_a_full_disk_is_said_whenever_it_is_noticed(home: Home, words: str, unbuffered: str) -> None:
    for number in range(80):  # more than a buffer holds
        home.define(f"acme-{number}", f'kind = "kb"\nurl = "{KB}"\ndescription = "{"long " * 30}"\n')
    found = home.program(
        "sh", "-c", f"{COMMAND} {words} > /dev/full", NUCLIA_PROFILE="acme-1", PYTHONUNBUFFERED=unbuffered
    )
    assert found.code == 1 and "Standard output cannot be written" in found.err and "Make room" in found.err


def test_a_full_disk_is_said_of_the_file_that_an_editor_is_to_be_given(home: Home) -> None:
    home.define("acme", f'kind = "kb"\nurl = "{KB}"\ndescription = "{"long " * 300}"\n')
    code = (
        "import os, resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)); "
        "os.execv(sys.argv[1], sys.argv[1:])"
    )
    found = home.program(sys.executable, "-c", code, COMMAND, "profile", "edit", "acme", EDITOR="true")
    assert found.code == 1 and "acme.toml cannot be written: File too large" in found.err
