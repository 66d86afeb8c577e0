"""A way to keep a secret is whole: declared, read, confined where it must be, and opened by a provider."""

from pathlib import Path
from typing import get_args

import pytest

from nucliactl.credentials.provider import MAKERS, provider_for
from nucliactl.errors import Refused
from nucliactl.model.definition import parse_definition
from nucliactl.model.fields import file_keys, secret_keys
from nucliactl.model.profile import SecretRef, Source
from nucliactl.model.trust import named
from nucliactl.model.ways import KEYED, WAYS, Way
from nucliactl.model.words import SourceKind, Storage, WayName
from nucliactl.sources.directory import Directory
from nucliactl.sources.limits import CONFINED

LATE = [way for way in KEYED if way.opens == "late"]
STORED = SecretRef("store", "/store/credentials/mine.json")


def missing(way: Way) -> list[str]:
    """Return what a way still lacks."""
    return [
        what
        for there, what in (
            (way.name in get_args(WayName), "its name in WayName, model/words.py"),
            (way.name in WAYS, "its place in WAYS, model/ways.py"),
            (way.storage in get_args(Storage), "its word in Storage, model/words.py"),
            (way.opens == "never" or way.name in MAKERS, "its provider in MAKERS, credentials/provider.py"),
            (
                way.opens != "late" or "flag" not in way.trusted_in or way.name in CONFINED,
                "its limit in CONFINED, sources/limits.py, as --profiles-dir may use it",
            ),
        )
        if not there
    ]


@pytest.mark.parametrize("way", WAYS.values(), ids=lambda way: way.name)
def test_no_way_lacks_anything(way: Way) -> None:
    assert not missing(way), f"{way.name} lacks:\n" + "\n".join(missing(way))


def test_half_a_way_is_told_what_it_lacks() -> None:
    half = WAYS["file"]._replace(name="clipboard", storage="clipboard")  # type: ignore[arg-type]
    said = "\n".join(missing(half))
    for what in ("WayName", "WAYS", "Storage", "MAKERS", "CONFINED"):
        assert what in said


def test_every_table_over_ways_has_each_and_no_other() -> None:
    assert set(get_args(WayName)) == {*WAYS}
    assert {*MAKERS} == {way.name for way in WAYS.values() if way.opens != "never"}
    assert {*CONFINED} == {way.name for way in LATE if "flag" in way.trusted_in}
    suffixes = [way.suffix for way in KEYED]
    assert suffixes[0] == "" and len({*suffixes}) == len(suffixes)


@pytest.mark.parametrize("way", KEYED, ids=lambda way: way.name)
def test_a_definition_says_it_by_its_key(way: Way) -> None:
    key, value = f"nua_key{way.suffix}", ["pass", "show"] if way.runs else "NUCLIA_VALUE"
    assert key in secret_keys("nua") and key in file_keys("nua")
    read = parse_definition(
        "mine", {"kind": "nua", key: value}, Source("store", "/d/mine.toml"), lambda _: STORED
    )
    assert read.secret.way == way.name and not read.warnings
    assert (read.secret.value is not None) == read.secret.open == (way.opens == "at once")
    assert provider_for(read, {}) is not None


@pytest.mark.parametrize("way", KEYED, ids=lambda way: way.name)
@pytest.mark.parametrize("kind", ["store", "system", "path", "flag"])
def test_only_what_is_trusted_with_it_may_use_it(way: Way, kind: SourceKind, tmp_path: Path) -> None:
    value = '["pass"]' if way.runs else '"NUCLIA_VALUE"'
    path = tmp_path / "mine.toml"
    path.write_text(
        f'kind = "nua"\nissuer = "https://z-1.dp.progress.cloud"\nnua_key{way.suffix} = {value}\n'
    )
    path.chmod(0o600)
    directory = Directory(kind, str(tmp_path), named(str(tmp_path)), None, lambda origin: True)
    if kind in way.trusted_in:
        read = directory.load("mine")
        assert read is not None and read.secret.way == way.name
    else:
        with pytest.raises(Refused, match=f"wants to {way.does}") as caught:
            directory.load("mine")
        assert "nua_key_file" in caught.value.hint
