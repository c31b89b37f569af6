"""Animations in AVIF and HEIC: the tracks and items beside their colours are no other videos."""

from __future__ import annotations

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import add_video, greys, put_pictures

from streamdepth.frames import DepthMap, Estimate, Rendered
from streamdepth.proof.movie_facts import read_tracks
from streamdepth.sinks.movie.sink import MovieSink
from streamdepth.sources.video.source import VideoSource

DEPTH = DepthMap(np.zeros((2, 2), np.float32))
LEVELS = range(40, 120, 10)
OPAQUE = "the transparency of the animation is not shown"


def animation(path: Path, *, brand: bytes = b"avis", is_clear: bool = True) -> Path:
    """Plain greys, and noise in a second track, as of an edge that is half transparent."""
    noise = np.random.default_rng(1)
    with av.open(str(path), "w", format="mp4") as out:
        colours = add_video(out)
        clear = add_video(out) if is_clear else None
        put_pictures(out, colours, greys(LEVELS))
        if clear is not None:
            put_pictures(out, clear, (noise.integers(100, 255, (48, 64, 3)) for _ in LEVELS))
    data = path.read_bytes()
    assert data[4:12] == b"ftypisom"
    path.write_bytes(data[:8] + brand + data[12:])
    return path


def made_of(film: Path, movie: Path) -> list[str]:
    with closing(VideoSource(film)) as source:
        sink = MovieSink(movie, source.info)
        for frame in iter(source.read, None):
            sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))
        sink.close()
        return [*source.warnings, *sink.warnings]


@pytest.mark.parametrize("brand", [b"avis", b"msf1", b"hevc"])
def test_an_animation_shows_its_colours_whatever_has_more_bits(tmp_path: Path, brand: bytes) -> None:
    with closing(VideoSource(animation(tmp_path / "a.avif", brand=brand))) as source:
        frames = list(iter(source.read, None))
        assert [round(float(frame.picture.bgr.mean())) for frame in frames] == pytest.approx(
            list(LEVELS), abs=2
        )
        assert [said.startswith(OPAQUE) for said in source.warnings] == [True]
        assert frames[1].pts == Fraction(1, 25)


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_nothing_beside_the_colours_becomes_a_track_or_is_missed(tmp_path: Path, suffix: str) -> None:
    film, movie = animation(tmp_path / "a.avif"), tmp_path / f"movie{suffix}"
    assert [said for said in made_of(film, movie) if not said.startswith(OPAQUE)] == []
    with av.open(str(movie)) as written:
        assert len(written.streams) == 1
    assert read_tracks(film)[1] == ()


def test_an_opaque_animation_is_said_nothing_of(tmp_path: Path) -> None:
    assert made_of(animation(tmp_path / "a.avif", is_clear=False), tmp_path / "movie.mp4") == []


def test_a_second_video_of_a_film_stays_one(tmp_path: Path) -> None:
    film = animation(tmp_path / "film.mp4", brand=b"isom")
    made_of(film, tmp_path / "movie.mkv")
    with av.open(str(tmp_path / "movie.mkv")) as written:
        assert len(written.streams.video) == 2
    assert len(read_tracks(film)[1]) == 1
