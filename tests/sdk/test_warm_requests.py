"""A client's next request opens no file, and no request is sent on what has changed."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support import Home, Recorder

HEADER = "x-nuclia-serviceaccount"

# Sends a request before and after a step, and says which files the second of those before it opened.
PROGRAM = """
import asyncio, json, os, sys
import nucliactl
from nucliactl.disk import sight

sight.SETTLED = -(10**18)
how, step = sys.argv[1:3]
store = os.environ["NUCLIA_CONFIG_DIR"]
opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)


def tick():
    path = os.environ["HOME"] + "/clock"
    open(path, "w").close()
    before = os.stat(path).st_ctime_ns
    while os.stat(path).st_ctime_ns == before:
        open(path, "w").close()


async def main():
    profile = nucliactl.resolve()
    http = nucliactl.client() if how == "sync" else nucliactl.async_client()

    async def sent():
        try:
            answer = http.get(profile.url)
            return (await answer if how == "async" else answer).status_code
        except nucliactl.NucliactlError as error:
            return type(error).__name__

    found = [await sent(), await sent()]
    opened.clear()
    found.append(await sent())
    opens = [path for path in opened if str(path).startswith(store)]
    tick()
    exec(step)
    tick()
    print(json.dumps([found, opens, await sent()]))


asyncio.run(main())
"""


@pytest.fixture
def service(home: Home) -> Iterator[Recorder]:
    """A service on loopback, of which the active profile is a Knowledge Box with a stored key."""
    recorder = Recorder()
    home.define("box", f'kind = "kb"\nurl = "{recorder.origin}/api/v1/kb/box"\n')
    credential = {"version": 1, "kind": "kb", "origins": [recorder.origin], "secret": "first"}
    for name, text in (
        ("credentials/box.json", json.dumps(credential)),
        ("active.json", json.dumps({"version": 1, "current": "box", "previous": None, "last": {}})),
    ):
        path = home.store / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o600)
    yield recorder
    recorder.close()


KEY = 'path = store + "/credentials/box.json"\n'
STEPS: dict[str, tuple[str, Any]] = {
    "nothing": ("pass", 200),
    "another key": (KEY + 'open(path, "r+").write(open(path).read().replace("first", "other"))', 200),
    "another key in a new file": (
        KEY + 'text = open(path).read().replace("first", "other")\n'
        'fd = os.open(path + ".new", os.O_CREAT | os.O_WRONLY, 0o600)\nos.write(fd, text.encode())\n'
        'os.replace(path + ".new", path)',
        200,
    ),
    "a key of the same time of change": (
        KEY + 'info = os.stat(path)\nopen(path, "r+").write(open(path).read().replace("first", "other"))\n'
        "os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))",
        200,
    ),
    "a file that others may read": (KEY + "os.chmod(path, 0o604)", "Refused"),
    "a folder that everybody may write": ('os.chmod(store + "/credentials", 0o777)', "Refused"),
    "a store that everybody may write": ("os.chmod(store, 0o777)", "Refused"),
    "no credential": (KEY + "os.unlink(path)", "LoginNeeded"),
    "a credential of other origins": (
        KEY + 'found = json.load(open(path))\nfound["origins"] = ["https://a.dp.progress.cloud"]\n'
        'json.dump(found, open(path, "w"))',
        "Refused",
    ),
    "a definition that leads elsewhere": (
        'path = store + "/profiles/box.toml"\nopen(path, "a").write("# \\n")\n'
        'open(path, "w").write("kind = \\"kb\\"\\nurl = \\"https://a.dp.progress.cloud/api/v1/kb/b\\"\\n")',
        "Refused",
    ),
    "a broken credential": (KEY + 'open(path, "w").write("{")', "Damaged"),
}


@pytest.mark.parametrize("how", ["sync", "async"])
@pytest.mark.parametrize("step", STEPS)
def test_a_change_counts_for_the_next_request(home: Home, service: Recorder, step: str, how: str) -> None:
    code, expected = STEPS[step]
    result = home.python(PROGRAM, how, code)
    assert result.code == 0, result.err
    assert result.json == [[200, 200, 200], [], expected]
    keys = [request.headers[HEADER] for request in service.requests]
    assert keys[:3] == ["Bearer first"] * 3
    assert keys[3:] == ([f"Bearer {'other' if 'key' in step else 'first'}"] if expected == 200 else [])


@pytest.mark.parametrize("how", ["sync", "async"])
def test_a_mounted_secret_that_is_rotated(home: Home, service: Recorder, how: str, tmp_path: Path) -> None:
    for name in ("first", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "key").write_text(name + "\n")
    (tmp_path / "data").symlink_to("first")
    (tmp_path / "key").symlink_to("data/key")
    step = f'os.symlink("other", "{tmp_path}/new")\nos.replace("{tmp_path}/new", "{tmp_path}/data")'
    result = home.python(
        PROGRAM, how, step,
        NUCLIA_KB_URL=f"{service.origin}/api/v1/kb/box", NUCLIA_API_KEY_FILE=str(tmp_path / "key"),
    )  # fmt: skip
    assert result.json == [[200, 200, 200], [], 200], result.err
    assert [request.headers[HEADER] for request in service.requests][2:] == ["Bearer first", "Bearer other"]


def test_what_was_just_written_is_read_at_each_request(home: Home, service: Recorder) -> None:
    """A second change within the same moment of the file system's clock would leave no trace."""
    program = """
import os, sys
import nucliactl
place = os.environ["NUCLIA_CONFIG_DIR"] + "/profiles/box.toml"
opened = []
sys.addaudithook(lambda event, args: opened.append(args[0]) if event == "open" else None)
profile = nucliactl.resolve()
with nucliactl.client(profile) as http:
    for _ in range(2):
        os.utime(place)
        http.get(profile.url)
        opened.clear()
        http.get(profile.url)
        print(place in opened)
"""
    result = home.python(program)
    assert result.out == "True\nTrue\n", result.err


@pytest.mark.parametrize("how", ["sync", "async"])
def test_an_address_that_was_asked_for_before_means_what_it_meant_to_httpx(
    home: Home, service: Recorder, how: str
) -> None:
    """Also when the client's base URL has changed, with a query, and where a credential may not go."""
    program = f"""
import asyncio, itertools, json
import httpx
import nucliactl

make = {{"sync": (nucliactl.client, httpx.Client), "async": (nucliactl.async_client, httpx.AsyncClient)}}
made, plain = make[{how!r}]
ours = made()
theirs = plain(base_url=ours.base_url, headers=ours.headers)
texts = ["find", "/find", "a/../b", "find?x=1", "find?", "é", "a b", "", "http://other.example/x#y",
         nucliactl.resolve().url, "http://u:p@127.0.0.1/", httpx.URL("find"), httpx.URL("http://[::1]:1/a")]
given = [{{}}, {{"params": {{"q": "1"}}}}, {{"params": {{}}}}, {{"headers": {{"a": "b"}}}}]
rounds = [None, None, "http://127.0.0.1:1/other", "http://127.0.0.1:2", str(ours.base_url), None]
for base in rounds:
    if base:
        ours.base_url = theirs.base_url = base
    for text, options in itertools.product(texts, given):
        one, other = (http.build_request("GET", text, **options) for http in (ours, theirs))
        assert (one.url, str(one.url), one.headers) == (other.url, str(other.url), other.headers), (text, base)
ours.params = theirs.params = {{"all": "2"}}
assert ours.build_request("GET", "find").url == theirs.build_request("GET", "find").url

async def refused(url):
    try:
        answer = ours.get(url)
        return (await answer if {how!r} == "async" else answer).status_code
    except nucliactl.Refused:
        return "refused"

async def main():
    allowed, *others = nucliactl.resolve().url, "http://127.0.0.2:1/x", "http://u:p@127.0.0.1:1/x"
    print(json.dumps([await refused(url) for url in [allowed, *others] * 2]))

asyncio.run(main())
for number in range(1000):
    ours.build_request("GET", f"find/{{number}}")
assert len(ours._addresses._of[1]) <= 64
assert not any("p@" in text or "?" in text for text in ours._addresses._of[1])
"""
    result = home.python(program)
    assert result.code == 0, result.err
    assert result.json == [200, "refused", "refused"] * 2


@pytest.mark.parametrize("calls", [300, pytest.param(100_000, marks=pytest.mark.torture)])
def test_memory_stays_flat(home: Home, service: Recorder, calls: int) -> None:
    program = f"""
import gc, tracemalloc
import httpx
import nucliactl
from nucliactl.disk import sight
sight.SETTLED = -(10**18)
profile = nucliactl.resolve()
with nucliactl.client(transport=httpx.MockTransport(lambda request: httpx.Response(200))) as http:
    for _ in range(20):
        http.get(profile.url)
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range({calls}):
        http.get(profile.url)
    gc.collect()
    print(tracemalloc.get_traced_memory()[0] - before)
"""
    assert service.origin
    result = home.python(program)
    assert int(result.out) < 50_000, result


WITH_USER = """
import asyncio, httpx, nucliactl
profile = nucliactl.resolve()
urls = [make(profile.url.replace("://", "://ann:pass-canary@")) for make in (str, httpx.URL)]
async def main():
    async with nucliactl.async_client() as http:
        for url in urls:
            try: await http.get(url); print("sent")
            except nucliactl.Refused as error: assert "canary" not in str(error)
with nucliactl.client() as http:
    for url in (*urls, *urls):
        try: http.get(url); print("sent")
        except nucliactl.Refused as error: assert "canary" not in str(error)
    print(http.get(profile.url).status_code)
asyncio.run(main())
"""


def test_an_address_with_a_user_is_refused_at_an_allowed_origin_too(home: Home, service: Recorder) -> None:
    assert home.python(WITH_USER).out == "200\n"
    assert len(service.requests) == 1
