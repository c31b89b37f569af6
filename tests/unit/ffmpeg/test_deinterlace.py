"""Recordings of two fields a frame: no combs, and no picture or time lost."""

from __future__ import annotations

import gc
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streamdepth.frames import Frame
from streamdepth.sources.video.source import VideoOptions, VideoSource

WIDTH, HEIGHT = 128, 96


def moment(index: int) -> np.ndarray:
    """A disc that moves six pixels from one field to the next, over stripes that stand still."""
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    picture = np.where(columns // 16 % 2, 70, 90).astype(np.uint8)
    centre = 20 + 6 * index % (WIDTH - 40)
    picture[(columns - centre) ** 2 + (rows - 48) ** 2 < 18**2] = 220
    return np.repeat(picture[..., None], 3, axis=2)


def woven(index: int, interlaced: bool) -> av.VideoFrame:
    picture = moment(2 * index)
    if interlaced:
        picture[1::2] = moment(2 * index + 1)[1::2]
    return av.VideoFrame.from_ndarray(picture, "bgr24").reformat(format="yuv420p", interpolation="POINT")


def film(path: Path, codec: str, *, interlaced: bool = True, count: int = 20) -> Path:
    options = {
        "libx264": {"x264-params": "tff=1" if interlaced else "bframes=0", "qp": "4"},
        "mpeg2video": {"flags": "+ilme+ildct" if interlaced else "+bitexact", "q:v": "2"},
    }[codec]
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        stream.bit_rate = 8_000_000
        for index in range(count):
            frame = woven(index, interlaced)
            frame.pts, frame.time_base = index, Fraction(1, 25)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def read(path: Path, threads: int = 1) -> tuple[list[Frame], VideoSource]:
    source = VideoSource(path, VideoOptions(threads=threads))
    frames = list(iter(source.read, None))
    source.close()
    return frames, source


def combing(luma: np.ndarray) -> float:
    """Difference of each line from its neighbours, over that of every second one: far above 1 where fields differ."""
    lines = luma.astype(float)
    near = np.abs(lines[1:-1] - (lines[:-2] + lines[2:]) / 2).mean()
    far = np.abs(lines[2:-2] - (lines[:-4] + lines[4:]) / 2).mean()
    return float(near / far)


@pytest.mark.parametrize(("codec", "suffix"), [("libx264", "mp4"), ("libx264", "mkv"), ("mpeg2video", "ts")])
def test_interlaced_video_comes_without_combs_and_with_all_its_times(
    codec: str, suffix: str, tmp_path: Path
) -> None:
    frames, source = read(film(tmp_path / f"film.{suffix}", codec))
    with av.open(str(tmp_path / f"film.{suffix}")) as container:
        assert min(combing(frame.to_ndarray(format="gray")) for frame in container.decode(video=0)) > 1.5
    assert len(frames) == 20
    assert [frame.pts - frames[0].pts for frame in frames] == [Fraction(index, 25) for index in range(20)]
    assert {frame.shown_for for frame in frames} == {Fraction(1, 25)}
    assert max(combing(frame.i420.y) for frame in frames) < 0.9
    assert any("interlaced" in warning for warning in source.warnings)


def test_progressive_video_is_not_touched(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", "libx264", interlaced=False)
    frames, source = read(path)
    with av.open(str(path)) as container:
        for frame, decoded in zip(frames, container.decode(video=0), strict=True):
            np.testing.assert_array_equal(frame.i420.y, decoded.to_ndarray()[:HEIGHT])
    assert source.warnings == []


def test_a_recording_that_turns_interlaced_loses_no_picture(tmp_path: Path) -> None:
    first = film(tmp_path / "1.ts", "mpeg2video", interlaced=False)
    second = film(tmp_path / "2.ts", "mpeg2video")
    both = tmp_path / "both.ts"
    both.write_bytes(first.read_bytes() + second.read_bytes())
    frames, _ = read(both)
    assert len(frames) == 40
    assert [frame.pts - frames[0].pts for frame in frames] == [Fraction(index, 25) for index in range(40)]
    assert max(combing(frame.i420.y) for frame in frames[20:]) < 0.9


def test_deinterlaced_frames_do_not_wait_for_the_garbage_collector(tmp_path: Path) -> None:
    path = film(tmp_path / "film.mp4", "libx264")
    gc.collect()
    before = sum(type(thing) is av.VideoFrame for thing in gc.get_objects())
    gc.disable()
    try:
        source = VideoSource(path, VideoOptions(threads=1))
        assert len([frame.index for frame in iter(source.read, None)]) == 20
        alive = sum(type(thing) is av.VideoFrame for thing in gc.get_objects()) - before
        source.close()
        assert alive < 4
    finally:
        gc.enable()
