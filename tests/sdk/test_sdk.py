"""The SDK as a program uses it."""

import base64
import json

import pytest
from support import Home, Recorder

URL = "https://europe-1.dp.progress.cloud/api/v1/kb/abc"


def nua(issuer: str) -> str:
    payload = base64.urlsafe_b64encode(json.dumps({"iss": issuer, "sub": "c"}).encode()).decode().rstrip("=")
    return f"e30.{payload}.sig"


@pytest.mark.parametrize(
    ("variables", "base", "header"),
    [
        ({"NUCLIA_KB_URL": "{o}/api/v1/kb/abc", "NUCLIA_API_KEY": "k"}, "/api/v1/kb/abc/x", "x-nuclia-serviceaccount: Bearer k"),
        ({"NUCLIA_KB_URL": "{o}/api/v1/kb/abc"}, "/api/v1/kb/abc/x", "x-nucliadb-roles: READER;WRITER;MANAGER"),
        ({"NUCLIA_KB_URL": "{o}/api/v1/kb/abc", "NUCLIA_KB_PUBLIC": "1"}, "/api/v1/kb/abc/x", None),
        ({"NUCLIA_NUA_KEY": "NUA"}, "/api/v1/x", "x-nuclia-nuakey: Bearer NUA"),
        ({"NUCLIADB_URL": "{o}"}, "/api/v1/x", "x-nucliadb-roles: READER;WRITER;MANAGER"),
        ({"NUCLIA_USER_TOKEN": "t", "NUCLIA_GLOBAL_URL": "{o}"}, "/api/v1/x", "authorization: Bearer t"),
        ({"NUCLIA_PERSONAL_TOKEN": "t", "NUCLIA_GLOBAL_URL": "{o}"}, "/api/v1/x", "authorization: Bearer t"),
    ],
)  # fmt: skip
def test_each_kind_sends_its_own_header_to_its_own_base(
    home: Home, recorder: Recorder, variables: dict[str, str], base: str, header: str | None
) -> None:
    key = nua(recorder.origin + "/")
    found = {k: v.replace("{o}", recorder.origin).replace("NUA", key) for k, v in variables.items()}
    program = (
        "import asyncio, nucliactl\n"
        "with nucliactl.client(headers={'authorization': 'Bearer mine'}) as http: http.get('x')\n"
        "async def main():\n"
        "    async with nucliactl.async_client() as http: await http.get('/x' if False else 'x')\n"
        "asyncio.run(main())\n"
    )
    result = home.python(program, **found)
    assert result.code == 0, result.err
    assert [r.path for r in recorder.requests] == [base, base]
    credentials = ("authorization", "x-nuclia-serviceaccount", "x-nuclia-nuakey", "x-nucliadb-roles")
    for request in recorder.requests:
        sent = [f"{n}: {request.headers[n]}" for n in credentials if n in request.headers]
        assert sent == ([header.replace("NUA", key)] if header else [])
        assert request.headers["user-agent"].startswith("nucliactl/")


def test_a_nua_key_in_a_file_is_opened_at_first_use_and_its_issuer_checked(
    home: Home, recorder: Recorder
) -> None:
    path = home.path / "nua"
    path.write_text(nua(recorder.origin) + "\n")
    code = (
        "import nucliactl; p = nucliactl.resolve(); print(p.base_url); print(p.client().get('x').status_code)"
    )
    assert home.python(code, NUCLIA_NUA_KEY_FILE=str(path)).out == f"{recorder.origin}/api/v1\n200\n"
    rows = home.run("list", "-o", "json", NUCLIA_NUA_KEY_FILE=str(path)).json
    assert (rows[0]["target"], rows[0]["expires_at"], rows[0]["storage"]) == ("-", None, "reference")
    path.write_text(nua("https://evil.example/"))
    result = home.python(code, NUCLIA_NUA_KEY_FILE=str(path))
    assert result.out == "" and "Refused" in result.err
    home.define(
        "p", f'kind = "nua"\nissuer = "https://europe-1.dp.progress.cloud"\nnua_key_file = "{path}"\n'
    )
    result = home.python("import nucliactl; nucliactl.client('p').get('x')")
    assert "was issued by https://evil.example" in result.err
    assert home.run("auth", "status", "--profile", "p").code == 6


def test_a_profile_is_plain_data_without_its_secret(home: Home) -> None:
    code = (
        "import nucliactl, httpx\n"
        "p = nucliactl.resolve()\n"
        "print(repr(p), p.values, p.name, p.kind, p.zone, p.kb, p.account, p.url, p.timeout)\n"
        "print(isinstance(p.auth(), httpx.Auth), repr(p.auth()), p.connection())\n"
    )
    result = home.python(code, NUCLIA_KB_URL=URL, NUCLIA_API_KEY="canary-secret-0451")
    assert result.code == 0, result.err
    assert "canary-secret" not in result.out and "env kb europe-1 abc None" in result.out


@pytest.mark.parametrize(
    ("call", "error", "code"),
    [
        ("resolve()", "NothingConfigured", 4),
        ("resolve('nope')", "UnknownProfile", 3),
        ("resolve('No Pe')", "Malformed", 2),
        ("resolve(kind='kbs')", "Malformed", 2),
        ("client(kind=('kb', 'nua'))", "NothingConfigured", 4),
    ],
)
def test_errors_are_of_one_family(home: Home, call: str, error: str, code: int) -> None:
    program = (
        "import nucliactl\n"
        f"try: nucliactl.{call}\n"
        "except nucliactl.NucliactlError as e: print(type(e).__name__, e.exit_code, bool(e.hint))"
    )
    assert home.python(program).out == f"{error} {code} True\n"


def test_own_clients_and_own_hooks(home: Home, recorder: Recorder, sink: Recorder) -> None:
    code = f"""
import httpx, nucliactl
p = nucliactl.resolve()
print(httpx.Client(auth=p.auth()).get(p.url).status_code)
try: httpx.Client(auth=p.auth()).get({sink.origin!r})
except nucliactl.Refused: print("refused")
seen = []
with p.client(event_hooks={{"request": [lambda r: seen.append(r.url.path)]}}, timeout=5) as http:
    http.get("a"); http.post(p.url, json={{}})
print(seen, http.timeout.read)
def lead_astray(request): request.url = httpx.URL({sink.origin!r})
try: p.client(event_hooks={{"request": [lead_astray]}}).get("x")
except nucliactl.Refused: print("refused")
"""
    result = home.python(code, NUCLIA_KB_URL=f"{recorder.origin}/api/v1/kb/abc", NUCLIA_API_KEY="k")
    assert result.out == "200\nrefused\n['/api/v1/kb/abc/a', '/api/v1/kb/abc'] 5\nrefused\n", result
    assert sink.requests == []


def test_resolving_works_in_threads_forks_and_running_loops(home: Home) -> None:
    for name in "abcdefgh":
        home.define(
            name, f'kind = "kb"\nurl = "https://{name}.dp.progress.cloud/api/v1/kb/x"\npublic = true\n'
        )
    code = """
import asyncio, multiprocessing, nucliactl
from concurrent.futures import ThreadPoolExecutor
names = list("abcdefgh") * 8
def zone(name): return nucliactl.resolve(name).zone
with ThreadPoolExecutor(16) as pool: assert list(pool.map(zone, names)) == names
with multiprocessing.get_context("fork").Pool(2) as pool: assert pool.map(zone, names) == names
async def main(): return await asyncio.gather(*(asyncio.to_thread(zone, n) for n in names))
assert asyncio.run(main()) == names
print("ok")
"""
    assert home.python(code).out == "ok\n"


def test_threads_of_the_host_never_miss_their_variables_once_warm(home: Home) -> None:
    code = """
import os, threading, nucliactl
nucliactl.warm()
stop, missed = threading.Event(), []
def watch():
    while not stop.is_set():
        if os.environ.get("DYNACONF_HOST") != "h": missed.append(1)
thread = threading.Thread(target=watch); thread.start()
for _ in range(200): nucliactl.resolve()
stop.set(); thread.join(); print(len(missed))
"""
    variables = {"DYNACONF_HOST": "h", "NUCLIA_KB_URL": URL, "NUCLIA_API_KEY": "k"}
    assert home.python(code, **variables).out == "0\n"


def test_the_last_history_entry_of_a_key_is_its_value(home: Home) -> None:
    from dynaconf.utils.inspect import get_history
    from hypothesis import given, settings
    from hypothesis import strategies as st

    from nucliactl.layers import Layer, merge, settings_of
    from nucliactl.model.profile import Source

    keys = st.sampled_from(["description", "account", "zone", "kb", "url"])
    texts = st.text(st.characters(codec="ascii"), max_size=8) | st.sampled_from(
        ["@int 5", "1e5", "true", "@format {this}"]
    )
    layer = st.dictionaries(keys, texts, max_size=4)

    @settings(max_examples=100, deadline=None)
    @given(st.lists(layer, max_size=6))
    def check(tables: list[dict[str, str]]) -> None:
        layers = [Layer(i, Source("store", f"f{i}"), table) for i, table in enumerate(tables)]
        found = merge(layers, "kb")
        expected: dict[str, tuple[str, str]] = {}
        for i, table in enumerate(tables):
            expected.update({k: (v, f"store: f{i}") for k, v in table.items() if v != ""})
        assert {k: (v.value, str(v.source)) for k, v in found.items()} == expected
        merged, _ = settings_of(layers)
        last = {k: v for entry in get_history(merged) for k, v in entry["value"].items()}
        for key in expected:
            assert merged.get(key) == last[key.upper()] == expected[key][0]

    check()


def test_a_handler_below_python_stays_while_signals_wait(home: Home) -> None:
    code = """
import faulthandler, os, signal
faulthandler.register(signal.SIGTERM, chain=False)
from nucliactl.signals import armed
with armed():
    os.kill(os.getpid(), signal.SIGTERM)
os.kill(os.getpid(), signal.SIGTERM)
print("alive")
"""
    result = home.python(code)
    assert result.out == "alive\n" and result.err.count("most recent call first") == 2, result
