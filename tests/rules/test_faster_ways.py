"""What is done in a faster way gives the answers of the plain one: TOML, JSON, addresses, layers, tuples."""

import json
import pickle
import re
import tomllib
import typing
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nucliactl import json_reading, layers, tuples
from nucliactl.cli.json_rows import pieces
from nucliactl.errors import Damaged
from nucliactl.json_reading import read_plain
from nucliactl.json_writing import indented
from nucliactl.layers import Layer, merge, put_together
from nucliactl.model import endpoint, recognise
from nucliactl.model.endpoint import KNOWN_ROOTS, checked_kb, is_uuid, parse_kb_url, plain_kb
from nucliactl.model.fields import file_keys
from nucliactl.model.profile import Source
from nucliactl.secret import Secret
from nucliactl.store.active import Active, active_bytes
from nucliactl.store.credentials import Credential, credential_bytes
from nucliactl.store.formats import parse_flat, parse_toml
from nucliactl.store.layout import Store

REPOSITORY = Path(__file__).parents[2]
SPECIAL = [
    'a = "x" # c',
    'a = "x\\ty"',
    'a = """x"""',
    'a = "x" b = "y"',
    'a = "x"\na = "y"',
    "a = 'x'",
    "a.b = 'x'",
    '[t]\na = "x"',
    'a = "x"\r\nb = true\r\n',
    'a = "x"\rb = true',
    'a = "\x85\u2028\ufeff\U0001f600"',
    "a = true\nb = false # é\x7f",
    "a = truefalse",
    "# only\x01",
    "a = 1_000\nb = 1e5\nc = inf",
    '1e5 = "x"',
    'é = "x"',
    '"a" = "x"',
    ' \t a = "x" \t ',
    "a = ",
    "= 1",
    "\ufeffa = true",
    "",
    "\n\n",
    'a = "x\ty"',
    "a = true#c",
    'a="x"b',
    'a = "x"\n\n \t\nb-2="é" \n\t',
    'a = ""\nb = """"\n',
    'a = "x" # "y"\n',
    'a = "x"\nb = "\x7f"\n',
    'a = "x"\n = "y"\n',
    'a = "x',
]


def plain(text: str) -> object:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError):
        return None


def agree(text: str) -> None:
    found = parse_flat(text)
    assert found is None or (found == plain(text) and list(found) == list(tomllib.loads(text))), text
    try:
        table = parse_toml(text.encode("utf-8", "surrogatepass"), "p")
    except Damaged:
        assert plain(text) is None or "\ud800" <= max(text) <= "\udfff"
    else:
        assert table == plain(text.removeprefix("\ufeff"))


@pytest.mark.parametrize("text", SPECIAL)
def test_a_flat_definition_is_what_tomllib_says(text: str) -> None:
    agree(text)


def test_the_definitions_of_the_repository_are_what_tomllib_says() -> None:
    files = sorted(REPOSITORY.glob("profiles/**/*.toml"))
    assert files
    for file in files:
        agree(file.read_text())
    assert parse_flat('kind = "kb"\nurl = "https://a/"\npublic = true\n') is not None


TOKENS = [
    "a",
    "b-1",
    "=",
    " ",
    "\t",
    '"',
    "'",
    "\\",
    "\n",
    "\r\n",
    "#",
    "true",
    "false",
    "1",
    "[",
    "]",
    ".",
    "\x00",
    "\x7f",
    "é",
    '""',
    ",",
    "{",
    "}",
]


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.lists(st.sampled_from(TOKENS), max_size=24).map("".join),
        st.text(max_size=30).map(lambda t: f'a = "{t}"\n'),
    )
)
def test_whatever_is_written_the_flat_way_never_differs_from_tomllib(text: str) -> None:
    agree(text)


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text())
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.tuples(inner, inner),
        st.dictionaries(
            st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.floats()), inner, max_size=4
        ),
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_indented_json_is_byte_for_byte_that_of_json(value: object) -> None:
    assert indented(value) == json.dumps(value, indent=2)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.dictionaries(st.text(alphabet='}{,\n" \\a'), SCALARS, max_size=4), max_size=4))
def test_rows_are_byte_for_byte_those_of_json(rows: list[dict[str, object]]) -> None:
    assert indented(rows) == json.dumps(rows, indent=2)
    assert indented({"rows": rows}) == json.dumps({"rows": rows}, indent=2)
    assert "".join(pieces(rows * 120)) == json.dumps(rows * 120, indent=2)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(alphabet='%s}{,\n" \\a'), min_size=1, max_size=4, unique=True), st.data())
def test_rows_of_the_same_keys_are_byte_for_byte_those_of_json(keys: list[str], data: st.DataObject) -> None:
    cells = st.one_of(SCALARS, st.text(alphabet='%s\n"\\\x7f\u2028\ud800'))
    rows = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(keys, cells)), max_size=4))
    assert "".join(pieces(rows)) == indented(rows) == json.dumps(rows, indent=2)
    assert "".join(pieces(rows * 150)) == json.dumps(rows * 150, indent=2)


@settings(max_examples=200, deadline=None)
@given(
    st.from_regex(
        r"(eyJ|[Xx]{0,5}|(?i:your|insert|replace|change)[-_]?(me)?)?[A-Za-z0-9_.-]{0,40}", fullmatch=True
    )
)
def test_what_may_be_a_key_is_no_mistaken_value(text: str) -> None:
    if recognise._may_be_key(text):
        assert recognise._mistaken(text, lambda _: True) is None
    assert recognise._may_be_key(f"eyJ{text}")


SELECTED = st.one_of(st.none(), st.sampled_from(["", "a", "a,b", "null", ": ", " ,"]), st.text(max_size=6))
LAST = st.dictionaries(
    st.one_of(st.sampled_from(["kb", "nua", "personal-token", "last", "version"]), st.text(max_size=4)),
    st.one_of(st.sampled_from(["a", "b", "", "null"]), st.text(max_size=4)),
    max_size=3,
)


@settings(max_examples=400, deadline=None)
@given(SELECTED, SELECTED, LAST)
def test_what_is_switched_to_is_what_json_reads(current: str, previous: str, last: dict[str, str]) -> None:
    data = active_bytes(Store("/s"), Active(current, previous, last))
    found = read_plain(data)
    assert found is None or (found == json.loads(data) and list(found["last"]) == list(last))


@pytest.mark.parametrize(
    "active",
    [Active(), Active("a"), Active("a,b", "c", {"kb": "a", "personal-token": "b"}), Active(None, "a")],
)
def test_what_the_tool_itself_switched_to_is_read_without_json(active: Active) -> None:
    data = active_bytes(Store("/s"), active)
    assert read_plain(data) == json.loads(data)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 80), st.sampled_from(['"', "{", "}", ",", "\n", " ", "\\", "1", "é"])),
        max_size=3,
    )
)
def test_a_damaged_file_of_it_is_left_to_json(edits: list[tuple[int, str]]) -> None:
    data = active_bytes(Store("/s"), Active("acme", "b", {"kb": "acme"}))
    for place, text in edits:
        data = data[:place] + text.encode() + data[place + 1 :]
    found = read_plain(data)
    assert found is None or found == json.loads(data)


ZONES = ("europe-1", "a", "1", "your-region", "region-1", "app", "www", "x-", "-1", "EUROPE-1", "a.b", "é1")
HOSTS = (*(f"{part}.{root}" for part in ("dp", "rag", "cdn") for root in KNOWN_ROOTS), "dp.example.com", "dp")
KB_ID = "01234567-89ab-cdef-0123-456789abcdef"
ENDS = (KB_ID, KB_ID + "/", KB_ID.upper(), "s/slug", "my-kb", KB_ID + "?a=1", KB_ID + "\n", KB_ID + "/x", "")


@settings(max_examples=500, deadline=None)
@given(
    st.tuples(
        st.sampled_from(("https://", "http://", "HTTPS://", "https://u:p@")),
        st.sampled_from(ZONES),
        st.just("."),
        st.sampled_from(HOSTS),
        st.sampled_from(("", ":443", ":8443", ".")),
        st.sampled_from(("/api/v1/kb/", "/api/kb/", "/x/api/v1/kb/")),
        st.sampled_from(ENDS),
    )
)
def test_a_plain_address_is_what_the_checks_find(parts: tuple[str, ...]) -> None:
    text = "".join(parts)
    found = plain_kb(text)
    if found is not None:
        assert found == checked_kb(text, "url", plain_http=False)


@pytest.mark.parametrize(
    "host", [f"europe-1.{name}.{root}" for name in ("dp", "rag") for root in KNOWN_ROOTS]
)
def test_what_the_service_gives_is_a_plain_address(host: str) -> None:
    text = f"https://{host}/api/v1/kb/{KB_ID}"
    assert plain_kb(text) == checked_kb(text, "url", plain_http=False) == parse_kb_url(text)


@pytest.mark.parametrize("zone", ZONES)
def test_a_host_of_no_zone_is_left_to_the_checks(zone: str) -> None:
    for host in HOSTS:
        text = f"https://{zone}.{host}/api/v1/kb/{KB_ID}"
        if found := plain_kb(text):
            assert found == checked_kb(text, "url", plain_http=False)


ADDRESSES = st.lists(
    st.sampled_from(
        (
            "https",
            "http",
            "://",
            "localhost",
            "127.0.0.1",
            "127.1",
            "[::1]",
            "a",
            "A",
            "-",
            "_",
            ".",
            ":",
            "/",
            "%2f",
        )
        + (
            "80",
            "8080",
            "08",
            "443",
            "99999",
            "1.2.3.4",
            "0x1",
            "api",
            "v1",
            "x" * 64,
            "@",
            "?",
            "#",
            " ",
            "\\",
            "\n",
        )
    ),
    max_size=9,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(ADDRESSES, st.booleans())
def test_a_plain_url_is_what_the_checks_find(text: str, plain_http: bool) -> None:
    for one in (text, f"https://{text}", f"http://localhost:{text}"):
        if found := endpoint._plain_url(one):
            assert found == endpoint._checked_url(one, "url", plain_http)


@pytest.mark.parametrize(
    "text", ["https://europe-1.dp.progress.cloud", "http://localhost:8080/api", "https://a.b/c/"]
)
def test_what_people_have_is_a_plain_url(text: str) -> None:
    assert endpoint._plain_url(text) == endpoint._checked_url(text, "url", plain_http=False)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abz09-_AF.é\n²", max_size=4), st.sampled_from((0, 29, 32, 60)))
def test_letters_are_those_of_the_patterns(end: str, more: int) -> None:
    text = "a" * more + end
    label = re.fullmatch(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", text)
    assert endpoint._is_label(text) == bool(label)
    assert endpoint.is_id(text, 64) == bool(re.fullmatch(r"[A-Za-z0-9_-]{1,64}", text))
    dashed = re.sub(r"(.{8})(.{4})(.{4})(.{4})", r"\1-\2-\3-\4-", text)
    uuid = r"[0-9A-Fa-f]{32}|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
    for one in (text, dashed):
        assert is_uuid(one) == bool(re.fullmatch(uuid, one))


KEYS = [key for key in file_keys("user") if key != "kind"]
WORDS = st.one_of(
    st.sampled_from(["", "1e5", "true", "@format x", "${HOME}", "#", "a.b", "x__y", "@int 3"]),
    st.text(max_size=8),
)
HELD = st.one_of(st.none(), WORDS, st.booleans(), st.integers(1, 99), st.lists(WORDS, max_size=3))


@settings(max_examples=150, deadline=None)
@given(
    st.dictionaries(st.sampled_from(KEYS), HELD),
    st.lists(st.integers(0, 4), min_size=len(KEYS), max_size=len(KEYS)),
)
def test_values_put_together_are_what_dynaconf_merges(
    values: Mapping[str, object], places: list[int]
) -> None:
    where = dict(zip(KEYS, places, strict=True))
    stack = [
        Layer(10 * rank, Source("store", f"/f{rank}"), {k: v for k, v in values.items() if where[k] == rank})
        for rank in range(5)
    ]
    assert put_together(stack, "user") == merge(stack, "user")


def test_a_key_in_two_layers_is_merged_by_dynaconf() -> None:
    one, two = Layer(0, Source("default", "d"), {"zone": "a"}), Layer(50, Source("store", "f"), {"zone": "b"})
    assert layers._overlap([one, two]) and not layers._overlap(
        [one, Layer(50, two.source, {"zone": None, "kb": "k"})]
    )


class Fast(tuples.NamedTuple):
    one: int
    two: str
    three: tuple[str, ...] = ()
    four: object = None

    @property
    def five(self) -> int:
        return self.one + 1


class Plain(typing.NamedTuple):
    one: int
    two: str
    three: tuple[str, ...] = ()
    four: object = None

    @property
    def five(self) -> int:
        return self.one + 1


@pytest.mark.parametrize(
    ("given_", "named"),
    [
        ((1, "x"), {}),
        ((1,), {"two": "x", "four": 3}),
        ((1, "x", ("y",), 2), {}),
        ((), {"two": "x", "one": 1}),
    ],
)
def test_our_named_tuple_is_that_of_typing(given_: tuple, named: dict) -> None:
    fast, slow = Fast(*given_, **named), Plain(*given_, **named)
    assert tuple(fast) == slow and fast == slow and hash(fast) == hash(slow)
    assert (fast._fields, fast._field_defaults) == (slow._fields, slow._field_defaults)
    assert fast._asdict() == slow._asdict() and fast.five == slow.five and fast._make(slow) == slow
    assert fast._replace(one=7) == slow._replace(one=7)
    assert repr(fast) == repr(slow).replace("Plain", "Fast")
    assert pickle.loads(pickle.dumps(fast)) == fast and type(pickle.loads(pickle.dumps(fast))) is Fast
    with pytest.raises(AttributeError):
        fast.one = 2
    match fast:
        case Fast(1, "x"):
            pass
        case _:
            raise AssertionError


@pytest.mark.parametrize(
    ("given_", "named"),
    [
        ((), {}),
        ((1,), {}),
        ((1, 2, 3, 4, 5), {}),
        ((1, 2), {"six": 1}),
        ((1, 2), {"one": 1}),
        ((1, 2, 3, 4), {"one": 1}),
    ],
)
def test_what_typing_refuses_ours_refuses(given_: tuple, named: dict) -> None:
    for cls in (Fast, Plain):
        with pytest.raises(TypeError):
            cls(*given_, **named)
    with pytest.raises((ValueError, TypeError)):
        Fast(1, "x")._replace(six=6)


JSON_TEXTS = [
    '{"a": 1}',
    ' {"a": 1}',
    '{"a": "é"}',
    '{"a": "\\u00e9\\ud800"}',
    '{"a": 1} \n\r\t',
    '{"a": 1}\x0b',
    '{"a": 1} {}',
    '{"a": 1}}',
    '{"a": NaN, "a": 2}',
    '{"a": 01}',
    '{"a": "\t"}',
    "{",
    "",
    "[1]",
    "1",
    "null",
    "\ufeff{}",
    '{"a": ' * 100_000,
]


def read_by(read: Callable[[bytes], object], data: bytes) -> object:
    try:
        return repr(read(data))
    except (ValueError, RecursionError) as error:
        return type(error)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16", "utf-32-be", "latin-1"])
@pytest.mark.parametrize("text", JSON_TEXTS, ids=range(len(JSON_TEXTS)))
def test_json_is_read_as_json_does(text: str, encoding: str) -> None:
    data = text.encode(encoding, "replace")
    agree_on(data)


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=12),
        VALUES.map(lambda value: json.dumps(value).encode()),
        st.lists(st.sampled_from('{}[]":,a1 \n\\'), max_size=16).map(lambda parts: "".join(parts).encode()),
    )
)
def test_whatever_is_read_is_what_json_reads(data: bytes) -> None:
    agree_on(data)


CREDENTIALS = (
    Credential("kb", ("https://europe-1.dp.progress.cloud",), Secret("eyJ.a-b_c.d"), 1799999999),
    Credential("user", ("https://accounts.progress.cloud", "https://*.dp.progress.cloud"), Secret("t"), 1, 2),
)


@pytest.mark.parametrize("credential", CREDENTIALS, ids=lambda one: one.kind)
def test_what_the_tool_itself_stored_is_read_without_json(credential: Credential) -> None:
    data = credential_bytes(credential)
    assert read_plain(data) == json.loads(data)
    compact = json.dumps(json.loads(data)).encode()
    assert read_plain(compact) == json.loads(data)


@settings(max_examples=500, deadline=None)
@given(
    st.sampled_from(CREDENTIALS),
    st.lists(st.tuples(st.integers(0, 320), st.sampled_from('"{}[],:\n \\10éntf-.')), max_size=3),
)
def test_a_credential_with_other_bytes_is_read_as_json_does(
    credential: Credential, edits: list[tuple[int, str]]
) -> None:
    data = credential_bytes(credential)
    for place, text in edits:
        data = data[:place] + text.encode() + data[place + len(text) - 1 :]
    agree_on(data)


def agree_on(data: bytes) -> None:
    """Both readings of an object, and what is used of them, agree with `json`."""
    expected = read_by(json.loads, data)
    assert read_by(json_reading.loads, data) == expected
    plain = read_plain(data)
    assert plain is None or repr(plain) == expected
