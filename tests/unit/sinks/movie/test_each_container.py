"""Every codec in every container that takes it: whole when it is closed, and playable at any moment before."""

from __future__ import annotations

import os
import shutil
import sys
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streamdepth.errors import SinkError, UsageError
from streamdepth.frames import Colours, DepthMap, Estimate, Frame, Rendered, SourceInfo
from streamdepth.pixels import I420, ColourMatrix, Picture
from streamdepth.sinks.movie.codecs import CODECS
from streamdepth.sinks.movie.containers import CONTAINERS
from streamdepth.sinks.movie.sink import MovieOptions, MovieSink

PAIRS = [(suffix, word) for suffix, kind in CONTAINERS.items() for word in kind.codecs]
SIZE = (128, 96)
RATE = Fraction(30000, 1001)
DEPTH = DepthMap(np.zeros((2, 2), np.float32))


def shown(index: int, size: tuple[int, int] = SIZE, full_range: bool = False) -> Rendered:
    """A grey that rises with the number of the picture, beside noise that costs bits."""
    width, height = size
    y = np.full((height, width), 40 + index, np.uint8)
    y[: height // 4] = np.random.default_rng(index).integers(16, 235, (height // 4, width))
    u = np.full(((height + 1) // 2, (width + 1) // 2), 90, np.uint8)
    planes = I420(y, u, u + 90, full_range=full_range)
    picture = Picture.of_i420(planes)
    return Rendered(Estimate(Frame(index, index / RATE, 0.0, picture), DEPTH, 0.0), picture)


def info(count: int | None, *, live: bool = False, size: tuple[int, int] = SIZE) -> SourceInfo:
    base = None if live else Fraction(1, 30000)
    return SourceInfo(*size, RATE, live, 1.0, frame_count=count, time_base=base)


def decoded(path: Path) -> list[av.VideoFrame]:
    frames = []
    with av.open(str(path)) as container, suppress(av.error.InvalidDataError, av.error.EOFError):
        frames += list(container.decode(video=0))
    return frames


def brightness(frame: av.VideoFrame) -> float:
    y = np.frombuffer(frame.reformat(format="gray").planes[0], np.uint8).reshape(frame.height, -1)
    return float(y[frame.height // 2 :, : frame.width].mean())


@pytest.mark.parametrize(("suffix", "word"), PAIRS)
def test_each_picture_is_there_at_its_time(suffix: str, word: str, tmp_path: Path) -> None:
    path = tmp_path / f"depth{suffix}"
    sink = MovieSink(path, info(45), options=MovieOptions(word, threads=2))
    for index in range(45):
        sink.write(shown(index))
    sink.close()
    frames = decoded(path)
    tick = 0.00051 if suffix in (".mkv", ".webm") else 1e-9  # Matroska counts in milliseconds
    assert [frame.time for frame in frames] == pytest.approx([float(n / RATE) for n in range(45)], abs=tick)
    grey = [brightness(frame) for frame in frames]
    assert grey == pytest.approx([(40 + n - 16) / 219 * 255 for n in range(45)], abs=4)
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.codec.canonical_name in (word, "hevc")
        assert container.duration == pytest.approx(float(45 / RATE) * 1e6, abs=1000)
        assert container.streams.video[0].guessed_rate == RATE


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_h265_has_the_name_that_players_of_apple_know(suffix: str, tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / f"depth{suffix}", info(5), options=MovieOptions("h265", threads=1))
    for index in range(5):
        sink.write(shown(index))
    sink.close()
    with av.open(str(tmp_path / f"depth{suffix}")) as container:
        assert container.streams.video[0].codec_context.codec_tag == "hvc1"
    assert len(decoded(tmp_path / f"depth{suffix}")) == 5


@pytest.mark.parametrize(
    ("suffix", "word"), [(".mkv", "h264"), (".webm", "vp9"), (".mov", "prores"), (".mp4", "av1")]
)
@pytest.mark.parametrize("live", [False, True])
def test_what_is_on_disk_plays_at_any_moment(suffix: str, word: str, live: bool, tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / f"depth{suffix}", info(150, live=live), options=MovieOptions(word, threads=1))
    growing = tmp_path / (f"depth{suffix}" if live else f"depth.part{suffix}")
    moments = []
    for index in range(150):
        sink.write(shown(index))
        if index in (110, 140):
            moments.append(tmp_path / f"{index}{suffix}")
            shutil.copyfile(growing, moments[-1])
    sink.close()
    for moment, least in zip(moments, (40, 70), strict=True):
        frames = decoded(moment)
        assert len(frames) >= least
        steps = np.diff([float(frame.time or 0) for frame in frames])
        assert steps == pytest.approx([float(1 / RATE)] * len(steps), abs=0.0011)
    assert len(decoded(tmp_path / f"depth{suffix}")) == 150


@pytest.mark.parametrize("suffix", CONTAINERS)
def test_a_recording_of_what_is_live_begins_at_zero(suffix: str, tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / f"depth{suffix}", info(None, live=True))
    for index in range(60, 80):
        sink.write(shown(index))
    sink.close()
    times = [frame.time for frame in decoded(tmp_path / f"depth{suffix}")]
    assert times == pytest.approx([float(n / RATE) for n in range(20)], abs=0.0011)


@pytest.mark.parametrize(("suffix", "word"), [(".mkv", "ffv1"), (".webm", "vp9"), (".mp4", "av1")])
def test_a_codec_that_takes_odd_sizes_gets_them(suffix: str, word: str, tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / f"depth{suffix}", info(2, size=(85, 47)), options=MovieOptions(word))
    for index in range(2):
        sink.write(shown(index, (85, 47)))
    sink.close()
    assert [(frame.width, frame.height) for frame in decoded(tmp_path / f"depth{suffix}")] == [(85, 47)] * 2
    assert sink.warnings == []


def test_one_that_does_not_says_what_it_made_of_it(tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "depth.mkv", info(1, size=(85, 47)))
    sink.write(shown(0, (85, 47)))
    sink.close()
    assert sink.warnings == [
        "pictures of 85x47 are written as 86x48, with their last row and column again: H.264 takes even sizes only"
    ]


def test_full_range_becomes_limited_where_a_codec_has_no_other(tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "depth.mov", info(1), options=MovieOptions("prores"))
    sink.write(shown(60, full_range=True))
    sink.close()
    (frame,) = decoded(tmp_path / "depth.mov")
    assert brightness(frame) == pytest.approx(100, abs=3)


TAGS = {
    ColourMatrix.BT709: Colours(1, 1, 1),
    ColourMatrix.BT2020: Colours(9, 14, 9),
    ColourMatrix.BT601: Colours(5, 6, 5),
}
OF_PRORES = {Colours(9, 14, 9): Colours(9, 1, 9), Colours(5, 6, 5): Colours(5, 1, 6)}
"""The same by the numbers that it has."""


@pytest.mark.parametrize("matrix", TAGS)
@pytest.mark.parametrize(("suffix", "word"), PAIRS)
def test_colours_and_the_shape_of_pixels_are_stated(
    suffix: str, word: str, matrix: ColourMatrix, tmp_path: Path
) -> None:
    colours = TAGS[matrix]
    about = replace(info(1), colours=colours, sample_aspect=Fraction(16, 11))
    sink = MovieSink(tmp_path / f"depth{suffix}", about, options=MovieOptions(word))
    one = shown(0)
    picture = Picture.of_i420(replace(one.picture.i420, matrix=matrix))
    sink.write(replace(one, picture=picture))
    sink.close()
    (frame,) = decoded(tmp_path / f"depth{suffix}")
    stated = Colours(int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace))
    assert stated == (OF_PRORES.get(colours, colours) if word == "prores" else colours)
    assert frame.color_range == 1
    with av.open(str(tmp_path / f"depth{suffix}")) as container:
        aspect = container.streams.video[0].sample_aspect_ratio
    assert float(aspect or 1) == pytest.approx(16 / 11, rel=0.01)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv"])
@pytest.mark.parametrize("count", [1, 2])
def test_a_film_of_one_or_two_pictures_is_whole(suffix: str, count: int, tmp_path: Path) -> None:
    for number in range(4):  # x265 takes the time of decoding from memory that happens to be there
        path = tmp_path / f"depth-{number}{suffix}"
        sink = MovieSink(path, info(count), options=MovieOptions("h265", threads=2))
        for index in range(count):
            sink.write(shown(index))
        sink.close()
        times = [frame.time for frame in decoded(path)]
        assert times == pytest.approx([float(n / RATE) for n in range(count)], abs=0.00051)


def test_lossless_is_lossless(tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "depth.mkv", info(3), options=MovieOptions("ffv1"))
    pictures = [shown(index) for index in range(3)]
    for one in pictures:
        sink.write(one)
    sink.close()
    for frame, one in zip(decoded(tmp_path / "depth.mkv"), pictures, strict=True):
        planes = one.picture.i420
        assert (frame.to_ndarray()[: SIZE[1]] == planes.y).all()


def test_a_codec_of_another_container_is_refused_before_anything_is_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="MOV does not take VP9"):
        MovieSink(tmp_path / "depth.mov", info(1), options=MovieOptions("vp9"))
    assert list(tmp_path.iterdir()) == []


def test_a_size_that_an_encoder_does_not_take_is_told(tmp_path: Path) -> None:
    size = (16, 2)
    sink = MovieSink(tmp_path / "depth.mkv", info(1, size=size), options=MovieOptions("h265"))
    with pytest.raises(SinkError, match=r"H\.265 takes no pictures of 16x2 \(choose another --codec\)"):
        sink.write(shown(0, size))
    sink.close(complete=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("word", CODECS)
def test_every_codec_has_a_container(word: str) -> None:
    assert any(word in container.codecs for container in CONTAINERS.values())


@pytest.mark.skipif(sys.platform != "linux", reason="threads have policies of their own on Linux")
def test_no_encoder_leaves_a_thread_that_is_served_before_everything_else(tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "depth.mkv", info(2), options=MovieOptions("av1", threads=1))
    sink.write(shown(0))
    policies = {os.sched_getscheduler(int(task.name)) for task in Path("/proc/self/task").iterdir()}
    sink.close(complete=False)
    assert not policies & {os.SCHED_FIFO, os.SCHED_RR}
