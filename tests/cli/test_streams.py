"""What goes on stderr is for people: where it cannot be said, everything is done all the same."""

import shlex

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
