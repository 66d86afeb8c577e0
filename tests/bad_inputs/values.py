"""B: names and values (54-79)."""

import json

from contract import test_strings as strings
from hostile import test_secrets_stay_put as secrets
from support import Terminal

from .world import CANARY, ENVIRONMENT, KB, KEPT, LOCAL, World, case, nua

LOG_IN = ("auth", "nucliadb", "http://localhost:1", "--no-validate", "--name")
GIVE = ("auth", "kb", KB, "-", "--no-validate", "--name", "p")


def no_names(w: World, *names: str) -> None:
    w.profile(LOCAL)
    for name in names:
        for words in ((*LOG_IN, name), ("profile", "rename", "p", name), ("profile", "copy", "p", name)):
            assert len(w.refuses(2, "", *words).err) < 500


def kept_as(w: World, given: str, kept: str) -> None:
    w.ok(*GIVE, stdin=given)
    assert w.token("--profile", "p") == kept, ascii(given)


@case(54)
def a_name_that_is_a_path(w: World) -> None:
    no_names(w, "a/b", "a\\b", "..", ".", "/etc/passwd", "../p")


@case(55)
def a_name_that_is_an_option(w: World) -> None:
    no_names(w, "-x", "--force")
    assert w.run("use", "--", "-x").code in (2, 3)


@case(56)
def a_name_of_blanks(w: World) -> None:
    no_names(w, "", " ", "a b", "\t", "p ")


@case(57)
def a_name_of_a_thousand_letters(w: World) -> None:
    no_names(w, "a" * 1000)
    assert len(w.refuses(2, "", "current", "--profile", "a" * 1000).err) < 500


@case(58)
def a_name_that_looks_like_another(w: World) -> None:
    for name in ("\u0440rod", "caf\u00e9", "cafe\u0301", "pr\u200bod", "\u202edorp"):
        no_names(w, name)
        assert w.run(*LOG_IN, name).err.isascii()


@case(59)
def a_name_with_escapes(w: World) -> None:
    no_names(w, "a\x1b[31m", "a\nb", "a\x07")
    answer = {"uuid": "x", "slug": "s\x1b[2J", "config": {"title": "t\x1b]0;owned\x07\nforged\r"}}
    w.recorder.answer = lambda _: (200, {}, json.dumps(answer).encode())
    w.ok("auth", "kb", w.box, "-", stdin=CANARY)
    shown = w.ok("list", "-o", "wide").out + w.ok("auth", "status").out
    assert not {"\x07", "\r"} & {*shown} and "\nforged" not in shown


@case(60)
def a_reserved_name(w: World) -> None:
    for name in ("env", "dotenv", "nuclia", "none", "all"):
        w.refuses(2, "reserved", *LOG_IN, name)
    w.ok(*LOG_IN, "default")


@case(61)
def values_that_look_like_other_types(w: World) -> None:
    strings.test_a_secret_reaches_the_servers_header_byte_for_byte(
        w.home, w.recorder, strings.from_environment
    )


@case(62)
def values_with_marks_of_their_own(w: World) -> None:
    strings.test_a_secret_reaches_the_servers_header_byte_for_byte(w.home, w.recorder, strings.from_dotenv)


@case(63)
def blanks_around_a_key(w: World) -> None:
    for given in (
        f"{CANARY}\n",
        f"{CANARY}\r\n",
        f"  {CANARY} \t\n",
        f"\ufeff{CANARY}",
        f"\u00a0{CANARY}\u00a0",
    ):
        kept_as(w, given, CANARY)
    for given in (f"{CANARY}\n{CANARY}", f"{CANARY}\u00a0x"):
        w.refuses(2, "", *GIVE, stdin=given)


@case(64)
def a_key_no_header_can_carry(w: World) -> None:
    for letter in ("\0", "\x01", "\x7f", "\x1b", "\u00fc", "\u20ac"):
        w.refuses(2, "", "auth", "kb", w.box, "-", stdin=f"{CANARY}{letter}x")
    strings.test_what_a_header_cannot_carry_is_refused_in_words_without_the_value(
        w.home, w.recorder, strings.from_environment
    )


@case(65)
def a_long_key(w: World) -> None:
    for size in (4095, 4096, 16_000):
        key = "k" * size
        kept_as(w, key, key)
        assert w.token(NUCLIA_KB_URL=KB, NUCLIA_API_KEY=key) == key
        terminal = Terminal(w.home, "auth", "kb", KB, "--token", "-", "--no-validate", "--name", f"t{size}")
        terminal.expect(":")
        terminal.type(f"{key}\r")
        assert terminal.close() == 0, terminal.seen
        assert key not in terminal.seen and w.token("--profile", f"t{size}") == key


@case(66)
def a_megabyte_for_a_key(w: World) -> None:
    secrets.test_a_secret_too_long_to_be_one_is_refused(w.home)
    w.refuses(2, "", *GIVE, stdin=CANARY + "x" * 2_000_000)


@case(67)
def a_key_with_what_stood_around_it(w: World) -> None:
    for given in (
        f"Bearer {CANARY}",
        f"'{CANARY}'",
        f"NUCLIA_API_KEY={CANARY}",
        f'export NUA_KEY="Bearer {CANARY}"',
    ):
        kept_as(w, given, CANARY)
    for given in (f"Bearer {CANARY}", f'"{CANARY}"'):
        w.refuses(4, "NUCLIA_API_KEY", "auth", "token", NUCLIA_KB_URL=KB, NUCLIA_API_KEY=given)


@case(68)
def a_key_of_another_kind(w: World) -> None:
    key = nua({"iss": "https://europe-1.dp.progress.cloud", "sub": "c", "key": "c"})
    w.recorder.answer = lambda _: (401, {}, b"{}")
    said = w.run("auth", "kb", w.box, "-", stdin=key)
    assert said.code in (2, 4) and "NUA" in said.err and "auth nua" in said.err, said
    w.refuses(2, "NUA key", "auth", "nua", "-", stdin=CANARY)


@case(69)
def a_variable_set_to_nothing(w: World) -> None:
    w.profile()
    w.ok("use", "p")
    assert w.token(NUCLIA_API_KEY="", NUCLIA_KB_URL="", NUCLIA_PROFILE="") == CANARY
    w.refuses(4, "set but empty", "auth", "token", NUCLIA_KB_URL=KB, NUCLIA_API_KEY="")


@case(70)
def a_variable_that_names_nobody(w: World) -> None:
    w.profile()
    w.ok("use", "p")
    w.refuses(3, "NUCLIA_PROFILE", "auth", "token", NUCLIA_PROFILE="gone")


@case(71)
def a_name_and_a_key_in_the_environment(w: World) -> None:
    w.profile(KEPT.replace(CANARY, "of-the-profile"))
    given = {**ENVIRONMENT, "NUCLIA_PROFILE": "p"}
    assert w.token(**given) == "of-the-profile"
    assert "NUCLIA_PROFILE" in w.run("auth", "token", **given).err


@case(72)
def a_variable_that_is_no_text(w: World) -> None:
    w.refuses(2, "", "auth", "token", NUCLIA_KB_URL=KB, NUCLIA_API_KEY=f"{CANARY}\udcff")
    w.refuses(2, "", "auth", "token", NUCLIA_KB_URL=f"{KB}\udcff", NUCLIA_API_KEY=CANARY)
    assert w.run("auth", "token", NUCLIA_PROFILE="\udcff").code in (2, 3)


def dotenv(w: World, text: str) -> None:
    (w.work / ".env").write_text(text)


@case(73)
def an_unterminated_quote_in_a_dotenv(w: World) -> None:
    dotenv(w, f'NUCLIA_KB_URL={KB}\nNUCLIA_API_KEY="{CANARY}\n')
    w.refuses(7, ".env, line 2", "auth", "token")


@case(74)
def a_variable_twice_in_a_dotenv(w: World) -> None:
    dotenv(w, f"NUCLIA_KB_URL={KB}\nNUCLIA_API_KEY=first\nNUCLIA_API_KEY={CANARY}\n")
    assert w.token() == CANARY
    assert "NUCLIA_API_KEY" in w.home.run("auth", "token").err


@case(75)
def every_form_of_a_dotenv(w: World) -> None:
    dotenv(w, f"# ours\r\nexport NUCLIA_KB_URL = {KB}\r\nOTHER='a\nb'\n\nNUCLIA_API_KEY='{CANARY}' # key")
    assert w.token() == CANARY


@case(76)
def a_dotenv_that_steers(w: World) -> None:
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "SETTINGS_FILE_FOR_DYNACONF")
    steering = "".join(f"{name}={w.sink.origin}\n" for name in names)
    steering += "SSL_CERT_FILE=/nowhere\nPYTHONPATH=.\nBROWSER=touch pwned\n"
    dotenv(w, f"{steering}NUCLIA_KB_URL={w.box}\nNUCLIA_API_KEY={CANARY}\n")
    w.recorder.answer = lambda _: (200, {}, b'{"uuid": "x", "config": {}}')
    w.ok("auth", "status")
    assert w.sink.requests == [] and len(w.recorder.requests) == 1


@case(77)
def one_key_in_two_profiles(w: World) -> None:
    w.profile(KEPT, "a")
    w.profile(KEPT, "b")
    w.ok("use", "a")
    w.ok("profile", "delete", "a", "--yes")
    assert w.token("--profile", "b") == CANARY


@case(78)
def the_active_profile_deleted(w: World) -> None:
    w.profile(KEPT, "a")
    w.profile(KEPT, "b")
    w.ok("use", "a")
    w.ok("profile", "delete", "a", "--yes")
    w.refuses(4, "", "auth", "token")


@case(79)
def a_name_that_is_taken(w: World) -> None:
    w.profile(KEPT, "a")
    w.profile(KEPT.replace(CANARY, "other"), "b")
    w.refuses(3, "b", "profile", "rename", "a", "b")
    w.refuses(3, "b", "profile", "copy", "a", "b")
    assert w.token("--profile", "a") == CANARY
