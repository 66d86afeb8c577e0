"""Give one of our readers inputs without end: `fuzz.py READER -atheris_runs=N …`.

libFuzzer, by Atheris, keeps what takes a new way through the code and changes it further; at the end it prints
how many inputs there were. A reader may refuse an input in words of ours. Any other exception ends the run.
"""

import contextlib
import json
import sys
from collections.abc import Callable
from types import MappingProxyType

import atheris

with atheris.instrument_imports(include=["nucliactl", "dotenv", "tomllib"]):
    import httpx

    from nucliactl.errors import NucliactlError
    from nucliactl.login import pages
    from nucliactl.login.listener import judged
    from nucliactl.login.pkce import attempt, is_ours, pasted
    from nucliactl.model.definition import define, kept_nowhere, parse_definition
    from nucliactl.model.endpoint import check_zone_template, parse_kb_url, parse_url
    from nucliactl.model.jwt import check_issuer, lifetime, read_nua
    from nucliactl.model.profile import SecretRef, Source
    from nucliactl.model.recognise import looks_like
    from nucliactl.secret import Secret
    from nucliactl.service.oauth import renew, server_of
    from nucliactl.sources.dotenv import parse_dotenv
    from nucliactl.store.formats import parse_toml

PORT = 18765
SOURCE = Source("store", "p.toml")
OWNER = define("ann", "user", {}, SOURCE, SecretRef("none"))
SERVER = server_of(OWNER, 30)
TRIED = attempt(PORT)
PAGES = tuple(page.encode() for page in (pages.DONE, pages.DENIED, pages.STRAY))
STATUSES = (200, 200, 200, 400, 401, 429, 503)


def toml(data: bytes) -> None:
    parse_definition("p", parse_toml(data, "p.toml"), SOURCE, kept_nowhere)


def dotenv(data: bytes) -> None:
    for strict in (True, False):
        found = parse_dotenv(data, ".env", strict=strict)
        assert found.flaw is None or isinstance(found.flaw, NucliactlError)


def jwt(data: bytes) -> None:
    key = data.decode("latin-1")
    looks_like(key)
    lifetime(key)
    check_issuer(read_nua(Secret(key), "the key").issuer, None, "the key")


def url(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    for read in (parse_url, parse_kb_url, check_zone_template):
        with contextlib.suppress(NucliactlError):
            read(text, "The URL")


def token(data: bytes) -> None:
    """The first byte says the status of the answer, the rest is its body."""
    flow = renew(SERVER, Secret("the-refresh-token"))
    asked = next(flow)
    status = STATUSES[data[0] % len(STATUSES)] if data else 200
    try:
        flow.send(httpx.Response(status, content=data[1:], request=asked.request))
    except StopIteration as stop:
        assert stop.value.access.reveal().isascii()
    except NucliactlError as error:
        assert "the-refresh-token" not in str(error)
        raise


def callback(data: bytes) -> None:
    page, _ = judged(data, PORT, lambda found: is_ours(found, TRIED))
    assert page.partition(b"\r\n\r\n")[2] in (*PAGES, b"")
    pasted(data.decode("latin-1"), TRIED, OWNER)


GOOD = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2V1cm9wZS0xLmRwLnByb2dyZXNzLmNsb3VkLyIsInN1YiI6ImMiLCJleHAiOjF9.c2ln"
BOX = b"https://europe-1.dp.progress.cloud/api/v1/kb/11111111-1111-4111-8111-111111111111"
READERS: MappingProxyType[str, tuple[Callable[[bytes], None], list[bytes]]] = MappingProxyType(
    {
        "toml": (toml, [b'kind = "kb"\nurl = "' + BOX + b'"\napi_key = "k"\n', b'kind = "user"\n[x]\na = [1, 2.5, {b = 1}]\n']),
        "dotenv": (dotenv, [b"export NUCLIA_KB_URL=" + BOX + b"\nNUCLIA_API_KEY='k' # x\n", b'NUCLIA_API_KEY="a\nb"\n']),
        "jwt": (jwt, [GOOD.encode()]),
        "url": (url, [BOX, b"http://[::1]:8080/api/v1/kb/s/x?a=b#c", b"https://{zone}.dp.example.com"]),
        "token": (token, [b"\0" + json.dumps({"access_token": "a", "refresh_token": "r", "expires_in": 1800}).encode()]),
        "callback": (callback, [f"GET /callback?code=c&state=s HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\n\r\n".encode()]),
    }
)  # fmt: skip


def main() -> None:
    name = sys.argv.pop(1)
    read, examples = READERS[name]

    def one(data: bytes) -> None:
        with contextlib.suppress(NucliactlError):
            read(data)

    for example in examples:
        read(example) if name not in ("callback",) else one(example)
    corpus = sys.argv[-1]
    for number, example in enumerate(examples):
        with open(f"{corpus}/{number}", "wb") as file:
            file.write(example)
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
