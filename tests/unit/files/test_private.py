"""Files that several processes make at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streamdepth.files.private import private_part, promote


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_two_parts_of_one_file_are_apart_and_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    with private_part(path) as one, private_part(path) as other:
        assert len({one, other, path}) == 3
        assert {one.parent, other.parent} == {tmp_path}
        assert {one.suffix, other.suffix} == {".onnx"}
        assert left(tmp_path) == []  # a name, and no file yet
        one.write_bytes(b"1")
        other.write_bytes(b"2")
        promote(one, path)
        assert path.read_bytes() == b"1"
        promote(other, path)
    assert path.read_bytes() == b"2"
    assert left(tmp_path) == ["net.onnx"]


def test_what_is_promoted_is_on_disk_before_it_has_its_name_and_the_name_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, flushed = tmp_path / "net.onnx", []

    def note(handle: int) -> None:
        flushed.append((os.fstat(handle).st_ino, path.exists()))

    monkeypatch.setattr(os, "fsync", note)
    with private_part(path) as part:
        part.write_bytes(b"it")
        promote(part, path)
    assert flushed == [(path.stat().st_ino, False), (tmp_path.stat().st_ino, True)]


def test_what_is_not_promoted_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"older")
    with private_part(path) as part:
        part.write_bytes(b"half of it")
    assert path.read_bytes() == b"older"
    assert left(tmp_path) == ["net.onnx"]


def test_what_fails_leaves_no_part_and_is_raised(tmp_path: Path) -> None:
    def fail() -> None:
        with private_part(tmp_path / "net.onnx") as part:
            part.write_bytes(b"half of it")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert left(tmp_path) == []


def test_a_part_that_was_never_written_takes_no_place(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"older")
    with private_part(path) as part, pytest.raises(FileNotFoundError):
        promote(part, path)
    assert path.read_bytes() == b"older"


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    with private_part(tmp_path / "net") as part:
        part.write_bytes(b"it")
        with pytest.raises(OSError, match="net"):
            promote(part, tmp_path / "net")
    assert left(tmp_path) == ["net"]
