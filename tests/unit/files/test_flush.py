"""What is brought to disk, as the system is asked for it."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from streamdepth.errors import DiskFull, SinkError
from streamdepth.files.flush import flush, flush_file, flush_folder


class Disk:
    """Notes which files and folders the system is asked to flush; fails with `code` where that is set."""

    def __init__(self) -> None:
        self.flushed: list[tuple[int, bool]] = []
        self.code = 0
        self.last = -1

    def fsync(self, handle: int) -> None:
        self.last = handle
        if self.code:
            raise OSError(self.code, os.strerror(self.code))
        facts = os.fstat(handle)
        self.flushed.append((facts.st_ino, stat.S_ISDIR(facts.st_mode)))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    monkeypatch.setattr(os, "fsync", disk.fsync)
    return disk


def made(*paths: Path) -> list[tuple[int, bool]]:
    """Those files, with what a disk notes of them."""
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"1")
    return [(path.stat().st_ino, False) for path in paths]


def test_all_files_come_first_and_each_folder_once(disk: Disk, tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "1", tmp_path / "a" / "2", tmp_path / "b" / "1"]
    files = made(*paths)
    flush(paths)
    assert disk.flushed[:3] == files
    folders = {(path.stat().st_ino, True) for path in (tmp_path / "a", tmp_path / "b")}
    assert len(disk.flushed) == 5
    assert set(disk.flushed[3:]) == folders


def test_what_is_gone_is_left_out_and_the_rest_is_flushed(disk: Disk, tmp_path: Path) -> None:
    (file,) = made(tmp_path / "a")
    flush([tmp_path / "gone" / "b", tmp_path / "a"])
    assert disk.flushed == [file, (tmp_path.stat().st_ino, True)]
    disk.flushed.clear()
    flush([tmp_path / "gone"])
    flush([])
    assert disk.flushed == []


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (errno.ENOSPC, DiskFull, "the disk of .*a is full"),
        (errno.EIO, SinkError, "a cannot be written: Input"),
    ],
)
def test_a_disk_that_fails_is_told_with_the_file(
    disk: Disk, tmp_path: Path, code: int, kind: type[SinkError], words: str
) -> None:
    made(tmp_path / "a")
    disk.code = code
    with pytest.raises(kind, match=words):
        flush([tmp_path / "a"])


def test_one_file_raises_what_the_system_says_and_is_closed(disk: Disk, tmp_path: Path) -> None:
    made(tmp_path / "a")
    disk.code = errno.EIO
    with pytest.raises(OSError, match="Input/output error"):
        flush_file(tmp_path / "a")
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(disk.last)
    with pytest.raises(FileNotFoundError):
        flush_file(tmp_path / "gone")


def test_a_folder_that_cannot_be_flushed_is_left_as_it_is(disk: Disk, tmp_path: Path) -> None:
    flush_folder(tmp_path / "gone")
    disk.code = errno.EINVAL
    flush_folder(tmp_path)
    disk.code = 0
    flush_folder(tmp_path)
    assert disk.flushed == [(tmp_path.stat().st_ino, True)]
