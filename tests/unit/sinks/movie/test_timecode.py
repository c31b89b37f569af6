"""The timecode of a film is that of the picture that its depth begins with."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import add_video, greys, put_pictures

from streamdepth.frames import DepthMap, Estimate, Rendered
from streamdepth.protocols import Source
from streamdepth.sinks.movie.sink import MovieSink
from streamdepth.sinks.movie.timecode import moved_timecode
from streamdepth.sources.excerpt import Excerpt
from streamdepth.sources.video.source import VideoSource

NTSC = Fraction(30_000, 1001)
DEPTH = DepthMap(np.zeros((2, 2), np.float32))


def written(source: Source, sink: MovieSink) -> None:
    """All pictures of `source`; both are closed."""
    while (frame := source.read()) is not None:
        sink.write(Rendered(Estimate(frame, DEPTH, 0.0), frame.picture))
    sink.close()
    source.close()


@pytest.mark.parametrize(
    ("label", "rate", "pictures", "expected"),
    [
        ("01:00:00:00", Fraction(25), 250, "01:00:10:00"),
        ("23:59:59:24", Fraction(25), 1, "00:00:00:00"),
        ("00:00:59:23", Fraction(24_000, 1001), 1, "00:01:00:00"),
        ("00:00:59;29", NTSC, 1, "00:01:00;02"),
        ("00:00:59;29", NTSC, 1799, "00:02:00;02"),
        ("00:09:59;29", NTSC, 1, "00:10:00;00"),
        ("10:00:59;59", 2 * NTSC, 1, "10:01:00;04"),
        ("00:00:00;00", NTSC, 107_892, "01:00:00;00"),
        ("00:00:59:29", NTSC, 1, "00:01:00:00"),
        ("00:00:59;29", Fraction(30), 1, "00:01:00:00"),
    ],
)
def test_labels_are_counted_as_editors_do(label: str, rate: Fraction, pictures: int, expected: str) -> None:
    assert moved_timecode(label, rate, rate, pictures / rate) == expected


def test_a_label_is_that_of_the_same_moment_at_another_rate() -> None:
    assert moved_timecode("01:00:00:20", Fraction(25), Fraction(25, 2), Fraction(0)) == "01:00:00:09"


@pytest.mark.parametrize(
    ("label", "rate"),
    [("1 hour", Fraction(25)), ("01:00:00:00", Fraction(300)), ("01:00:00:00", Fraction(1, 4))],
)
def test_what_no_rate_fits_is_none(label: str, rate: Fraction) -> None:
    assert moved_timecode(label, rate, rate, Fraction(0)) is None


@pytest.mark.parametrize("suffix", [".mov", ".mp4", ".mkv", ".webm"])
def test_a_part_of_a_film_has_the_timecode_of_its_first_picture(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "film.mov"
    with av.open(str(path), "w") as container:
        video = add_video(container, rate=25)
        video.metadata.update({"timecode": "01:00:00:00", "reel_name": "A001C003"})
        put_pictures(container, video, greys(range(12)))
    source = Excerpt(VideoSource(path), Fraction(8, 25))
    sink = MovieSink(tmp_path / f"part{suffix}", source.info)
    written(source, sink)
    assert sink.warnings == []
    with av.open(str(sink.path)) as made:
        entries = {name.lower(): text for name, text in made.streams.video[0].metadata.items()}
        assert entries["timecode"] == "01:00:00:08"
        tracks = [stream.metadata for stream in made.streams if stream.type == "data"]
    assert [track["timecode"] for track in tracks] == ["01:00:00:08"] * (suffix in (".mov", ".mp4"))
    assert [track.get("reel_name") for track in tracks] == ["A001C003"] * (
        suffix == ".mov"
    ) or suffix == ".mp4"


def test_a_timecode_that_fits_no_rate_is_named(tmp_path: Path) -> None:
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as container:
        video = add_video(container, rate=25)
        video.metadata["timecode"] = "soon"
        put_pictures(container, video, greys(range(2)))
    source = VideoSource(path)
    sink = MovieSink(tmp_path / "a.mov", source.info)
    written(source, sink)
    assert sink.warnings == ["the timecode soon does not go with this rate, and is left out"]
