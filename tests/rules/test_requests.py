"""The pure rules of `api` and the helper: addresses, fields, pages, what is masked."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nucliactl.errors import Malformed, Refused
from nucliactl.http.stream import Mask
from nucliactl.model.definition import define
from nucliactl.model.profile import Definition, SecretRef, Source
from nucliactl.service.address import address, zone_of
from nucliactl.service.headers import check_uri
from nucliactl.service.paging import following
from nucliactl.service.payload import body_of, parameters_of, split_field, typed

KB = "https://europe-1.dp.progress.cloud/api/v1/kb/57c19b48"


def profile(kind, **values) -> Definition:
    return define("p", kind, values, Source("store", "p.toml"), SecretRef("none"))


PROFILES = {
    "kb": profile("kb", url=KB, public=True),
    "slug": profile("kb", url=KB.replace("57c19b48", "s/notes"), public=True),
    "deep": profile("kb", url="https://example.com/nuclia/api/v1/kb/x", public=True),
    "nucliadb": profile("nucliadb", url="http://10.0.0.1:8080", kb="x"),
    "agent": profile("agent", url="https://europe-1.dp.progress.cloud", agent="a1", account="acme"),
    "nua": profile("nua", issuer="https://europe-1.dp.progress.cloud"),
    "user": profile("user", zone="europe-1", account="acme", kb="x"),
    "other": profile("user", domain="stashify.cloud", zone="aws-2"),
}


@pytest.mark.parametrize(
    ("name", "path", "url"),
    [
        ("kb", "", KB),
        ("kb", "//x", KB + "/x"),
        ("kb", "?a={kb}", KB + "?a=57c19b48"),
        ("kb", 'a?filter={"b": 1}', KB + '/a?filter={"b": 1}'),
        ("kb", "zone:x", "https://europe-1.dp.progress.cloud/api/v1/x"),
        ("kb", "zone:{zone}", "https://europe-1.dp.progress.cloud/api/v1/europe-1"),
        ("kb", "global:x", "https://accounts.progress.cloud/api/v1/x"),
        ("slug", "/api/v1/kb/{kb}", "https://europe-1.dp.progress.cloud/api/v1/kb/s/notes"),
        ("deep", "/api/v1/kb/{kb}/y", "https://example.com/nuclia/api/v1/kb/x/y"),
        ("deep", "zone:z", "https://example.com/nuclia/api/v1/z"),
        ("nucliadb", "kbs", "http://10.0.0.1:8080/api/v1/kbs"),
        ("nucliadb", "kb/{kb}", "http://10.0.0.1:8080/api/v1/kb/x"),
        ("nucliadb", "api/v1/kbs", "http://10.0.0.1:8080/api/v1/kbs"),
        ("agent", "sessions", "https://europe-1.dp.progress.cloud/api/v1/agent/a1/sessions"),
        ("agent", "zone:account/{account}", "https://europe-1.dp.progress.cloud/api/v1/account/acme"),
        ("nua", "predict/x", "https://europe-1.dp.progress.cloud/api/v1/predict/x"),
        ("nua", "/api/authorizer/info", "https://europe-1.dp.progress.cloud/api/authorizer/info"),
        ("user", "accounts", "https://accounts.progress.cloud/api/v1/accounts"),
        ("user", "zone:kb/{kb}", "https://europe-1.dp.progress.cloud/api/v1/kb/x"),
        ("other", "zone:/x", "https://aws-2.dp.stashify.cloud/api/v1/x"),
        ("other", "global:/x", "https://accounts.stashify.cloud/api/v1/x"),
        ("user", "https://anywhere.example/{zone}", "https://anywhere.example/europe-1"),
    ],
)
def test_where_a_path_leads(name: str, path: str, url: str) -> None:
    found = PROFILES[name]
    defaults = {key: found.get(key) for key in ("kb", "account", "zone")}
    named = zone_of(path, found, defaults)
    # The address that the service gives a zone.
    told = f"https://{named}.dp.{found.get('domain') or 'progress.cloud'}" if named else None
    assert address(path, found, defaults, told) == url


@pytest.mark.parametrize("value", ["a/b", "../x", "..", "a?b", "a#b", "%2e", "a\\b", "x" * 300, "a;b"])
def test_a_placeholder_never_becomes_more_than_its_part_of_the_path(value: str) -> None:
    with pytest.raises(Malformed):
        address("kb/{kb}", PROFILES["user"], {"kb": value, "account": None, "zone": None})


TEXTS = st.text(st.characters(exclude_characters="[]=", exclude_categories=("Cs",)), min_size=1, max_size=9)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(TEXTS, st.text(), max_size=5))
def test_plain_fields_are_an_object_of_texts(fields: dict[str, str]) -> None:
    assert body_of([split_field(f"{key}={value}", "-f") for key, value in fields.items()]) == fields


@given(JSON)
def test_what_is_typed_as_json_is_that_value(value) -> None:
    text = json.dumps(value)
    expected = text if isinstance(value, str) else value
    assert typed(text, "n") == expected


@given(st.text())
def test_anything_else_is_a_text(text: str) -> None:
    found = typed(text, "n")
    assert found == text or json.loads(text) == found


@pytest.mark.parametrize(
    "text",
    ["007", "+1", "1.", ".5", "0x10", "1_000", "True", "NULL", " 1", "1 ", "nan", "Infinity", "{", "[1", "-"],
)
def test_what_is_nearly_a_number_is_a_text(text: str) -> None:
    assert typed(text, "n") == text


def test_objects_and_lists_in_fields() -> None:
    fields = [
        ("a[b][c]", 1),
        ("a[b][d]", 2),
        ("l[]", 1),
        ("l[]", 2),
        ("o[][x]", 1),
        ("o[][y]", 2),
        ("o[][x]", 3),
    ]
    assert body_of(fields) == {"a": {"b": {"c": 1, "d": 2}}, "l": [1, 2], "o": [{"x": 1, "y": 2}, {"x": 3}]}
    assert body_of([("m[][]", 1), ("m[][]", 2)]) == {"m": [[1], [2]]}
    for bad in (
        [("a", 1), ("a", 1)],
        [("a", 1), ("a[]", 1)],
        [("a[]", 1), ("a[b]", 1)],
        [("a[b]", 1), ("a[b][c]", 1)],
    ):
        with pytest.raises(Malformed):
            body_of(bad)
    assert parameters_of([("f[]", "a"), ("f[]", "b"), ("n", 1), ("t", True)]) == [
        ("f", "a"),
        ("f", "b"),
        ("n", "1"),
        ("t", "true"),
    ]


@pytest.mark.parametrize(
    ("answer", "step"),
    [
        ({"pagination": {"page": 0, "size": 2, "last": False}}, ("page", 1)),
        ({"pagination": {"page": 4, "size": 2, "last": True}}, None),
        ({"pagination": {"page": "0", "last": False}}, None),
        ({"pagination": {"last": False}}, None),
        ({"fulltext": {"next_page": True, "page_number": 3}}, ("page_number", 4)),
        ({"next_page": True, "page_number": 0}, ("page_number", 1)),
        ({"next_page": False, "page_number": 0, "fulltext": {"next_page": False}}, None),
        ({"next_page": True}, None),
        ({"results": [], "cursor": "abc"}, ("cursor", "abc")),
        ({"cursor": None}, None),
        ({"cursor": ""}, None),
        ({"cursor": 3}, None),
        ([1, 2], None),
        (None, None),
        ("cursor", None),
        ({"resources": {}}, None),
        ({"pagination": [], "fulltext": None}, None),
    ],
)
def test_what_asks_for_the_next_page(answer, step) -> None:
    assert following(answer) == step


SECRET = b"secret-of-a-test"


@given(
    st.lists(
        st.sampled_from([b"s", b"secret-", b"secret-of-a-test", b"of-a-test", b"x", b"\n", b"", SECRET * 2])
    )
)
def test_a_secret_is_masked_however_it_is_cut_and_nothing_else_changes(pieces: list[bytes]) -> None:
    mask = Mask(SECRET)
    shown = b"".join(map(mask.of, pieces)) + mask.rest()
    assert shown == b"".join(pieces).replace(SECRET, b"****")


def test_only_what_may_be_the_beginning_of_the_secret_is_held_back() -> None:
    mask = Mask(SECRET)
    assert mask.of(b"a line\n") == b"a line\n"
    assert (mask.of(b"sec"), mask.of(b"ond\n")) == (b"", b"second\n")
    assert Mask(b"short").of(b"short") == b"short" and Mask(b"").of(b"x") == b"x"


@given(st.text(max_size=40))
def test_no_text_at_all_passes_for_an_address_but_the_origin_itself(text: str) -> None:
    for uri in (f"https://europe-1.dp.progress.cloud{text}", f"https://{text}europe-1.dp.progress.cloud/"):
        try:
            check_uri(uri, ("https://europe-1.dp.progress.cloud",))
        except (Malformed, Refused):
            continue
        rest = uri.lower().removeprefix("https://europe-1.dp.progress.cloud")
        assert rest == "" or rest[0] in "/?#" or rest.startswith((":443", ":0")) or rest == ":", uri
