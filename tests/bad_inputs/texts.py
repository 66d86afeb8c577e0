"""A: what stands in files of configuration and credentials (1-21)."""

import os

from hostile import test_bounds as bounds
from support import COMMAND

from .world import CANARY, KB, KEPT, LOCAL, World, case


def damaged(w: World, data: str | bytes, *says: str) -> None:
    """A definition that is damaged: it is said with what is wrong, and hurts only itself."""
    w.profile(data)
    w.profile(LOCAL, "other")
    result = w.refuses(7, "p.toml", "auth", "token", "--profile", "p")
    assert all(word in result.err for word in says), result
    assert "other" in w.ok("list").out
    w.ok("use", "other")


@case(1)
def a_missing_file(w: World) -> None:
    for words in (["list"], ["explain"], ["list", "-o", "json"], ["explain", "--profile", "p"]):
        w.run(*words)
        assert not w.store.exists()


@case(2)
def an_empty_file(w: World) -> None:
    w.profile()
    w.write("config.toml", "")
    assert w.token("--profile", "p") == CANARY
    damaged(w, "", "kind")


@case(3)
def blanks_and_comments(w: World) -> None:
    w.profile("# mine\n\n" + KEPT + "  \n# end")
    w.write("config.toml", " \n\t\n# nothing yet\n")
    assert w.token("--profile", "p") == CANARY


@case(4)
def an_unterminated_string(w: World) -> None:
    damaged(w, KEPT + 'description = "no end\n', "line 4")


@case(5)
def a_byte_order_mark(w: World) -> None:
    w.profile(b"\xef\xbb\xbf" + KEPT.encode())
    w.write("config.toml", b"\xef\xbb\xbftimeout = 5\n")
    assert w.token("--profile", "p") == CANARY


@case(6)
def utf_16(w: World) -> None:
    damaged(w, KEPT.encode("utf-16"), "UTF-8")


@case(7)
def crlf(w: World) -> None:
    path = w.profile(KEPT.replace("\n", "\r\n"))
    assert w.token("--profile", "p") == CANARY
    w.ok("profile", "set", "p", "account=acme")
    assert path.read_bytes().count(b"\r\n") >= 3 and b"acme" in path.read_bytes()


@case(8)
def a_bare_carriage_return(w: World) -> None:
    damaged(w, KEPT.replace("\n", "\r", 1), "line 1")


@case(9)
def a_nul_byte(w: World) -> None:
    damaged(w, KEPT + "x = '\0'\n", "line 4")


@case(10)
def invalid_utf_8(w: World) -> None:
    damaged(w, KEPT.encode() + b"x = '\xff'\n", "UTF-8")


@case(11)
def a_hundred_megabytes(w: World) -> None:
    path = w.profile()
    os.truncate(path, 100 * 1024 * 1024)
    size, said = bounds.measured(w.home, COMMAND, "auth", "token", "--profile", "p")
    assert size < 50 * bounds.MEGABYTE and "larger than 1024 KiB" in said, said


@case(12)
def ten_thousand_profiles(w: World) -> None:
    folder = w.profile(LOCAL, "p0").parent
    for number in range(1, 10_000):
        (folder / f"p{number}.toml").write_text(LOCAL)
    assert len(w.ok("list", "-o", "name").out.splitlines()) == 10_000
    assert w.ok("use", "p9999").code == 0


@case(13)
def a_key_twice(w: World) -> None:
    damaged(w, KEPT + 'kind = "kb"\n', "line 4")


@case(14)
def a_table_twice(w: World) -> None:
    damaged(w, KEPT + "[x]\na = 1\n[x]\nb = 1\n", "line 6")


@case(15)
def five_thousand_deep(w: World) -> None:
    damaged(w, KEPT + "x = " + "[" * 5000 + "]" * 5000 + "\n")


@case(16)
def a_number_of_five_thousand_digits(w: World) -> None:
    damaged(w, KEPT + "x = " + "9" * 5000 + "\n")


@case(17)
def a_wrong_type(w: World) -> None:
    damaged(w, f'kind = "kb"\nurl = 3\napi_key = "{CANARY}"\n', "url", "string")
    damaged(w, f'kind = "kb"\nurl = "{KB}"\napi_key = ["{CANARY}"]\n', "api_key", "string")
    w.write("config.toml", "timeout = []\n")
    w.refuses(7, "timeout", "api", "/", "--profile", "other")


@case(18)
def an_unknown_key(w: World) -> None:
    path = w.profile(KEPT + 'acount = "acme"\n')
    w.ok("list", says="did you mean 'account'? (line 4)")
    w.ok("profile", "set", "p", "description=d")
    assert 'acount = "acme"' in path.read_text()


@case(19)
def a_newer_version(w: World) -> None:
    w.profile(LOCAL)
    path = w.write("active.json", '{"version": 2, "current": "p", "previous": null, "last": {}, "new": 1}')
    w.refuses(7, str(path), "use", "p")
    assert w.ok("list", "-o", "name").out == "p\n"


@case(20)
def a_dotted_name_without_quotes(w: World) -> None:
    w.profile(KEPT, "a.b")
    assert w.token("--profile", "a.b") == CANARY
    w.profile(KEPT + "[profiles.a.b]\nx = 1\n")
    w.ok("list", says="unknown key 'profiles'")


@case(21)
def an_empty_name(w: World) -> None:
    w.profile(KEPT, "")
    w.profile(KEPT + '"" = 1\n')
    assert "p" in w.ok("list").out
    w.refuses(2, "name", "auth", "nucliadb", "http://localhost:1", "--no-validate", "--name", "")
