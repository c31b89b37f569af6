"""What is complete is remembered as long as it is as it was left."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from streamdepth.frames import DepthMeaning
from streamdepth.resuming import finished
from streamdepth.resuming.finished import Finished, recall, remember

DONE = Finished({"--layout": "depth"}, {"model": "nano"})


@pytest.fixture
def outputs(tmp_path: Path) -> tuple[Path, ...]:
    """A film, and a folder with two maps and their index."""
    film, maps = tmp_path / "film.mp4", tmp_path / "maps"
    film.write_bytes(b"film")
    maps.mkdir()
    pictures = [{"file": f"{number}.png", "index": number, "pts": f"{number}/1"} for number in range(2)]
    for picture in pictures:
        (maps / str(picture["file"])).write_bytes(b"map")
    facts = {
        "streamdepth": "depth",
        "version": 1,
        "meaning": DepthMeaning.INVERSE_RELATIVE.value,
        "range": "clip",
    }
    (maps / "streamdepth.json").write_text(json.dumps({**facts, "pictures": pictures}))
    return film, maps


def test_what_is_as_it_was_left_is_known(outputs: tuple[Path, ...], tmp_path: Path) -> None:
    assert recall(outputs, tmp_path / "cache") is None
    remember(outputs, DONE, tmp_path / "cache")
    assert recall(outputs, tmp_path / "cache") == DONE
    assert recall(outputs[:1], tmp_path / "cache") is None


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere names of files are text")
def test_a_name_that_is_no_text_is_as_good_as_any(tmp_path: Path) -> None:
    film = tmp_path / os.fsdecode(b"film\xff.mp4")
    film.touch()
    remember([film], DONE, tmp_path / "cache")
    assert recall([film], tmp_path / "cache") == DONE


CHANGES: dict[str, Callable[[Path, Path], object]] = {
    "another size": lambda film, _maps: film.write_bytes(b"longer"),
    "another time": lambda film, _maps: os.utime(film, (1, 1)),
    "no film": lambda film, _maps: film.unlink(),
    "another index": lambda _film, maps: os.utime(maps / "streamdepth.json", (1, 1)),
    "a map too few": lambda _film, maps: (maps / "1.png").unlink(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_changed_since_is_not(change: str, outputs: tuple[Path, ...], tmp_path: Path) -> None:
    remember(outputs, DONE, tmp_path / "cache")
    CHANGES[change](*outputs)
    assert recall(outputs, tmp_path / "cache") is None


def test_damaged_notes_and_a_cache_that_cannot_be_written_are_as_none(
    outputs: tuple[Path, ...], tmp_path: Path
) -> None:
    remember(outputs, DONE, tmp_path / "cache")
    (note,) = (tmp_path / "cache" / "finished").iterdir()
    for data in (b"", b"[]", b"{}", note.read_bytes()[:-9]):
        note.write_bytes(data)
        assert recall(outputs, tmp_path / "cache") is None
    remember(outputs, DONE, outputs[0])
    assert recall(outputs, outputs[0]) is None


def test_of_many_notes_the_oldest_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finished, "_MOST", 6)
    films = [tmp_path / f"{number}.mp4" for number in range(8)]
    for number, film in enumerate(films):
        film.touch()
        remember([film], DONE, tmp_path / "cache")
        newest = max((tmp_path / "cache" / "finished").iterdir(), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (number, number))
    known = [number for number, film in enumerate(films) if recall([film], tmp_path / "cache")]
    assert known == [3, 4, 5, 6, 7]
