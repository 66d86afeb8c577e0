"""Proxy variables are read by us: what they cover, what goes through them, what is said of them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import Home, Recorder
from wires import Proxy, Wire, certificate, tls_server

from nucliactl.http.proxies import Proxies

BOX = b'{"uuid": "abc", "slug": "abc", "config": {"title": "T"}}'
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(BOX), BOX)
PASSWORD = "hunter2"
needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")


def goes_by(url: str, **variables: str) -> str | None:
    """The variable whose proxy a URL is reached by."""
    import httpx

    found = Proxies(variables).of(httpx.URL(url))
    return found.variable if found else None


@pytest.mark.parametrize(
    ("entry", "covered", "other"),
    [
        ("box.example", "https://box.example", "https://xbox.example"),
        ("box.example", "https://a.box.example", "https://box.example.org"),
        (".box.example", "https://box.example", "https://xbox.example"),
        ("*.box.example", "https://a.box.example", "https://a.example"),
        ("BOX.example.", "https://box.EXAMPLE", "https://example"),
        ("box.example:8443", "https://box.example:8443", "https://box.example"),
        ("box.example:443", "https://box.example", "https://box.example:8443"),
        ("http://box.example", "http://box.example", "https://box.example"),
        ("*", "https://anything.example", None),
        ("a.example  b.example", "https://b.example", "https://c.example"),
        (" a.example , b.example,", "https://b.example", "https://c.example"),
        ("10.0.0.0/8", "http://10.1.2.3", "http://11.1.2.3"),
        ("10.1.2.3", "http://10.1.2.3:8080", "http://10.1.2.30"),
        ("10.1.2.3/33,0.0.0.0/0", "http://10.1.2.3", None),
        ("2.3", None, "http://10.1.2.3"),
        ("fe80::/10", "http://[fe80::1]:8080", "http://[fd00::1]"),
        ("[fe80::]/10", "http://[fe80::1]", "http://[fd00::1]"),
        ("[fd00::1]", "http://[fd00:0:0::1]", "http://[fd00::2]"),
        ("[fd00::1]:8080", "http://[fd00::1]:8080", "http://[fd00::1]"),
        ("fd00::1", "http://[fd00::1]", "http://[fd00::10]"),
    ],
)
def test_no_proxy_covers_what_curl_would(entry: str, covered: str | None, other: str | None) -> None:
    if covered is not None:
        assert goes_by(covered, ALL_PROXY="http://p", NO_PROXY=entry) is None
    if other is not None:
        assert goes_by(other, ALL_PROXY="http://p", NO_PROXY=entry) == "ALL_PROXY"


@pytest.mark.parametrize("entry", ["[::1", "1.2.3.4/x", "[", "::::", ":", "/", "a:b:c", "[]:", "*x", "é"])
def test_an_entry_that_cannot_be_read_covers_nothing_and_stops_nothing(entry: str) -> None:
    assert goes_by("https://box.example", HTTPS_PROXY="http://p", NO_PROXY=entry) == "HTTPS_PROXY"


def test_which_variable_wins() -> None:
    both = {"HTTPS_PROXY": "http://upper", "https_proxy": "http://lower"}
    assert goes_by("https://box.example", **both) == "https_proxy"
    assert goes_by("https://box.example", **{**both, "https_proxy": ""}) is None
    assert goes_by("http://box.example", **both) is None
    assert goes_by("http://box.example", all_proxy="http://p", **both) == "all_proxy"
    assert goes_by("http://box.example", HTTP_PROXY="http://p", REQUEST_METHOD="GET") is None
    assert goes_by("http://box.example", http_proxy="http://p", REQUEST_METHOD="GET") == "http_proxy"
    everywhere = {"ALL_PROXY": "http://p", "HTTPS_PROXY": "http://p", "HTTP_PROXY": "http://p"}
    for host in ("127.0.0.1:80", "localhost", "[::1]:8080", "127.9.9.9"):
        assert goes_by(f"http://{host}", **everywhere) is None


@pytest.fixture
def database(home: Home, recorder: Recorder) -> Home:
    """A NucliaDB that has a name only a proxy knows."""
    recorder.answer = lambda _: (200, {}, b"Nuclia")
    home.define("db", 'kind = "nucliadb"\nurl = "http://nucliadb.example:8080"\n')
    return home


@pytest.fixture
def proxy(recorder: Recorder) -> Iterator[Proxy]:
    found = Proxy(recorder.port)
    yield found
    found.close()


@pytest.mark.parametrize("scheme", ["http://", "", "socks://", "socks5://", "socks5h://"])
def test_a_password_of_any_characters_reaches_the_proxy_whole(
    database: Home, proxy: Proxy, scheme: str
) -> None:
    password = "a#b?c/d:e@f%zz%41ü"
    address = f"{scheme}me:{password}@127.0.0.1:{proxy.port}"
    result = database.run("auth", "status", "--profile", "db", http_proxy=address)
    assert result.code == 0, result.err
    assert proxy.asked == ["nucliadb.example:8080"]
    assert proxy.users == [("me", "a#b?c/d:e@f%zzAü")]


@pytest.mark.parametrize(
    "value",
    [
        f"http://user:{PASSWORD}@",
        f"ftp://user:{PASSWORD}@proxy:3128",
        f"http://user:{PASSWORD}@proxy:99999",
        f"http://user:{PASSWORD}@pro xy:1",
        f"socks5://{PASSWORD * 40}:x@proxy:1",
        f"{PASSWORD}://",
    ],
)
def test_a_proxy_that_cannot_be_used_is_named_and_never_shown(database: Home, value: str) -> None:
    result = database.run("auth", "status", "--profile", "db", HTTP_PROXY=value)
    assert result.code == 2 and "HTTP_PROXY is not the address of a proxy" in result.out, result
    assert PASSWORD not in result.out + result.err and "Traceback" not in result.err


def test_a_proxy_is_judged_only_by_what_would_use_it(database: Home, recorder: Recorder) -> None:
    bad = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"), "ftp://nothing")
    database.define("here", f'kind = "nucliadb"\nurl = "{recorder.origin}"\n')
    assert database.run("auth", "status", "--profile", "here", **bad).code == 0
    assert database.run("auth", "status", "--profile", "db", **bad, NO_PROXY="*").code == 5  # no such host


def test_a_proxys_failure_is_told_as_the_proxys(database: Home, recorder: Recorder) -> None:
    refusing = Proxy(recorder.port, b"HTTP/1.1 407 No\x1b[31m \xe9way\r\nContent-Length: 0\r\n\r\n")
    database.define("far", 'kind = "kb"\nurl = "https://box.example/api/v1/kb/abc"\napi_key = "k"\n')
    address = f"http://user:{PASSWORD}@127.0.0.1:{refusing.port}"
    refused = database.run("auth", "status", "--profile", "far", HTTPS_PROXY=address)
    assert refused.code == 5 and "The proxy of HTTPS_PROXY refused" in refused.out, refused
    assert "\x1b" not in refused.out + refused.err
    gone = database.run("auth", "status", "--profile", "far", ALL_PROXY=f"http://user:{PASSWORD}@127.0.0.1:1")
    assert gone.code == 5 and "The proxy of ALL_PROXY" in gone.out and "cannot be reached" in gone.out
    assert PASSWORD not in refused.out + refused.err + gone.out + gone.err
    refusing.close()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 407 No\r\n\r\n", b"\x05\x09", b"\x04\x00", b"x" * 9000])
def test_what_does_not_speak_socks_is_told_as_the_proxys_failure(home: Home, said: bytes) -> None:
    strange = Wire(lambda connection: connection.recv(99) and connection.sendall(said))
    home.define("far", 'kind = "kb"\nurl = "https://box.example/api/v1/kb/abc"\napi_key = "k-0451"\n')
    proxy = {"ALL_PROXY": f"socks5://user:{PASSWORD}@127.0.0.1:{strange.port}"}
    result = home.run("auth", "status", "--profile", "far", **proxy)
    assert result.code == 5 and "The proxy of ALL_PROXY refused" in result.out, result
    program = (
        "import asyncio, httpx, nucliactl\n"
        "try: nucliactl.client('far').get('x')\n"
        "except httpx.ProxyError as error: print(error)\n"
        "async def main():\n"
        "    async with nucliactl.async_client('far') as http: await http.get('x')\n"
        "try: asyncio.run(main())\n"
        "except httpx.ProxyError as error: print(error)"
    )
    found = home.python(program, **proxy)
    assert found.code == 0 and found.out.count("\n") == 2 and PASSWORD not in found.out + found.err, found
    strange.close()


@pytest.mark.parametrize(
    ("scheme", "said"), [("http", b"no HTTP at all\r\n\r\n"), ("http", b""), ("https", b"plain words")]
)
def test_what_breaks_at_a_proxy_names_its_variable(home: Home, scheme: str, said: bytes) -> None:
    strange = Wire(lambda connection: connection.recv(99) and connection.sendall(said))
    home.define("far", 'kind = "kb"\nurl = "https://box.example/api/v1/kb/abc"\napi_key = "k"\n')
    proxy = {"HTTPS_PROXY": f"{scheme}://127.0.0.1:{strange.port}"}
    result = home.run("auth", "status", "--profile", "far", **proxy)
    assert result.code == 5 and "proxy of HTTPS_PROXY" in result.out, result  # a reset reads otherwise
    assert "Look at HTTPS_PROXY" in result.err
    strange.close()


def test_a_proxys_407_to_a_plain_request_is_the_proxys(database: Home, recorder: Recorder) -> None:
    recorder.answer = lambda _: (407, {}, b"")
    result = database.run("auth", "status", "--profile", "db", http_proxy=recorder.origin)
    assert result.code == 5 and "The proxy of http_proxy refused" in result.out, result


def test_forms_that_curl_takes_too(database: Home, proxy: Proxy) -> None:
    address = f"http://127.0.0.1:{proxy.port}/a/path"
    assert database.run("auth", "status", "--profile", "db", http_proxy=address).code == 0
    old = database.run("auth", "status", "--profile", "db", http_proxy=f"socks4://u:{PASSWORD}@127.0.0.1:1")
    assert old.code == 2 and "names a SOCKS4 proxy" in old.out and PASSWORD not in old.out + old.err, old


@needs_openssl
def test_https_goes_through_a_tunnel_and_the_service_is_verified(home: Home, tmp_path: Path) -> None:
    pem = certificate(tmp_path / "tls", "2020", "2080")
    home.define("far", 'kind = "kb"\nurl = "https://box.example/api/v1/kb/abc"\napi_key = "k"\n')
    program = (
        "import asyncio, nucliactl\n"
        "print(nucliactl.client('far').get('x').status_code)\n"
        "async def main():\n"
        "    async with nucliactl.async_client('far') as http: print((await http.get('x')).status_code)\n"
        "asyncio.run(main())"
    )
    with tls_server(pem, OK) as server:
        proxy = Proxy(server.port)
        variables = {"https_proxy": f"http://127.0.0.1:{proxy.port}", "SSL_CERT_FILE": str(pem)}
        result = home.python(program, **variables)
        assert result.out == "200\n200\n", result.err
        assert proxy.asked == ["box.example:443"] * 2
        variables.pop("SSL_CERT_FILE")
        home.environ.pop("SSL_CERT_FILE", None)
        result = home.run("auth", "status", "--profile", "far", **variables)
        assert result.code == 5 and "not trusted" in result.out
        proxy.close()


@needs_openssl
@pytest.mark.parametrize(
    ("years", "words"), [(("2070", "2080"), "not valid yet"), (("2001", "2002"), "has expired")]
)
def test_a_wrong_clock_is_told_as_one(home: Home, tmp_path: Path, years: tuple[str, str], words: str) -> None:
    pem = certificate(tmp_path / "tls", *years)
    with tls_server(pem, OK) as server:
        url = f"https://127.0.0.1:{server.port}/api/v1/kb/abc"
        result = home.run("auth", "kb", url, "-", stdin="k", SSL_CERT_FILE=str(pem))
    assert result.code == 5 and f"{words}, by this machine's clock" in result.err, result
    assert "Check this machine's clock" in result.err and "certificate authority" not in result.err


def test_a_callers_own_mistakes_stay_the_callers(home: Home) -> None:
    home.define("far", 'kind = "kb"\nurl = "https://box.example/api/v1/kb/abc"\napi_key = "k"\n')
    program = (
        "import nucliactl\n"
        "for options in ({'proxy': 'ftp://x'}, {'verify': '/nowhere.pem'}, {'timeout': 1, 'nonsense': 2}):\n"
        "    try: nucliactl.client('far', **options)\n"
        "    except nucliactl.NucliactlError as error: print('blamed', error)\n"
        "    except Exception as error: print(type(error).__name__)\n"
        "with nucliactl.client('far', trust_env=False) as http: print(http.trust_env, http._mounts)\n"
    )
    result = home.python(program, HTTPS_PROXY="http://127.0.0.1:1")
    assert result.out.splitlines()[:2] == ["ValueError", "FileNotFoundError"], result
    assert "blamed" not in result.out and "Routed" not in result.out
