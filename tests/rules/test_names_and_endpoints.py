"""Names, Knowledge Box URLs in every form people have, origins, and keys that are JWTs."""

import base64
import json

import pytest

from nucliactl.errors import Malformed, Refused
from nucliactl.model import endpoint, jwt, names
from nucliactl.secret import Secret, header_value, masked, printable


@pytest.mark.parametrize("name", ["a", "acme-kb", "0", "a.b_c-d", "a" * 64, "a-", "x_"])
def test_valid_names(name: str) -> None:
    assert names.check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "A", "-a", ".a", "_a", "a.", "a b", "a/b", "../a", "a" * 65, "é", "p\u0430y", "a\n", "env", "dotenv", "nuclia", "none", "all"]
)  # fmt: skip
def test_invalid_names(name: str) -> None:
    with pytest.raises(Malformed):
        names.check_name(name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Staff Handbook", "staff-handbook"),
        ("__x__", "x"),
        ("ÄÖ", "kb"),
        ("all", "all-1"),
        ("a" * 99, "a" * 60),
        ("a..", "a"),
    ],
)
def test_names_made_from_other_words_are_valid(text: str, name: str) -> None:
    assert names.name_from(text, "kb") == name
    assert names.is_name(names.name_from(text, "kb"))
    assert names.is_name(names.numbered("a" * 64, 12))


KB = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    ("text", "url", "zone"),
    [
        (f"https://europe-1.dp.progress.cloud/api/v1/kb/{KB}", None, "europe-1"),
        (f"https://europe-1.nuclia.cloud/api/v1/kb/{KB}", None, "europe-1"),
        (f"https://aws-us-east-2-1.rag.progress.cloud/api/v1/kb/{KB}", None, "aws-us-east-2-1"),
        (f"https://z.syntha.progress.com/api/v1/kb/{KB}", None, "z"),
        (f"https://EUROPE-1.dp.progress.cloud:443/api/v1/kb/{KB}//", f"https://europe-1.dp.progress.cloud/api/v1/kb/{KB}", "europe-1"),
        (f"https://rag.acme.example/api/v1/kb/{KB}", None, None),
        (f"https://acme.example:8443/nuclia/api/v1/kb/{KB}/", f"https://acme.example:8443/nuclia/api/v1/kb/{KB}", None),
        (f"http://localhost:8080/api/v1/kb/{KB}", None, None),
        (f"http://127.0.0.1:8080/api/v1/kb/{KB}", None, None),
        (f"http://[::1]:8080/api/v1/kb/{KB}", None, None),
        ("http://localhost:8080/api/v1/kb/s/my-slug", None, None),
        (f"https://europe-1.dp.progress.cloud./api/v1/kb/{KB}?x=1#y", f"https://europe-1.dp.progress.cloud/api/v1/kb/{KB}", "europe-1"),
    ],
)  # fmt: skip
def test_kb_urls_in_every_form(text: str, url: str | None, zone: str | None) -> None:
    found = endpoint.parse_kb_url(text)
    assert found.url == (url or text) and found.zone == zone


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "https://"),
        ("europe-1.dp.progress.cloud/api/v1/kb/x", "does not begin with https://"),
        ("https://europe-1.dp.progress.cloud/api/v1", "no Knowledge Box ID"),
        ("https://europe-1.dp.progress.cloud/api/v1/kb/", "no Knowledge Box ID"),
        ("https://europe-1.dp.progress.cloud/kb/x", "lacks /api/v1"),
        ("https://rag.progress.cloud/at/acme/europe-1/handbook", "dashboard"),
        ("https://accounts.progress.cloud/api/v1/kb/x", "global host"),
        ("https://europe-1.dp.progress.cloud/api/v1/kb/x/find", "goes on after"),
        ("https://u:secretpw@europe-1.dp.progress.cloud/api/v1/kb/x", "user name or password"),
        ("http://europe-1.dp.progress.cloud/api/v1/kb/x", "http://"),
        ("http://localhost.evil.example/api/v1/kb/x", "http://"),
        ("http://127.0.0.1.nip.io/api/v1/kb/x", "http://"),
        ("http://127.1/api/v1/kb/x", "IP address"),
        ("http://0x7f000001/api/v1/kb/x", "IP address"),
        ("http://2130706433/api/v1/kb/x", "IP address"),
        ("http://127.0.0.999/api/v1/kb/x", "http://"),
        ("https://a.example:0/api/v1/kb/x", "port"),
        ("https://a.example:99999/api/v1/kb/x", "port"),
        ("https://a.example:abc/api/v1/kb/x", "URL"),
        ("https://evil\\@a.example/api/v1/kb/x", "backslash"),
        ("https://a.example/api/v1/kb/x y", "blank"),
        ("https://a.example/api/v1/kb/%0d%0a", "separator"),
        ("https://a.example/api/v1/../v1/kb/x", "separator"),
        ("https://nuclía.cloud/api/v1/kb/x", "ASCII"),
        ("https:///api/v1/kb/x", "host"),
        ("file:///api/v1/kb/x", "host"),
        ("javascript://a.example/api/v1/kb/x", "https://"),
        ("'https://a.example/api/v1/kb/x'", "quotes"),
        ("https://a.example/api/v1/kb/x\n", "line break"),
        ("https://a.example/api/v1/kb/s", "ID"),
    ],
)
def test_mistakes_in_kb_urls_are_explained(text: str, reason: str) -> None:
    with pytest.raises(Malformed) as caught:
        endpoint.parse_kb_url(text)
    assert reason in str(caught.value) + str(caught.value.hint)
    assert "secretpw" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "[0:0:0:0:0:0:0:1]"])
def test_loopback_hosts(host: str) -> None:
    assert endpoint.is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.x", "127.0.0.1.x", "127.0.0", "0.0.0.0", "[::2]", "xlocalhost", "127.0.0.256"]
)
def test_hosts_that_only_look_like_loopback(host: str) -> None:
    assert not endpoint.is_loopback(host)


def test_known_roots_are_judged_by_whole_labels() -> None:
    assert endpoint.known_root("europe-1.dp.progress.cloud") == "progress.cloud"
    for host in ("xprogress.cloud", "progress.cloud.evil.example", "cloud", "nuclia.cloud.x"):
        assert endpoint.known_root(host) is None


def test_a_domain_loses_its_rag_and_a_zone_cannot_leave_its_label() -> None:
    assert endpoint.check_domain("rag.Progress.cloud.", "d") == "progress.cloud"
    for text in ("", "a..b", "a/b", "evil.example/x", "a b"):
        with pytest.raises(Malformed):
            endpoint.check_domain(text, "d")
    for text in ("evil.example/x", "a.b", "A", "", "-a", "a@b"):
        with pytest.raises(Malformed):
            endpoint.check_zone(text, "z")


def test_a_zone_template_becomes_one_wildcard_label() -> None:
    assert endpoint.template_origin("https://{zone}.acme.example/x", "t") == "https://*.acme.example"
    assert endpoint.template_origin("https://acme.example/{zone}", "t") == "https://acme.example"
    with pytest.raises(Malformed):
        endpoint.check_zone_template("https://a{zone}.acme.example", "t")


def token(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def test_a_nua_key_is_read_by_base64url() -> None:
    key = token(iss="https://europe-1.dp.progress.cloud/", sub="ÿþ~~??", exp=1800000000)
    assert "-" in key or "_" in key
    found = jwt.read_nua(Secret(key), "here")
    assert found == ("https://europe-1.dp.progress.cloud/", "ÿþ~~??", 1800000000)
    assert jwt.expiry(token(exp=253370764800)) is None
    for odd in (True, "1800000000", -1, 0, 1e20, None, [], float("nan"), float("inf")):
        assert jwt.expiry(token(exp=odd)) is None


@pytest.mark.parametrize(
    "key", ["", "a", "a.b", "a.b.c.d", "a.!!!.c", "a.W10.c", "a.e30.c", "e30..e30", "a." + "A" * 70000 + ".c"]
)
def test_what_is_no_nua_key_is_said_without_repeating_it(key: str) -> None:
    with pytest.raises(Malformed) as caught:
        jwt.read_nua(Secret(key), "NUCLIA_NUA_KEY")
    assert "NUCLIA_NUA_KEY is not a valid NUA key" in str(caught.value)


def test_an_unknown_issuer_must_be_named_by_the_user() -> None:
    for issuer in ("https://europe-1.dp.progress.cloud/", "http://127.0.0.1:9/", "https://nuclia.cloud"):
        jwt.check_issuer(issuer, None, "x")
    jwt.check_issuer("https://private.example/", "https://private.example", "x")
    for issuer, error in (
        ("https://evil.example/", Refused),
        ("https://nuclia.cloud.evil.example/", Refused),
        ("https://169.254.169.254/", Refused),
        ("http://nuclia.cloud/", Malformed),
        ("https://nuclia.cloud@evil.example/", Malformed),
        ("file:///etc/passwd", Malformed),
    ):
        with pytest.raises(error):
            jwt.check_issuer(issuer, "https://private.example", "x")


def test_a_secret_shows_itself_nowhere() -> None:
    import pickle

    secret = Secret("canary-0451-value")
    assert "canary" not in f"{secret!r} {secret} {secret:>40}" + str([secret]) + str({"a": secret})
    with pytest.raises(TypeError):
        pickle.dumps(secret)
    with pytest.raises(TypeError):
        json.dumps(secret)
    assert masked("0123456789abcdef") == "****cdef" and masked("short-key") == "****"
    assert printable("a\x1b[31m\nb" + "x" * 300, 5) == "a\\x1b[31…"
    with pytest.raises(Malformed) as caught:
        header_value(Secret("canary\n"), "X")
    assert "canary" not in str(caught.value)
