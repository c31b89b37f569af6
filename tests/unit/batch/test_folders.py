"""What a folder holds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from streamdepth.batch.folders import contents_of


@pytest.fixture
def clips(tmp_path: Path) -> Path:
    root = tmp_path / "clips"
    for name in (
        "2.mp4",
        "10.MKV",
        "day/a.webm",
        "day/deep/b.mov",
        "day/p.jpg",
        "x.part.mp4",
        "notes.txt",
        "y.nfo",
    ):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    (root / ".hidden.mp4").write_bytes(b"")
    return root


def names(paths: list[Path], root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in paths]


def test_the_films_of_a_folder_come_by_number_and_all_else_is_told(clips: Path) -> None:
    contents = contents_of(clips, recursive=False)
    assert names(contents.films, clips) == ["2.mp4", "10.MKV"]
    assert contents.pictures == []
    assert [(path.name, reason) for path, reason, _ in contents.left_out] == [
        ("x.part.mp4", "it is the unfinished part of a film"),
        ("clips", "1 folder in it not searched (--recursive does)"),
        ("clips", "no films or pictures by their endings: 1 .nfo, 1 .txt"),
    ]


def test_the_folders_in_it_are_searched_on_request(clips: Path) -> None:
    (clips / "again").symlink_to(clips / "day")
    contents = contents_of(clips, recursive=True)
    assert names(contents.films, clips) == ["2.mp4", "10.MKV", "day/a.webm", "day/deep/b.mov"]
    assert names(contents.pictures, clips) == ["day"]
    assert (clips / "again", "links to folders are not followed", False) in contents.left_out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes in folders there")
def test_what_has_the_name_of_a_film_and_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").symlink_to("nowhere")
    os.mkfifo(tmp_path / "b.jpg")
    (tmp_path / "c.mkv").mkdir()
    contents = contents_of(tmp_path, recursive=False)
    assert [(path.name, reason) for path, reason, _ in contents.left_out if path != tmp_path] == [
        ("a.mp4", "it is a link to what is not there"),
        ("b.jpg", "it is a pipe or a device"),
    ]


def test_a_folder_that_cannot_be_read_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_folder: Path) -> list[str]:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "listdir", refused)
    contents = contents_of(tmp_path, recursive=True)
    assert contents.left_out == [(tmp_path, "it cannot be read: Permission denied", True)]
