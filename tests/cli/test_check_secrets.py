"""`nucliactl check-secrets` on real files; what is found is told by place and kind, and never shown."""

import os
import socket
from pathlib import Path

import pytest
from support import Home, Terminal

from nucliactl.errors import NucliactlError
from nucliactl.leaks.files import files_below
from nucliactl.sandbox.keys import api_key, opaque

KEY, NUA = api_key("https://z.dp.progress.cloud", "c"), api_key("https://z.dp.progress.cloud", "c", kid=None)
TOKEN = "3f9ac2" + opaque()[6:]


def parts(text: str) -> list[str]:
    return [text[i : i + 12] for key in (KEY, NUA, TOKEN) for i in range(0, len(key), 12)]


def test_the_place_and_the_kind_are_told_and_never_the_key(home: Home) -> None:
    (home.work / "a.env").write_text(f"# x\nNUCLIA_API_KEY={KEY}\nNUA={NUA}; NUCLIA_PERSONAL_TOKEN={TOKEN}\n")
    (home.work / "b.txt").write_text("nothing\n")
    shown = home.run("check-secrets", "a.env", "b.txt")
    lines = [line.rpartition(", sha256:")[0] for line in shown.out.splitlines()]
    assert shown.code == 1 and lines == [
        "a.env:2: API key of a Knowledge Box or an agent",
        "a.env:3: NUA key",
        "a.env:3: personal access token or token of a user",
    ]
    assert "There are 3 keys of Nuclia in 1 of 2 files." in shown.err
    asjson = home.run("check_secrets", "-o", "json", "a.env", "b.txt")
    assert [(row["file"], row["line"], row["kind"]) for row in asjson.json] == [
        ("a.env", 2, "kb"),
        ("a.env", 3, "nua"),
        ("a.env", 3, "personal-token"),
    ]
    names = home.run("check-secrets", "-o", "name", "a.env", "b.txt")
    assert names.out == "a.env\n"
    for result in (shown, asjson, names, home.run("-v", "check-secrets", "a.env")):
        assert not any(piece in result.out + result.err for piece in parts(KEY))


def test_without_a_key_it_says_so_and_ends_with_0(home: Home) -> None:
    (home.work / "b.txt").write_text("NUCLIA_API_KEY=put-the-api-key-here\n")
    done = home.run("check-secrets", "b.txt")
    assert (done.code, done.out, done.err) == (0, "", "nucliactl: no keys in 1 file\n")
    assert home.run("check-secrets").code == 2


def test_what_may_stay_is_listed(home: Home) -> None:
    (home.work / "docs").mkdir()
    (home.work / "docs/a.md").write_text(KEY)
    (home.work / "b.txt").write_text(NUA)
    [key] = home.run("check-secrets", "-o", "json", "b.txt").json
    (home.work / ".nucliactl-allow").write_text(f"docs/*\n{key['fingerprint']}  # made up\n")
    assert home.run("check-secrets", "b.txt", str(home.work / "docs/a.md"), "docs").code == 0
    (home.work / "other").write_text("sha256:1\n")
    refused = home.run("check-secrets", "--allow", "other", "b.txt")
    assert refused.code == 2 and "other:1" in refused.err
    assert home.run("check-secrets", "--allow", "missing", "b.txt").code == 1
    assert home.run("check-secrets", "--allow", "", "b.txt").code == 2
    (home.work / ".nucliactl-allow").write_text("")
    assert home.run("check-secrets", "b.txt", "docs/a.md").code == 1


def test_a_directory_is_looked_through_but_for_git_and_links(home: Home) -> None:
    (home.work / "d/.git").mkdir(parents=True)
    for name in ("d/.git/config", "d/a", "outside"):
        (home.work / name).write_text(KEY)
    (home.work / "d/link").symlink_to(home.work / "outside")
    os.mkfifo(home.work / "d/fifo")
    assert home.run("check-secrets", "d", "-o", "name").out == "d/a\n"
    assert home.run("check-secrets", "d/link", "-o", "name").out == "d/link\n"


def test_standard_input_and_bytes_that_are_no_text(home: Home) -> None:
    found = home.run("check-secrets", "-", stdin=f"\n+NUCLIA_API_KEY={KEY}\n")
    assert found.code == 1 and found.out.startswith("(standard input):2: API key")
    (home.work / "x.bin").write_bytes(b"\0\xff\xfe\n" * 9 + KEY.encode() + b"\xc3\n\0")
    assert home.run("check-secrets", "x.bin").out.startswith("x.bin:10: API key")


def test_what_cannot_be_looked_into_is_told_and_the_rest_is(home: Home) -> None:
    os.mkfifo(home.work / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(home.work / "sock"))
        (home.work / "dangling").symlink_to("nowhere")
        (home.work / "loop").symlink_to("loop")
        (home.work / "a").write_text(KEY)
        names = ("fifo", "sock", "dangling", "loop", "gone", "/dev/zero")
        done = home.run("check-secrets", *names, "a")
    assert done.code == 1 and done.out.startswith("a:1: API key") and len(done.out.splitlines()) == 1
    assert all(f"not checked: {name} " in done.err for name in names)
    assert home.run("check-secrets", "fifo").code == 1


@pytest.mark.parametrize("words", [(KEY,), (f"NUCLIA_API_KEY={KEY}",), ("--allow", NUA, "b.txt")])
def test_a_key_in_place_of_a_file_is_not_shown(home: Home, words: tuple[str, ...]) -> None:
    done = home.run("check-secrets", *words)
    assert done.code == 2 and done.err.endswith(": nucliactl check-secrets -\n")
    assert not any(piece in done.err for piece in parts("") if len(piece) == 12)


def test_what_cannot_be_looked_into_has_a_next_step(home: Home) -> None:
    def told(line: str) -> tuple[int, str]:
        done = home.program("bash", "-c", f"nucliactl check-secrets {line}")
        return done.code, done.err.splitlines()[-1].strip()

    assert told("- <&-") == (1, "Put a file or a pipe there: nucliactl check-secrets - < FILE")
    assert told("- < /dev/null") == (0, "nucliactl: no keys in 1 file")
    over = "Hand what it says over on standard input: nucliactl check-secrets -"
    assert told(f"<(echo {KEY})") == (1, over)
    assert told("gone") == (1, "Correct its name, or leave it out.")
    assert told("/proc/self/mem") == (1, "See who may read it: ls -ld /proc/self/mem")


def test_an_unknown_option_is_one_and_a_file_may_be_called_so(home: Home) -> None:
    for word in ("-z", "--zeal"):
        unknown = home.run("check-secrets", word)
        assert (unknown.code, unknown.err.splitlines()[0]) == (2, f"nucliactl: There is no {word} here.")
        (home.work / word).write_text(KEY)
        called = home.run("check-secrets", word).err.splitlines()[1].strip()
        assert called == f"A file that is called so: nucliactl check-secrets -- {word}"
        assert home.run("check-secrets", "--", word).out.startswith(f"{word}:1: API key")
    assert home.run("list", "-z").err.splitlines()[1] == "  See: nucliactl list --help"


def test_an_unreadable_file_is_told(home: Home) -> None:
    """A file of the kernel's that root may open and nobody can read from its beginning."""
    done = home.run("check-secrets", "/proc/self/mem")
    assert done.code == 1 and "not checked: /proc/self/mem cannot be read" in done.err


def test_a_directory_that_cannot_be_listed_hides_no_other(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("d/a", "d/b", "d/c"):
        (home.work / name).mkdir(parents=True)
    (home.work / "d/c/key").write_text(KEY)
    monkeypatch.chdir(home.work)
    real = os.scandir

    def scandir(path: str) -> object:
        if path == os.path.join("d", "b"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    told: list[NucliactlError] = []
    assert list(files_below("d", told.append)) == [os.path.join("d", "c", "key")]
    assert [error.message for error in told] == [
        f"{os.path.join('d', 'b')} cannot be read: Permission denied."
    ]


def test_a_name_that_is_no_text_is_escaped_and_a_bad_store_stops_nothing(home: Home) -> None:
    home.store.mkdir()
    (home.store / "config.toml").write_text("broken [")
    (home.work / "d").mkdir()
    Path(os.fsdecode(os.fsencode(home.work / "d") + b"/\xff\x1b[31m\n")).write_text(KEY)
    done = home.run("check-secrets", "d")
    assert done.code == 1 and done.out.startswith("d/\\udcff\\x1b[31m\\n:1: API key")
    assert home.run("check-secrets", "d", "-o", "json").json[0]["line"] == 1


def test_on_a_terminal_nothing_is_cut(home: Home) -> None:
    name = "a" * 120
    (home.work / name).write_text(KEY)
    terminal = Terminal(home, "check-secrets", name, columns=40)
    assert terminal.close() == 1 and f"{name}:1: API key" in terminal.seen.replace("\r\n", "")
