"""D: addresses of Knowledge Boxes (93-105)."""

from .world import CANARY, KB, World, case

ID = KB.rsplit("/", 1)[1]


def no_address(w: World, *urls: str, code: int = 2) -> None:
    """None is taken from the command line or the environment, and the password of none is repeated."""
    for url in urls:
        w.refuses(code, "", "auth", "kb", url, "-", "--no-validate", stdin="key")
        if "\0" not in url:
            result = w.run("auth", "token", NUCLIA_KB_URL=url, NUCLIA_API_KEY="key")
            assert result.code != 0 and result.out == "", (url, result)
    assert w.sink.requests == [] == w.recorder.requests


def kept_as(w: World, url: str, kept: str) -> None:
    w.ok("auth", "kb", url, "-", "--no-validate", "--name", "p", "--force", stdin=CANARY)
    assert f'url = "{kept}"\n'.encode() in w.home.files()["profiles/p.toml"], url


@case(93)
def no_id(w: World) -> None:
    no_address(
        w, "https://europe-1.dp.progress.cloud", "https://europe-1.dp.progress.cloud/api/v1/kb/", "kb", ""
    )


@case(94)
def a_query(w: World) -> None:
    for url in (f"{KB}?x=1", f"{KB}#part"):
        kept_as(w, url, KB)


@case(95)
def slashes_at_the_end(w: World) -> None:
    for url in (f"{KB}/", f"{KB}///"):
        kept_as(w, url, KB)


@case(96)
def a_password_in_it(w: World) -> None:
    no_address(
        w,
        f"https://user:{CANARY}@europe-1.dp.progress.cloud/api/v1/kb/{ID}",
        f"https://user@x.example/api/v1/kb/{ID}",
    )


@case(97)
def ipv6(w: World) -> None:
    kept_as(w, f"http://[::1]:8080/api/v1/kb/{ID}", f"http://[::1]:8080/api/v1/kb/{ID}")


@case(98)
def in_the_clear(w: World) -> None:
    for host in ("europe-1.dp.progress.cloud", "localhost.evil.example", "127.0.0.1.nip.example", "10.0.0.1"):
        result = w.run("auth", "kb", f"http://{host}/api/v1/kb/{ID}", "-", "--no-validate", stdin=CANARY)
        assert result.code in (2, 6) and w.home.files() == {}, (host, result)
    kept_as(w, f"http://localhost:8080/api/v1/kb/{ID}", f"http://localhost:8080/api/v1/kb/{ID}")


@case(99)
def no_port(w: World) -> None:
    no_address(
        w,
        *(
            f"https://europe-1.dp.progress.cloud:{port}/api/v1/kb/{ID}"
            for port in ("0", "99999", "abc", "-1")
        ),
    )


@case(100)
def letters_no_address_has(w: World) -> None:
    host = "https://europe-1.dp.progress.cloud"
    no_address(
        w, f"https://evil.example\\@europe-1.dp.progress.cloud/api/v1/kb/{ID}", f"{host}/api/v1/kb/a b"
    )
    no_address(w, f"{host}/api/v1/kb/a\tb", f"{host}/api/v1/kb/a\nb", f"{host}/api/v1/kb/%0d%0aX-Evil:1")
    no_address(
        w,
        f"{host}/api/v1/kb/%2f..%2f..",
        f"{host}/api/v1/kb/..",
        "https:///api/v1/kb/x",
        f"{host} /api/v1/kb/x",
    )


@case(101)
def a_host_that_looks_like_another(w: World) -> None:
    url = f"https://europe-1.dp.\u0440rogress.cloud/api/v1/kb/{ID}"
    result = w.run("auth", "kb", url, "-", "--no-validate", "--name", "p", stdin=CANARY)
    shown = w.run("profile", "show", "p").out
    assert result.code in (2, 6) or "xn--" in shown, result
    assert "\u0440" not in shown + w.run("list", "-o", "wide").out


@case(102)
def a_number_for_a_host(w: World) -> None:
    for host in ("127.1", "0x7f000001", "2130706433", "0177.0.0.1"):
        for scheme in ("http", "https"):
            result = w.run("auth", "kb", f"{scheme}://{host}/api/v1/kb/{ID}", "-", stdin=CANARY)
            assert result.code in (2, 6) and w.home.files() == {}, (host, result)
    assert w.recorder.requests == []


@case(103)
def a_host_that_ends_like_another(w: World) -> None:
    path = w.profile(f'kind = "kb"\nurl = "{KB}"\n')
    w.ok("auth", "kb", KB, "-", "--no-validate", "--name", "p", stdin=CANARY)
    path.write_text(path.read_text().replace("progress.cloud", "progress.cloud.evil.example"))
    w.refuses(6, "evil.example", "auth", "token", "--profile", "p")


@case(104)
def an_id_that_is_none(w: World) -> None:
    w.recorder.answer = lambda _: (404, {}, b"{}")
    w.refuses(1, "/kb/s/", "auth", "kb", w.box.replace(ID, "my-box"), "-", stdin=CANARY)
    w.recorder.requests.clear()
    no_address(w, KB.replace(ID, "my%20box"), KB.replace(ID, "a/b"), KB.replace(ID, "<id>"))


@case(105)
def one_box_in_two_spellings(w: World) -> None:
    w.ok("auth", "kb", KB, "-", "--no-validate", stdin="first")
    for url in (f"{KB}/", KB.replace("europe-1.dp", "EUROPE-1.dp"), KB.replace(".cloud/", ".cloud:443/")):
        w.ok("auth", "kb", url, "-", "--no-validate", stdin=CANARY)
    assert len(w.ok("list", "-o", "name").out.splitlines()) == 1
    assert w.token() == CANARY
