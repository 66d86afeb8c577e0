"""C: NUA keys, which are JWTs (80-92)."""

import json
import time

from .world import CANARY, World, case, nua

ROOT = "https://europe-1.dp.progress.cloud"
GOOD = {"iss": ROOT, "sub": "client-1"}
SAVE = ("auth", "nua", "-", "--no-validate", "--name", "n")


def no_key(w: World, *keys: str, says: str = "", code: int = 2) -> None:
    for key in keys:
        assert len(w.refuses(code, says, *SAVE, stdin=key).err) < 700


def leads_nowhere(w: World, issuer: object) -> None:
    """A key of this issuer is refused, and nothing is sent there."""
    result = w.run(*SAVE[:3], stdin=nua({**GOOD, "iss": issuer}))
    assert result.code in (2, 4, 6) and w.home.files() == {}, result
    assert w.recorder.requests == [] == w.sink.requests


@case(80)
def a_key_of_other_segments(w: World) -> None:
    no_key(w, CANARY, f"e30.{CANARY}", f"{nua(GOOD)}.{CANARY}", "..", "...", says="NUA key")


@case(81)
def a_key_that_is_no_base64(w: World) -> None:
    no_key(w, f"e30.!!!.{CANARY}", f"e30.a.{CANARY}", f"e30.{'+/' * 8}.{CANARY}", says="NUA key")


@case(82)
def a_key_whose_claims_are_no_object(w: World) -> None:
    for raw in (b"{", b"[]", b"null", b"3", b'"x"', b"\xff\xfe", b"NaN"):
        no_key(w, nua(None, raw), says="NUA key")
    w.run(*SAVE, stdin=nua(None, b'{"iss": "https://evil.example", "iss": "%s", "sub": NaN}' % ROOT.encode()))
    assert all(ROOT in data.decode() for name, data in w.home.files().items() if name.endswith("toml"))


@case(83)
def a_key_without_an_issuer(w: World) -> None:
    no_key(w, nua({"sub": "c"}), nua({"iss": None}), nua({"iss": ["x"]}), nua({"iss": ""}), says="iss")


@case(84)
def an_issuer_in_the_clear(w: World) -> None:
    leads_nowhere(w, "http://europe-1.dp.progress.cloud")


@case(85)
def an_issuer_with_a_user(w: World) -> None:
    leads_nowhere(w, f"https://nuclia.cloud@127.0.0.1:{w.recorder.port}/")


@case(86)
def an_issuer_that_is_no_web_address(w: World) -> None:
    for issuer in ("file:///etc/passwd", "javascript:alert(1)", "//europe-1.dp.progress.cloud", "europe-1"):
        leads_nowhere(w, issuer)


@case(87)
def an_issuer_nobody_knows(w: World) -> None:
    w.refuses(6, "evil.example", "auth", "nua", "-", stdin=nua({**GOOD, "iss": "https://evil.example"}))
    w.refuses(6, "evil.example", "auth", "token", NUCLIA_NUA_KEY=nua({**GOOD, "iss": "https://evil.example"}))


@case(88)
def an_issuer_that_is_an_address(w: World) -> None:
    for issuer in (
        "https://10.0.0.1",
        "https://169.254.169.254",
        "http://169.254.169.254/latest",
        "https://[fd00::1]",
    ):
        leads_nowhere(w, issuer)


@case(89)
def an_issuer_in_another_spelling(w: World) -> None:
    for number, issuer in enumerate(
        (f"{ROOT}/", f"{ROOT}:443", ROOT.upper().replace("HTTPS", "https"), f"{ROOT}./")
    ):
        w.ok("auth", "nua", "-", "--no-validate", "--name", f"n{number}", stdin=nua({**GOOD, "iss": issuer}))
    written = {data for name, data in w.home.files().items() if name.startswith("profiles/")}
    assert len({text.split(b"issuer = ")[1].split(b"\n")[0] for text in written}) == 1, written


@case(90)
def an_end_that_is_none(w: World) -> None:
    for number, end in enumerate(
        ("soon", 1.5, -1, 1e20, int(time.time()) * 1000 + 10**9, True, None, [], {})
    ):
        w.ok(
            "auth",
            "nua",
            "-",
            "--no-validate",
            "--name",
            f"n{number}",
            stdin=nua({**GOOD, "sub": f"c{number}", "exp": end}),
        )
    w.ok("list")
    w.ok("list", "-o", "json")
    w.ok("explain", "--profile", "n0")
    w.ok("auth", "nua", "-", "--no-validate", "--name", "old", stdin=nua({**GOOD, "sub": "o", "exp": 1}))
    assert "expired" in w.ok("list").out


@case(91)
def a_key_that_nobody_signed(w: World) -> None:
    header = nua({"alg": "none", "typ": "JWT"}).split(".")[1]
    key = f"{header}.{nua(GOOD).split('.')[1]}."
    result = w.run(*SAVE, stdin=key)
    assert result.code in (0, 2), result  # its claims are shown, and give no right to anything
    w.recorder.answer = lambda _: (401, {}, b"{}")
    key = f"{header}.{nua({**GOOD, 'iss': w.recorder.origin}).split('.')[1]}.x"
    assert w.run("auth", "nua", "-", stdin=key).code in (2, 4) and w.run("list", "-o", "name").out in (
        "",
        "n\n",
    )


@case(92)
def claims_of_a_megabyte(w: World) -> None:
    no_key(w, nua(None, json.dumps({**GOOD, "x": "y" * 1_000_000}).encode()))
    no_key(w, nua({**GOOD, "x": CANARY * 1000}))
