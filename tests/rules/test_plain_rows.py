"""The row of a plain profile is the one that its definition and credential make, whatever stands in its files."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nucliactl.disk.reading import Files
from nucliactl.errors import NucliactlError
from nucliactl.listed import Listed
from nucliactl.listing import listing_of
from nucliactl.model.ending import is_near
from nucliactl.model.fields import free_keys
from nucliactl.model.kinds import KINDS
from nucliactl.plain_rows import _INFORMING, PlainRows
from nucliactl.secret import Secret
from nucliactl.store.credentials import Credential, credential_bytes
from nucliactl.store.definitions import read_stored
from nucliactl.store.formats import parse_toml
from nucliactl.store.layout import Store
from nucliactl.store.plain import stated

REPOSITORY = Path(__file__).parents[2]
NOW = 1_800_000_000
ZONE = "https://europe-1.dp.progress.cloud"
BOX = f"{ZONE}/api/v1/kb/01234567-89ab-cdef-0123-456789abcdef"
SIGNED_IN = ("https://accounts.progress.cloud", "https://oauth.progress.cloud")
SIGNED_IN += ("https://*.dp.progress.cloud", "https://*.rag.progress.cloud")
KEY = Secret("eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE3fQ.c2ln-_")
PROFILES = {
    "kb": (f'kind = "kb"\nurl = "{BOX}"\ntitle = "Box 1"\naccount = "a-1"\n', (ZONE,)),
    "nua": (f'kind = "nua"\nissuer = "{ZONE}"\nidentity = "0123"\n', (ZONE,)),
    "personal-token": ('kind = "personal-token"\ndomain = "progress.cloud"\n', SIGNED_IN),
    "agent": (f'kind = "agent"\nagent = "a1"\nzone = "europe-1"\nurl = "{ZONE}"\n', (ZONE,)),
    "user": ('kind = "user"\ndomain = "progress.cloud"\n', SIGNED_IN),
}
"""What a login of each kind writes, and where its credential goes."""


class Here:
    """A store of one profile, whose two files are written anew for each example."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(str(folder))
        for place in (self.store.root, self.store.profiles, self.store.credentials):
            Path(place).mkdir(mode=0o700)

    def write(self, definition: bytes, credential: bytes) -> None:
        for path, data in (
            (self.store.definition("p"), definition),
            (self.store.credential("p"), credential),
        ):
            Path(path).write_bytes(data)
            Path(path).chmod(0o600)

    def plain(self, now: float = NOW) -> Listed | None:
        return PlainRows(self.store, Files(), frozenset(), now).rows(["p"]).get("p")

    def agree(self) -> Listed | None:
        """Return the row of the plain reader, None where there is none; it is that of the careful one."""
        found = self.plain()
        if found is not None:
            definition = read_stored(self.store, "p")
            assert definition is not None and not definition.warnings
            careful = listing_of(definition, False, Files().read)
            assert found[:-1] == careful[:-1]
            assert (found.life.ends, found.life.renews) == (careful.life.ends, careful.life.renews)
            assert found.life.is_near_end(NOW) == careful.life.is_near_end(NOW)
        return found


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Here]:
    yield Here(tmp_path_factory.mktemp("plain") / "store")


def credential(kind: str, ends: int | None = NOW + 90 * 86400) -> bytes:
    return credential_bytes(Credential(kind, PROFILES[kind][1], KEY, ends))  # type: ignore[arg-type]


@pytest.mark.parametrize("ends", [None, NOW + 90 * 86400, 253370764800])
@pytest.mark.parametrize("kind", [kind for kind in PROFILES if kind != "user"])
def test_what_a_login_writes_is_plain(here: Here, kind: str, ends: int | None) -> None:
    here.write(PROFILES[kind][0].encode(), credential(kind, ends))
    assert here.agree() is not None


def test_a_session_and_what_ends_soon_are_looked_at_closely(here: Here) -> None:
    here.write(PROFILES["user"][0].encode(), credential("user"))
    assert here.plain() is None
    here.write(PROFILES["kb"][0].encode(), credential("kb", NOW + 86400))
    assert is_near(NOW + 86400, None, NOW) and here.plain() is None
    assert here.plain(NOW - 90 * 86400) is not None


def test_what_others_may_read_or_write_is_looked_at_closely(here: Here) -> None:
    here.write(PROFILES["kb"][0].encode(), credential("kb"))
    for path, mode in ((here.store.credential("p"), 0o640), (here.store.definition("p"), 0o602)):
        Path(path).chmod(mode)
        assert here.plain() is None
        Path(path).chmod(0o600)
    Path(here.store.credentials).chmod(0o702)
    assert here.plain() is None
    Path(here.store.credentials).chmod(0o700)
    assert here.plain() is not None


LINES = [
    'account_slug = "acme"',
    'description = "x # y"',
    'extends = "other"',
    'zone = "europe-1"',
    'zone = "a.b"',
    'domain = "nuclia.cloud"',
    'storage = "file"',
    'storage = "keyring"',
    'session = "me"',
    'api_key = "k"',
    'api_key_file = "/k"',
    'nua_key_env = "K"',
    "public = true",
    'roles = ["READER"]',
    'kb = "other"',
    'title = ""',
    'title = "é"',
    'title = "a\\tb"',
    'unknown = "x"',
    'identity = "9"',
    f'url = "{BOX}/"',
    'origin = "https://x.example.com"',
    'global_url = "https://x.example.com"',
    'kind = "nua"',
    "# comment",
    "",
]


@pytest.mark.parametrize("line", LINES)
def test_whatever_line_is_added_the_careful_reader_finds_the_same(here: Here, line: str) -> None:
    for kind, (definition, _) in PROFILES.items():
        here.write(f"{definition}{line}\n".encode(), credential(kind))
        here.agree()


EDITS = st.lists(st.tuples(st.integers(0, 400), st.sampled_from('"{}[],:\n \\10éktA-./=#')), max_size=2)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(PROFILES)),
    st.lists(st.sampled_from(LINES), max_size=2),
    st.tuples(EDITS, EDITS),
    st.sampled_from((None, NOW + 90 * 86400)),
    st.sampled_from(("", "kb", "nua")),
)
def test_whatever_is_plain_is_what_the_careful_reader_finds(
    here: Here,
    kind: str,
    lines: list[str],
    edits: tuple[list[tuple[int, str]], list[tuple[int, str]]],
    ends: int | None,
    other: str,
) -> None:
    definition = (PROFILES[kind][0] + "".join(f"{line}\n" for line in lines)).encode()
    here.write(edited(definition, edits[0]), edited(credential(other or kind, ends), edits[1]))
    here.agree()


def edited(data: bytes, edits: list[tuple[int, str]]) -> bytes:
    for place, text in edits:
        data = data[:place] + text.encode() + data[place + 1 :]
    return data


@pytest.mark.parametrize("kind", [kind for kind in PROFILES if kind != "user"])
def test_each_byte_of_a_credential_counts(here: Here, kind: str) -> None:
    data = credential(kind)
    here.write(PROFILES[kind][0].encode(), data)
    for place in range(0, len(data), 3):
        for byte in (b'"', b"\\", b"\n", b"1", b""):
            Path(here.store.credential("p")).write_bytes(data[:place] + byte + data[place + 1 :])
            try:
                here.agree()
            except NucliactlError:
                pytest.fail(f"plain, and refused by the careful reader: byte {place} as {byte!r}")


def test_whatever_states_values_plainly_is_what_toml_says() -> None:
    corpus = [path.read_bytes() for path in (REPOSITORY / "profiles").rglob("*.toml")]
    corpus += [(text + line + "\n").encode() for text, _ in PROFILES.values() for line in LINES]
    plain = [(data, table) for data in corpus if (table := stated(data)) is not None]
    assert len(plain) > len(PROFILES)
    assert all(table == parse_toml(data, "p") for data, table in plain)


def test_keys_that_only_inform_are_free_in_every_kind_that_has_a_secret() -> None:
    for kind in KINDS.values():
        assert kind.secret is None or free_keys(kind.name) >= _INFORMING


def test_a_credential_of_before_is_read_with_care(here: Here) -> None:
    compact = json.dumps(json.loads(credential("kb"))).encode()
    here.write(PROFILES["kb"][0].encode(), compact)
    assert here.plain() is None
