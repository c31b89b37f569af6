"""Times of pictures whose container says little about them: raw streams, AVI and MXF with B-frames."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import add_video, put_pictures, write_film

from streamdepth.sources.video.source import VideoOptions, VideoSource

NTSC = Fraction(30_000, 1001)


def write(path: Path, rate: Fraction, places: list[int], codec: str, **options: str) -> Path:
    """A video with pictures at `places`, in frames; each is as bright as its place tells."""
    return write_film(path, noise(places), places, codec=codec, rate=rate, **options)


def noise(places: Iterable[int]) -> Iterable[np.ndarray]:
    return (np.random.default_rng(place).integers(0, 60, (48, 64, 3)) + 3 * place for place in places)


def read(path: Path, threads: int = 1) -> tuple[list[Fraction], list[float], VideoSource]:
    source = VideoSource(path, VideoOptions(threads=threads))
    frames = list(iter(source.read, None))
    source.close()
    return [frame.pts for frame in frames], [float(frame.bgr.mean()) for frame in frames], source


@pytest.mark.parametrize(
    ("name", "codec", "rate"),
    [
        ("cam.h264", "libx264", Fraction(30)),
        ("cam.h264", "libx264", Fraction(50)),
        ("cam.h265", "libx265", Fraction(24)),
        ("film.m2v", "mpeg2video", NTSC),
        ("film.m4v", "mpeg4", Fraction(15)),
    ],
)
def test_a_raw_stream_has_the_rate_that_it_states(
    name: str, codec: str, rate: Fraction, tmp_path: Path
) -> None:
    options = {"x265-params": "log-level=none"} if codec == "libx265" else {}
    times, light, source = read(write(tmp_path / name, rate, list(range(30)), codec, **options))
    assert times == [index / rate for index in range(30)]
    assert light == sorted(light)
    assert source.info.rate == rate
    assert source.warnings == []


def test_a_raw_stream_whose_head_is_lost_keeps_its_pace(tmp_path: Path) -> None:
    """FFmpeg puts its first picture as far ahead as it has looked."""
    memory = io.BytesIO()
    with av.open(memory, "w", format="m4v") as out:
        put_pictures(out, add_video(out, codec="mpeg4"), noise(range(40)))
    second = [match.start() for match in re.finditer(b"\0\0\1\xb6", memory.getvalue())][1]
    (tmp_path / "film.m4v").write_bytes(memory.getvalue()[second:])
    times, _, source = read(tmp_path / "film.m4v")
    assert times == [Fraction(index, 25) for index in range(39)]
    assert source.warnings == []


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize(
    ("codec", "options"),
    [
        ("libx264", {"bf": "2", "x264opts": "b-adapt=0"}),
        ("libx264", {"bf": "3", "x264opts": "b-adapt=0:b-pyramid=normal"}),
        ("libx264", {"bf": "0"}),
        ("mjpeg", {"strict": "unofficial"}),
    ],
)
@pytest.mark.parametrize("left_out", [0, 20])
def test_pictures_of_an_avi_come_in_equal_steps_but_for_those_left_out(
    codec: str, options: dict[str, str], left_out: int, threads: int, tmp_path: Path
) -> None:
    places = [*range(20), *range(20 + left_out, 40 + left_out)]
    path = write(tmp_path / "a.avi", Fraction(25), places, codec, **options)
    times, light, source = read(path, threads)
    assert times == [Fraction(place, 25) for place in places]
    assert light == sorted(light)
    assert source.warnings == []


def test_xvid_with_b_frames_comes_in_equal_steps(tmp_path: Path) -> None:
    path = write(tmp_path / "a.avi", Fraction(25), list(range(40)), "mpeg4", bf="2")
    times, light, source = read(path)
    assert [time - times[0] for time in times] == [Fraction(index, 25) for index in range(40)]
    assert light == sorted(light)
    assert source.warnings == []


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("reordered", ["0", "3"])
def test_pictures_of_an_mxf_come_in_equal_steps(reordered: str, threads: int, tmp_path: Path) -> None:
    """FFmpeg writes an index of H.264 that does not say how far pictures are from where they are shown."""
    with av.open(str(tmp_path / "a.mxf"), "w") as out:
        stream = add_video(out, bf=reordered, x264opts="b-adapt=0:scenecut=0:b-pyramid=normal")
        stream.pix_fmt = "yuv422p10le"
        for place in range(40):
            grey = np.full((48, 64), 90 + 3 * place, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, "gray").reformat(format="yuv422p10le")
            frame.pts, frame.time_base = place, Fraction(1, 25)
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    times, light, source = read(tmp_path / "a.mxf", threads)
    assert times == [Fraction(index, 25) for index in range(40)]
    assert light == sorted(light)
    assert source.warnings == []
