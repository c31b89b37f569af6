"""What is on disk of a film while it is being written plays, and once it is closed it has its index in front."""

from __future__ import annotations

import shutil
import struct
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streamdepth.frames import DepthMap, Estimate, Frame, Recording, Rendered, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.sinks.movie.sink import MovieOptions, MovieSink

RATE = 25
SECONDS = 4
DEPTH = DepthMap(np.zeros((2, 2), np.float32))


def shown(index: int, noise: bool = True) -> Rendered:
    generator = np.random.default_rng(index if noise else 0)
    picture = Picture.of_bgr(generator.integers(0, 256, (48, 64, 3), np.uint8))
    return Rendered(Estimate(Frame(index, Fraction(index, RATE), 0.0, picture), DEPTH, 0.0), picture)


def info(count: int | None, recording: Recording | None = None) -> SourceInfo:
    return SourceInfo(64, 48, Fraction(RATE), False, 1.0, frame_count=count, recording=recording)


def origin_with_sound(path: Path, codec: str, begins: float = 0.0) -> Recording:
    """A film of black pictures, with a tone from `begins` seconds on."""
    with av.open(str(path), "w") as container:
        picture = container.add_stream("libx264", rate=RATE, width=64, height=48, options={"bf": "0"})
        sound = container.add_stream(codec, rate=48_000, layout="mono")
        for index in range(SECONDS * RATE):
            frame = av.VideoFrame.from_ndarray(np.zeros((72, 64), np.uint8), "yuv420p")
            frame.pts = index
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        for index in range(int((SECONDS - begins) * 48_000) // 1024):
            tone = np.sin(np.arange(1024) / 20, dtype=np.float32)[None]
            frame = av.AudioFrame.from_ndarray(tone, "fltp", "mono")
            frame.sample_rate, frame.pts = 48_000, int(begins * 48_000) + index * 1024
            container.mux(sound.encode(frame))
        container.mux(sound.encode(None))
    return Recording(f"file:{path}", path.name, 0)


def times(path: Path, kind: str) -> list[Fraction]:
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams if s.type == kind)
        found = []
        with suppress(av.error.InvalidDataError):
            found += [frame.pts * frame.time_base for frame in container.decode(stream)]
        return found


def boxes(path: Path) -> list[str]:
    data, place, kinds = path.read_bytes(), 0, []
    while place < len(data):
        size, kind = struct.unpack_from(">I4s", data, place)
        kinds.append(kind.decode())
        place += size
    return kinds


@pytest.mark.parametrize(
    ("codec", "suffix", "begins"), [("aac", ".mp4", 0), ("aac", ".ts", 0), ("aac", ".mp4", 2)]
)
def test_picture_and_sound_of_an_unfinished_film_play(
    codec: str, suffix: str, begins: float, tmp_path: Path
) -> None:
    recording = origin_with_sound(tmp_path / f"origin{suffix}", codec, begins)
    sink = MovieSink(tmp_path / "depth.mp4", info(SECONDS * RATE, recording))
    moments = []
    for index in range(SECONDS * RATE):
        sink.write(shown(index))
        if index in (60, 85):
            moments.append(tmp_path / f"{index}.mp4")
            shutil.copyfile(tmp_path / "depth.part.mp4", moments[-1])
    sink.close()
    late = (
        Fraction(2, RATE) if begins else 0
    )  # by its B-frames, where sound that begins late is not waited for
    for moment, least in zip(moments, (15, 40), strict=True):
        pictures = times(moment, "video")
        assert pictures == [Fraction(n, RATE) + late for n in range(len(pictures))]
        assert len(pictures) >= least
        if not begins:
            assert times(moment, "audio")[-1] > Fraction(least - 10, RATE)
    assert times(tmp_path / "depth.mp4", "video") == [Fraction(n, RATE) for n in range(SECONDS * RATE)]
    assert boxes(tmp_path / "depth.mp4") == ["ftyp", "moov", "free", "free", "mdat"]
    sound = times(tmp_path / "depth.mp4", "audio")
    assert sound == pytest.approx(times(tmp_path / f"origin{suffix}", "audio"), abs=0.001) or suffix == ".ts"
    assert abs(sound[0] - begins) < 0.05


@pytest.mark.parametrize("count", [*range(13, 33), 75])
def test_the_last_picture_is_shown_wherever_fragments_end(count: int, tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "depth.mp4", info(count), options=MovieOptions(threads=1))
    for index in range(count):
        sink.write(shown(index, noise=index % 4 == 0))
    sink.close()
    assert times(tmp_path / "depth.mp4", "video") == [Fraction(n, RATE) for n in range(count)]
    with av.open(str(tmp_path / "depth.mp4")) as container:
        assert Fraction(container.duration, av.time_base) == pytest.approx(Fraction(count, RATE), abs=1e-5)


def test_an_index_without_room_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamdepth.sinks.movie.fragments._INDEX_BYTES", 200)
    sink = MovieSink(tmp_path / "depth.mp4", info(1))
    for index in range(60):
        sink.write(shown(index))
    sink.close()
    assert boxes(tmp_path / "depth.mp4") == ["ftyp", "free", "free", "mdat", "moov"]
    assert times(tmp_path / "depth.mp4", "video") == [Fraction(n, RATE) for n in range(60)]


def test_a_film_that_is_cut_off_has_its_index_in_front(tmp_path: Path) -> None:
    sink = MovieSink(tmp_path / "depth.mp4", info(1000))
    for index in range(40):
        sink.write(shown(index))
    sink.close(complete=False)
    assert boxes(tmp_path / "depth.part.mp4") == ["ftyp", "moov", "free", "free", "mdat"]
    assert times(tmp_path / "depth.part.mp4", "video") == [Fraction(n, RATE) for n in range(40)]


def test_pictures_that_take_too_long_to_encode_are_left_out_of_a_film_that_is_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamdepth.sinks.movie.sink._LAST_PICTURES", -1.0)
    recording = origin_with_sound(tmp_path / "origin.mp4", "aac")
    sink = MovieSink(tmp_path / "depth.mp4", info(SECONDS * RATE, recording))
    for index in range(60):
        sink.write(shown(index))
    sink.close(complete=False)
    pictures = times(tmp_path / "depth.part.mp4", "video")
    assert pictures == [Fraction(n, RATE) for n in range(len(pictures))]
    assert 40 < len(pictures) < 60
    assert (
        pictures[-1] - Fraction(2, RATE)
        < times(tmp_path / "depth.part.mp4", "audio")[-1]
        < Fraction(60, RATE)
    )
