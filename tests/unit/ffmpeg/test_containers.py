"""What containers say of themselves."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from films import write_film

from streamdepth.ffmpeg.containers import chapters_of, length_of, open_container, open_input


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".ts", ".flv", ".nut"])
@pytest.mark.parametrize("offset", ["0", "0.3", "3600"])
def test_a_film_that_begins_late_is_as_long_as_any(tmp_path: Path, suffix: str, offset: str) -> None:
    pictures = [np.zeros((48, 64, 3), np.uint8)] * 10
    path = write_film(
        tmp_path / f"a{suffix}", pictures, size=(64, 48), container={"output_ts_offset": offset}
    )
    with av.open(str(path)) as container:
        length = length_of(container)
    assert length is not None
    assert 0.3 < length < 1.5


def test_what_does_not_say_how_long_it_is_has_no_length(tmp_path: Path) -> None:
    path = write_film(tmp_path / "a.h264", [np.zeros((48, 64, 3), np.uint8)] * 3, size=(64, 48))
    with av.open(str(path)) as container:
        assert length_of(container) is None


def film_with_text(path: Path, begin: bytes) -> Path:
    """A film with a title, a name of its track and a chapter that begin so."""
    with av.open(str(path), "w") as container:
        container.metadata["title"] = "#1 Film"
        chapter = {
            "id": 1,
            "start": 0,
            "end": 2,
            "time_base": Fraction(1, 10),
            "metadata": {"title": "#3 Anfang"},
        }
        container.set_chapters([chapter])
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.metadata["title"] = 64, 48, "#2 Bild"
        for level in range(2):
            picture = np.full((48, 64, 3), level, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        container.mux(stream.encode())
    data = path.read_bytes()
    for number in (b"#1 ", b"#2 ", b"#3 "):
        assert number in data
        data = data.replace(number, begin + number[len(begin) :])
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("in_memory", [False, True])
def test_text_in_another_encoding_is_read_as_windows_writes_it(tmp_path: Path, in_memory: bool) -> None:
    path = film_with_text(tmp_path / "a.mkv", b"\xdc")
    with open_input(BytesIO(path.read_bytes())) if in_memory else open_container(str(path)) as container:
        assert container.metadata["title"] == "Ü1 Film"
        assert container.streams[0].metadata["title"] == "Ü2 Bild"
        (chapter,) = chapters_of(container)
        assert chapter["metadata"]["title"] == "Ü3 Anfang"
        assert chapter["end"] * chapter["time_base"] == Fraction(1, 5)


def test_damaged_utf_8_has_marks_in_place_of_what_cannot_be_read(tmp_path: Path) -> None:
    with open_container(str(film_with_text(tmp_path / "a.mkv", "Ü".encode() + b"\xc3"))) as container:
        assert container.metadata["title"] == "Ü\N{REPLACEMENT CHARACTER}Film"
