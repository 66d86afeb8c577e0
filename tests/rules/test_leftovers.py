"""A directory is looked through for what killed writers left where something in it has changed, and only there."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nucliactl.disk import leftovers
from nucliactl.disk.leftovers import TEMP, sweep_changed
from nucliactl.disk.lock import Lock
from nucliactl.store.layout import Store

Later = Callable[[float], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    def pass_by(seconds: float) -> None:
        now = time.time() + seconds
        monkeypatch.setattr(leftovers.time, "time", lambda: now)

    return pass_by


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    found: list[str] = []
    real = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: [found.append(str(path)), real(path)][1])
    return found


def leave(folder: Path, name: str = "dead") -> Path:
    path = folder / f"{TEMP}{name}"
    path.write_text("secret")
    return path


@pytest.fixture
def clean(tmp_path: Path, later: Later) -> bytes:
    """What is known of a directory that has not changed for some time, and has nothing left in it."""
    assert sweep_changed([str(tmp_path)], b"") == b""  # it has just been made
    later(10)
    known = sweep_changed([str(tmp_path)], b"")
    assert known
    return known


def test_what_has_not_changed_is_not_listed(tmp_path: Path, clean: bytes, listed: list[str]) -> None:
    assert sweep_changed([str(tmp_path)], clean) == clean
    assert listed == []


def come(folder: Path) -> None:
    leave(folder)


def come_unnoticed(folder: Path) -> None:
    """As a backup that is put back does: the time of the last change is what it was."""
    before = folder.stat()
    leave(folder)
    os.utime(folder, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(folder: Path) -> None:
    folder.rename(folder.with_name("old"))
    folder.mkdir()
    leave(folder)


@pytest.mark.parametrize("change", [come, come_unnoticed, replaced])
def test_what_was_left_since_is_swept(tmp_path: Path, later: Later, change: Callable[[Path], None]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    later(10)
    clean = sweep_changed([str(folder)], b"")
    change(folder)
    assert sweep_changed([str(folder)], clean) == b""  # it has just changed
    assert list(folder.iterdir()) == []
    later(20)
    assert sweep_changed([str(folder)], b"") not in (b"", clean)


def test_a_directory_in_which_somebody_writes_is_looked_through_again(tmp_path: Path, later: Later) -> None:
    path = leave(tmp_path)
    later(10)
    with path.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert sweep_changed([str(tmp_path)], b"") == b""
        assert path.exists()
    assert sweep_changed([str(tmp_path)], b"") == b""  # as it was killed, that changed nothing
    assert not path.exists()


def test_a_clock_that_was_put_back_makes_no_directory_known(tmp_path: Path, later: Later) -> None:
    later(-3600)
    assert sweep_changed([str(tmp_path)], b"") == b""


def test_a_note_that_was_cut_short_or_is_none_makes_no_directory_known(
    tmp_path: Path, clean: bytes, listed: list[str]
) -> None:
    others = [clean[:cut] for cut in range(len(clean))] + [
        clean[1:],
        b"\xff" * 40,
        b"1\n\n2",
        clean.replace(b" ", b""),
    ]
    for number, other in enumerate(others, 1):
        assert sweep_changed([str(tmp_path)], other) == clean
        assert len(listed) == number


def test_a_directory_that_is_not_there_stops_nothing(tmp_path: Path) -> None:
    assert sweep_changed([str(tmp_path / "none")], b"") == b""


def test_the_lock_of_a_store_keeps_the_note(tmp_path: Path, later: Later, listed: list[str]) -> None:
    store = Store(str(tmp_path))
    for folder in (store.profiles, store.credentials):
        Path(folder).mkdir(mode=0o700)
    later(10)
    for _ in range(2):
        with store.writing():
            assert Path(store.lock).read_bytes().count(b"\n") == 1
    assert sorted(set(listed)) == [store.root, store.credentials, store.profiles]
    assert [listed.count(folder) for folder in (store.root, store.credentials, store.profiles)] == [2, 1, 1]
    path = leave(Path(store.credentials))
    with store.writing():
        assert not path.exists()
        assert b"\n" not in Path(store.lock).read_bytes()


def test_where_the_disk_is_full_no_note_is_left(
    tmp_path: Path, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: Lock, note: bytes) -> None:
        raise OSError(28, f"no space for {len(note)} bytes")

    monkeypatch.setattr(Lock, "leave_note", full)
    store = Store(str(tmp_path))
    Path(store.profiles).mkdir()
    later(10)
    with store.writing():
        assert Path(store.lock).read_bytes() == b""
