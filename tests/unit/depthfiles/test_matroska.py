"""A film of depth gives back the same numbers to PyAV and to OpenCV, and says what they are."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from depths import maps

from streamdepth.depthfiles.clip import Clip
from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.matroska import TAG, mkv_times, read_mkv_clip, read_mkv_index, write_mkv_clip
from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.errors import SourceError
from streamdepth.ffmpeg.grey16 import grey16_frame

TIMES = [Fraction(0), Fraction(1001, 30000), Fraction(1, 2), Fraction(5001, 10000), Fraction(9)]
"""With a gap, and two pictures in one millisecond."""
VALUES = maps(5, (27, 31))
SCALE = Scale.spanning(min(map(np.min, VALUES)), max(map(np.max, VALUES)))


@pytest.fixture
def path(tmp_path):
    entries = [Entry(v, n, t, (64, 48)) for n, (v, t) in enumerate(zip(VALUES, TIMES, strict=True))]
    with (tmp_path / "depth.mkv").open("wb") as file:
        write_mkv_clip(file, Clip(iter(entries), 5, (31, 27), SCALE, b'{"a": 1}', b'{"b": 2}'))
    return tmp_path / "depth.mkv"


def test_every_pixel_comes_back(path):
    for pixels, values in zip(read_mkv_clip(path), VALUES, strict=True):
        assert np.array_equal(pixels, SCALE.pixels(values))


def test_a_name_with_a_colon_is_no_address(path, monkeypatch):
    monkeypatch.chdir(path.parent)
    name = Path(path.rename("take:1.mkv").name)
    assert len(list(read_mkv_clip(name))) == len(mkv_times(name)) == 5
    assert read_mkv_index(name) == b'{"b": 2}'


def test_opencv_reads_the_same_numbers(path):
    film = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    film.set(cv2.CAP_PROP_CONVERT_RGB, 0)
    read = [film.read()[1] for _ in VALUES]
    film.release()
    assert all(np.array_equal(one, SCALE.pixels(values)) for one, values in zip(read, VALUES, strict=True))


def test_it_is_16_bits_of_grey_in_full_range_and_every_picture_can_be_sought(path):
    with av.open(str(path)) as film:
        context = film.streams.video[0].codec_context
        assert (context.name, context.pix_fmt, int(context.color_range)) == ("ffv1", "gray16le", 2)
        assert all(packet.is_keyframe for packet in film.demux(video=0) if packet.size)


def test_the_tag_and_the_attached_index_are_read(path):
    with av.open(str(path)) as film:
        assert json.loads(film.metadata[TAG]) == {"a": 1}
    assert json.loads(read_mkv_index(path)) == {"b": 2}


def test_times_are_those_of_the_pictures_to_the_millisecond_and_all_differ(path):
    assert mkv_times(path) == [Fraction(n, 1000) for n in (0, 33, 500, 501, 9000)]


def test_an_ordinary_film_has_no_index_and_no_film_is_an_error(tmp_path):
    with av.open(str(tmp_path / "film.mkv"), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
        film.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((24, 16), np.uint8), "yuv420p")))
        film.mux(stream.encode())
    assert read_mkv_index(tmp_path / "film.mkv") is None
    with pytest.raises(SourceError, match="no 16 bits of grey"):
        list(read_mkv_clip(tmp_path / "film.mkv"))
    (tmp_path / "none.mkv").write_bytes(b"none")
    with pytest.raises(SourceError):
        read_mkv_index(tmp_path / "none.mkv")


def test_a_picture_that_is_not_as_it_was_written_is_told_with_its_time(path):
    data = bytearray(path.read_bytes())
    with av.open(str(path)) as film:
        packet = list(film.demux(video=0))[2]
    place = data.index(bytes(packet)) + packet.size // 2
    for changed in (bytes([data[place] ^ 1]), bytes(packet.size // 2)):
        path.write_bytes(data[:place] + changed + data[place + len(changed) :])
        with pytest.raises(SourceError, match=r"depth\.mkv is damaged at 0\.500 s"):
            list(read_mkv_clip(path))


@pytest.mark.parametrize("options", [{"level": "3", "slicecrc": "0"}, {"level": "1"}])
def test_a_film_without_check_sums_is_read(tmp_path, options):
    with av.open(str(tmp_path / "a.mkv"), "w") as film:
        stream = film.add_stream("ffv1", 25, options=options)
        stream.width, stream.height, stream.pix_fmt = 31, 27, "gray16le"
        for values in VALUES:
            film.mux(stream.encode(grey16_frame(SCALE.pixels(values))))
        film.mux(stream.encode())
    for pixels, values in zip(read_mkv_clip(tmp_path / "a.mkv"), VALUES, strict=True):
        assert np.array_equal(pixels, SCALE.pixels(values))
