"""Recordings of a live stream that carries depth: written packet by packet, read back with their range."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from depth_streams import RATE, SIZE, SLOPE, filmed, shown

import streamdepth
from streamdepth.depthfiles.open import is_depth
from streamdepth.errors import SourceError
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.frames import DepthMap, DepthMeaning, DepthRange, Measured
from streamdepth.pixels import Rectangle

WIDE = (160, 96)
STEP = 4 / 255


@pytest.fixture
def film(tmp_path):
    """Writes a film; gives its path."""

    def write(pictures, *how, name="street.mkv", **more):
        (tmp_path / name).write_bytes(filmed(pictures, *how, **more))
        return tmp_path / name

    return write


@pytest.mark.parametrize("kind", list(VideoCodec))
def test_each_map_comes_back_with_its_picture_its_time_and_its_range(film, kind):
    pictures = [shown(number, size=WIDE) for number in range(6)]
    path = film(pictures, kind)
    assert is_depth(path)
    depths = streamdepth.open_depth(path)
    assert (len(depths), depths.meaning, depths.source_size) == (6, DepthMeaning.INVERSE_RELATIVE, WIDE)
    assert depths.index.facts.origin["model"] == {"name": "nano"}
    assert abs(Fraction(depths.index.facts.origin["source"]["rate"]) - RATE) < 0.1
    for number, (depth, was) in enumerate(zip(depths, pictures, strict=True)):
        error = np.abs(depth.values - was.depth.values).mean()
        assert error <= 1.5 * STEP
        assert abs(depth.pts - Fraction(number, RATE)) <= Fraction(1, 500)
        assert depth.frame.span == was.scaled.span
        assert np.abs(depth.frame.bgr.astype(int) - was.picture.bgr).mean() < 6


def test_a_name_with_a_colon_is_no_address(film, monkeypatch):
    monkeypatch.chdir(film([shown(0, size=WIDE)], name="take:1.mkv").parent)
    assert len(list(streamdepth.open_depth("take:1.mkv"))) == 1


def test_what_is_larger_where_it_is_farther_comes_back_as_well(film):
    path = film([shown(0, size=WIDE, meaning=DepthMeaning.METRES)])
    (depth,) = streamdepth.open_depth(path)
    assert depth.meaning is DepthMeaning.METRES
    assert np.abs(depth.values - SLOPE).mean() <= 1.5 * STEP


def test_metres_of_then_come_with_it_or_the_reason_why_there_were_none(film):
    known = Measured(DepthMap(SLOPE), 1.0, inverse=(0.1, 0.05), error=0.07)
    path = film(
        [shown(0, size=WIDE, measured=known), shown(1, size=WIDE, measured=Measured(None, 0, "moved"))]
    )
    first, second = (depth.frame.measured for depth in streamdepth.open_depth(path))
    assert first.error == 0.07
    assert np.allclose(first.depth.values, 1 / (0.1 * SLOPE + 0.05), rtol=0.02)
    assert (second.depth, second.reason) == (None, "moved")


def test_pictures_of_another_size_and_bars_are_fitted_into_the_first_size(film):
    inner = Rectangle(40, 0, 80, 96)
    path = film([shown(0, size=WIDE, inner=inner), shown(1, size=(64, 96)), shown(2, size=WIDE)])
    barred, upright, plain = (depth.frame.picture for depth in streamdepth.open_depth(path))
    assert barred.inner == inner
    assert (upright.width, upright.height, upright.inner.width) == (*WIDE, 64)
    assert plain.inner is None


def test_pictures_that_did_not_arrive_are_told(film):
    path = film([shown(number, size=WIDE) for number in range(5)], lost=(3,))
    source = streamdepth.open_source(path)
    assert len(list(iter(source.read, None))) == 4
    assert source.warnings == ["pictures that the recording lacks: 1"]
    source.close()


def test_a_film_that_was_cut_short_is_whole_up_to_there(tmp_path):
    pictures = [shown(number, size=WIDE) for number in range(30)]
    whole = filmed(pictures, end=False)
    for bytes_less, there in ((0, 29), (40, 28)):
        (tmp_path / "cut.mkv").write_bytes(whole[: len(whole) - bytes_less])
        assert len(list(streamdepth.open_depth(tmp_path / "cut.mkv"))) == there, "the last is on its way"


def test_what_somebody_scaled_is_refused(film, tmp_path):
    path = film([shown(0, size=WIDE)])
    with av.open(str(path)) as origin, av.open(str(tmp_path / "small.mkv"), "w") as made:
        made.metadata.update(origin.metadata)
        stream = made.add_stream("libx264", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 80, 88, "yuv420p"
        lines = made.add_mux_stream("text", time_base=Fraction(1, 1000))
        for packet in origin.demux():
            if packet.stream.type == "subtitle" and packet.size:
                packet.stream = lines
                made.mux(packet)
            for frame in packet.decode() if packet.stream.type == "video" else ():
                made.mux(stream.encode(frame.reformat(80, 88, "yuv420p")))
        made.mux(stream.encode())
    with pytest.raises(SourceError, match="was resized"):
        list(streamdepth.open_depth(tmp_path / "small.mkv"))


def test_damaged_words_and_an_empty_film_are_told(film, tmp_path):
    data = filmed([shown(0, size=WIDE)])
    (tmp_path / "odd.mkv").write_bytes(data.replace(b'"box"', b'"bax"'))
    with pytest.raises(SourceError, match="damaged where it describes depth"):
        streamdepth.open_depth(tmp_path / "odd.mkv")


def test_a_range_that_does_not_move_is_told_once(tmp_path):
    still = [shown(number, size=SIZE, span=DepthRange(1, 6)) for number in range(4)]
    assert filmed(still).count(b'"range": [') == 1
