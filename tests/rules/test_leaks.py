"""Keys of Nuclia are known by their form in whatever they are written; what looks similar is left alone."""

import base64
import json
import textwrap
import urllib.parse

import pytest

from nucliactl.errors import Malformed
from nucliactl.leaks.allowed import parse
from nucliactl.leaks.files import keys_in
from nucliactl.leaks.finding import find, fingerprint
from nucliactl.sandbox.keys import api_key, opaque

KEY, NUA = api_key("https://z.dp.progress.cloud", "c"), api_key("https://z.dp.progress.cloud", "c", kid=None)
OTHER = api_key("https://z.dp.progress.cloud", "d")
TOKEN = "3f9ac2" + opaque()[6:]
B64 = base64.b64encode(KEY.encode()).decode()


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def halves(text: str, size: int = 60) -> list[str]:
    return [text[i : i + size] for i in range(0, len(text), size)]


KEYS = {
    "alone": KEY,
    "a variable": f"NUCLIA_API_KEY={KEY}\n",
    "JSON": json.dumps({"key": KEY}),
    "JSON in JSON": json.dumps(json.dumps({"key": KEY})),
    "a header": f"curl -H 'X-NUCLIA-SERVICEACCOUNT: Bearer {KEY}'",
    "the address of a page": f"https://example.com/?{urllib.parse.urlencode({'k': KEY, 'l': 1})}",
    "behind a word that is of its alphabet": f"honey-{KEY}",
    "before one": f"{KEY}-eyes",
    "folded YAML": "key: >-\n" + textwrap.indent("\n".join(halves(KEY)), "    "),
    "a YAML string over lines": 'key: "' + "\\\n  ".join(halves(KEY)) + '"',
    "Python strings in a row": "\n".join(f'    "{h}"' for h in halves(KEY)),
    "JavaScript's +": " + ".join(f"'{h}'" for h in halves(KEY)),
    "+ at the end of lines": " +\n  ".join(f"'{h}'" for h in halves(KEY)),
    "a shell's backslash": "KEY=" + "\\\n".join(halves(KEY)),
    "lines of a mail": "\r\n".join(f"> {h}" for h in halves(KEY)),
    "spelled-out line ends": "\\n".join(halves(KEY)),
    "base64": f"data:\n  key: {B64}\n",
    "base64, in lines": base64.encodebytes(KEY.encode()).decode(),
    "base64, in indented lines": textwrap.indent("\n".join(halves(B64, 64)), "      "),
    "base64 of base64": base64.b64encode(B64.encode()).decode(),
    "basic authentication": base64.b64encode(f"user:{KEY}".encode()).decode(),
    "PowerShell's encoded command": base64.b64encode(f"$k='{KEY}'".encode("utf-16-le")).decode(),
    "base64 behind a path": f"nuclia-key/{B64}",
}


@pytest.mark.parametrize("name", KEYS)
def test_an_api_key_is_found(name: str) -> None:
    [found] = find(KEYS[name])
    assert (found.form, found.fingerprint) == ("API key", fingerprint(KEY.rpartition(".")[0]))


@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1"])
def test_the_coding_of_a_file_does_not_matter(coding: str) -> None:
    data = f"ä\nkey: {KEY}\n".encode(coding)
    [key] = keys_in(pieces(data))
    assert (key.line, key.form) == (2, "API key")


def pieces(data: bytes):
    left = [data]

    def read(size: int) -> bytes:
        piece, left[0] = left[0][:size], left[0][size:]
        return piece

    return read


def test_every_kind_is_told_and_several_on_a_line_are_several() -> None:
    session = f"{part({'alg': 'RS256'})}.{part({'iss': 'https://oauth.progress.cloud/', 'sub': 'u'})}.c2ln"
    found = find(f"{KEY},{NUA} {OTHER};{session}")
    assert [one.form for one in found] == ["API key", "NUA key", "API key", "token of a user"]
    assert len({one.fingerprint for one in found}) == 4
    assert [one.form for one in find(f"{KEY}\n{NUA}\n{KEY}\n")] == ["API key", "NUA key", "API key"]


TOKENS = {
    ".env": f"NUCLIA_PERSONAL_TOKEN={TOKEN}",
    "quoted": f'export NUCLIA_USER_TOKEN="{TOKEN}"',
    "its other name": f"NUCLIA_ACCOUNT_TOKEN: {TOKEN}",
    "a browser's": f"VITE_NUCLIA_TOKEN={TOKEN}",
    "Kubernetes": f"- name: NUCLIA_PERSONAL_TOKEN\n  value: {TOKEN}",
    "JSON": json.dumps({"name": "NUCLIA_PERSONAL_TOKEN", "value": TOKEN}),
    "JSON in JSON": json.dumps(json.dumps({"NUCLIA_PERSONAL_TOKEN": TOKEN})),
    "a Dockerfile": f"ENV NUCLIA_PERSONAL_TOKEN {TOKEN}",
    "Python": f"os.environ['NUCLIA_PERSONAL_TOKEN'] = '{TOKEN}'",
    "a call": f'sdk.NucliaAuth().set_user_token("{TOKEN}")',
    "a call by name": f"set_user_token(code='{TOKEN}')",
    "a command": f"nucliactl auth personal_token {TOKEN}",
    "the official command": f"nuclia auth set_user_token --code={TOKEN}",
    "JavaScript": f"const nucliaPersonalToken = `{TOKEN}`",
    "an input of the action": f"personal-token: {TOKEN}",
    "a definition": f'kind = "personal-token"\ntoken = "{TOKEN}"\n',
    "a credential": json.dumps({"version": 1, "kind": "user", "origins": [], "refresh_token": TOKEN}),
    "the official file": json.dumps({"kbs_token": [], "token": TOKEN}, indent=1),
    "a request": f"curl https://accounts.progress.cloud/api/v1/user \\\n  -H 'Authorization: Bearer {TOKEN}'",
    "its maker": "x = ory_at_" + TOKEN,
    "base64": base64.b64encode(f"NUCLIA_PERSONAL_TOKEN={TOKEN}".encode()).decode(),
}


@pytest.mark.parametrize("name", TOKENS)
def test_a_token_of_a_user_is_found_by_what_stands_before_it(name: str) -> None:
    assert [one.form for one in find(TOKENS[name])] == ["token of a user"]


HARMLESS = {
    "a token of nobody": TOKEN,
    "a request elsewhere": f"curl https://api.example.com/ -H 'Authorization: Bearer {TOKEN}'",
    "a host that only looks like ours": f"https://progress.cloud.example.com Bearer {TOKEN}",
    "another service's JWT": f"{part({'alg': 'RS256', 'kid': 'x'})}.{part({'iss': 'https://id.example.com', 'sub': 'u'})}.c2ln",
    "another's personal token": "personal_token: ghp_" + TOKEN[:36],
    "a placeholder": "NUCLIA_PERSONAL_TOKEN=put-the-personal-token-here",
    "one with a number": "NUCLIA_PERSONAL_TOKEN=put-the-token-of-2026-here",
    "another": "NUCLIA_PERSONAL_TOKEN=<your-personal-access-token-1>",
    "a workflow's": "NUCLIA_PERSONAL_TOKEN: ${{ secrets.NUCLIA_PERSONAL_TOKEN_1 }}",
    "a shell's": 'NUCLIA_PERSONAL_TOKEN="$(cat /run/secrets/token1)"',
    "the path of one": "NUCLIA_PERSONAL_TOKEN_FILE=/run/secrets/nuclia-personal-token-1a2b",
    "an id": "NUCLIA_ACCOUNT_TOKEN=11111111-2222-3333-4444-555555555555",
    "words": "NUCLIA_PERSONAL_TOKEN is the variable of a personal access token since 2026",
    "a key that is elided": "NUCLIA_API_KEY=eyJhbGciOiJSUzI1NiIsImtpZCI6InNhIn0.eyJ…",
    "a definition of another kind": f'kind = "kb"\ntoken = "{TOKEN}"\n',
    "nothing": "",
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_key_of_nuclia_is_left_alone(name: str) -> None:
    assert find(HARMLESS[name]) == []


def test_no_text_is_dear() -> None:
    """Texts made to be expensive: this ends at all."""
    for text in ("ey" * 200_000, ".eyey" * 100_000, "NUCLIA_TOKEN" + " " * 200_000, "a" * 20 + '"' + " " * 200_000,
                 ("ey" * 400 + ".eyeyeyeyey.a ") * 300, "Bearer " * 50_000, "\\n" * 200_000):  # fmt: skip
        assert find(text) == []


def test_a_key_across_two_pieces_of_a_huge_file_is_found_once_on_its_line() -> None:
    line = b"x" * 79 + b"\n"
    for before in (8 * 1024 * 1024 - 100, 8 * 1024 * 1024 - 256 * 1024 - 50):
        data = line * (before // 80) + f"key: {KEY}\n".encode() + line * 4000 + NUA.encode()
        assert [(k.line, k.form) for k in keys_in(pieces(data))] == [
            (before // 80 + 1, "API key"),
            (before // 80 + 1 + 4001, "NUA key"),
        ]


def test_the_list_of_what_may_stay() -> None:
    found = parse("# ours\n\ndocs/*.md  # made up\n./tests/a.py\nsha256:0123456789abcdef\n", "list")
    assert found.file("docs/a/b.md") and found.file("./docs/x.md") and found.file("tests/a.py")
    assert not found.file("src/a.py") and found.fingerprints == {"sha256:0123456789abcdef"}
    with pytest.raises(Malformed, match="list:2 is not a fingerprint"):
        parse("a\nsha256:XYZ\n", "list")
