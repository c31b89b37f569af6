"""A video that is read from behind a picture gives what follows as if all before had been read, or says it cannot."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streamdepth.frames import Frame, LeftOff
from streamdepth.pixels import sum_of
from streamdepth.sources.video.source import VideoSource

BASE = Fraction(1, 90_000)
FIFTH = 18_000
COUNT = 110
STEADY = [FIFTH * index for index in range(COUNT)]
UNEVEN = [FIFTH * index + 2_000 * (index % 3) + (400_000 if index > 80 else 0) for index in range(COUNT)]
KINDS = {
    "B-frames.mp4": (STEADY, "libx264", {"g": "10"}),
    "B-frames.mkv": (STEADY, "libx264", {"g": "10"}),
    "uneven.mp4": (UNEVEN, "libx264", {"g": "10"}),
    "late.mp4": ([270_000 + tick for tick in STEADY], "libx264", {"g": "10"}),
    "one-key-frame.mp4": (STEADY, "libx264", {"g": "1000", "x264-params": "scenecut=0"}),
    "open-gop.mp4": (STEADY, "libx264", {"g": "12", "x264-params": "open-gop=1"}),
    "intra-refresh.mp4": (STEADY, "libx264", {"g": "8", "x264-params": "intra-refresh=1"}),
    "interlaced.mp4": (STEADY, "libx264", {"g": "10", "x264-params": "tff=1"}),
    "fragmented.mp4": (STEADY, "libx264", {"g": "10"}),
    "vp9.webm": (STEADY, "libvpx-vp9", {"g": "10", "deadline": "realtime", "cpu-used": "8"}),
}
OTHERS = {
    "stream.ts": (STEADY, "libx264", {"g": "10"}),
    "by-decoding.avi": (STEADY, "libx264", {"g": "10"}),
}


def film(path: Path) -> Path:
    """Noise over a slope that moves; nothing is alike in two pictures."""
    ticks, codec, options = (KINDS | OTHERS)[path.name]
    container = {"movflags": "frag_keyframe+empty_moov"} if path.name == "fragmented.mp4" else {}
    with av.open(str(path), "w", options=container) as out:
        stream = out.add_stream(codec, rate=5, options=options)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        if path.suffix != ".avi":
            stream.time_base = stream.codec_context.time_base = BASE
        for index, tick in enumerate(ticks):
            picture = np.random.default_rng(index).integers(0, 60, (48, 64, 3))
            picture[:, index % 60 : index % 60 + 5] += 150
            frame = av.VideoFrame.from_ndarray(picture.astype(np.uint8), "bgr24")
            frame.pts, frame.time_base = tick, BASE
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


def facts(frame: Frame) -> tuple[object, ...]:
    return frame.index, frame.pts, frame.shown_for, sum_of(frame.picture)


def read_all(source: VideoSource) -> list[Frame]:
    try:
        return list(iter(source.read, None))
    finally:
        source.close()


def left_off(frames: list[Frame], index: int) -> LeftOff:
    return LeftOff(index, frames[index].pts, sum_of(frames[index].picture), index + 1, frames[0].pts)


@pytest.mark.parametrize("name", KINDS)
def test_what_follows_is_the_same_to_the_bit(tmp_path: Path, name: str) -> None:
    path = film(tmp_path / name)
    whole = read_all(VideoSource(path))
    assert len(whole) == COUNT
    for index in (60, 79, 108):
        source = VideoSource(path)
        assert source.go_on_after(left_off(whole, index))
        assert list(map(facts, read_all(source))) == list(map(facts, whole[index + 1 :]))


@pytest.mark.parametrize("name", OTHERS)
def test_a_container_that_is_searched_by_guess_is_not_trusted(tmp_path: Path, name: str) -> None:
    path = film(tmp_path / name)
    whole = read_all(VideoSource(path))
    source = VideoSource(path)
    assert not source.go_on_after(left_off(whole, 80))
    source.close()


@pytest.mark.parametrize("wrong", ["sum", "pts", "early"])
def test_it_is_refused_where_the_last_picture_is_another_one(tmp_path: Path, wrong: str) -> None:
    path = film(tmp_path / "B-frames.mp4")
    whole = read_all(VideoSource(path))
    last = left_off(whole, 9 if wrong == "early" else 80)
    changed = {
        "sum": LeftOff(80, last.pts, last.sum ^ 1, 81, last.first),
        "pts": LeftOff(80, last.pts + BASE, last.sum, 81, last.first),
        "early": last,
    }
    source = VideoSource(path)
    assert not source.go_on_after(changed[wrong])
    source.close()
