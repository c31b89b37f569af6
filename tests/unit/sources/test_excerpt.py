"""A part of a recording: which frames it has, when they are, and what it tells of itself."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from films import add_video, greys, write_film

from streamdepth.errors import SourceError, UsageError
from streamdepth.frames import Frame, LeftOff, Recording, SourceInfo
from streamdepth.pixels import Picture, sum_of
from streamdepth.sources.excerpt import Excerpt
from streamdepth.sources.video.source import VideoSource

GREY = Picture.of_bgr(np.full((4, 4, 3), 90, np.uint8))
RATE = 25


class Listed:
    """A source of frames at given times, in seconds."""

    def __init__(self, times: Sequence[Fraction], *, live: bool = False) -> None:
        self._frames = [Frame(n, pts, 0.0, GREY, shown_for=Fraction(1, RATE)) for n, pts in enumerate(times)]
        recording = Recording("file:a", "a", 0, start=Fraction(2))
        self.info = SourceInfo(4, 4, Fraction(RATE), live, 1.0, frame_count=len(times), recording=recording)
        self.warnings = ["something"]
        self.closed = False

    def read(self) -> Frame | None:
        return self._frames.pop(0) if self._frames else None

    def close(self) -> None:
        self.closed = True


def listed(count: int = 50) -> Listed:
    return Listed([Fraction(n, RATE) for n in range(count)])


def all_of(source: Excerpt | VideoSource) -> list[Frame]:
    return list(iter(source.read, None))


@pytest.mark.parametrize(
    ("start", "end", "first", "count"),
    [
        (Fraction(1), None, 25, 25),
        (Fraction(1, 2), Fraction(1), 13, 12),  # 0.5 s is between the pictures at 0.48 and 0.52
        (Fraction(13, 25), Fraction(14, 25), 13, 1),
        (Fraction(0), Fraction(1, 100), 0, 1),
    ],
)
def test_frames_are_those_from_the_start_on_and_before_the_end(
    start: Fraction, end: Fraction | None, first: int, count: int
) -> None:
    excerpt = Excerpt(listed(), start, end)
    frames = all_of(excerpt)
    assert [frame.pts for frame in frames] == [Fraction(n, RATE) for n in range(count)]
    assert [frame.index for frame in frames] == list(range(count))
    recording = excerpt.info.recording
    assert recording is not None
    assert (recording.start, recording.skipped) == (2 + Fraction(first, RATE), Fraction(first, RATE))
    assert recording.lasts == (None if end is None else end - Fraction(first, RATE))
    assert excerpt.info.frame_count == pytest.approx(count, abs=1)
    assert excerpt.warnings == ["something"]


def test_the_last_picture_is_shown_no_longer_than_to_the_end() -> None:
    frames = all_of(Excerpt(listed(), Fraction(0), Fraction(51, 1000)))
    assert [frame.shown_for for frame in frames] == [Fraction(1, RATE), Fraction(11, 1000)]


@pytest.mark.parametrize(("start", "end"), [(Fraction(3), None), (Fraction(1, 100), Fraction(2, 100))])
def test_where_there_is_no_picture_it_is_said_and_the_source_is_closed(
    start: Fraction, end: Fraction | None
) -> None:
    source = listed()
    with pytest.raises(SourceError, match=r"nothing to take from .* \(begin earlier, or end later\)"):
        Excerpt(source, start, end)
    assert source.closed


def test_what_is_live_has_no_parts() -> None:
    source = Listed([Fraction(0)], live=True)
    with pytest.raises(UsageError, match="--start and --end are for recordings"):
        Excerpt(source, Fraction(1))
    assert source.closed


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Thirty seconds in greys that say which picture it is, with a key frame every four seconds."""
    path = tmp_path_factory.mktemp("films") / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = add_video(container, rate=RATE, preset="ultrafast")
        stream.codec_context.gop_size = 100
        for index in range(30 * RATE):
            frame = av.VideoFrame(stream.width, stream.height, "yuv420p")
            for plane in frame.planes:
                plane.update(bytes([20 + index % 200]) * plane.buffer_size)
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def grey_of(frame: Frame) -> int:
    return round(float(frame.picture.i420.y.mean()))


def test_a_long_way_into_a_film_is_a_short_one_and_ends_at_the_same_picture(film: Path) -> None:
    source = VideoSource(film)
    read = 0
    take = source._reader.next

    def counted(patience: float) -> av.VideoFrame | None:
        nonlocal read
        read += 1
        return take(patience)

    source._reader.next = counted  # type: ignore[method-assign]  # only the reader before the move is counted
    excerpt = Excerpt(source, Fraction("25.01"), Fraction("25.5"))
    frames = all_of(excerpt)
    excerpt.close()
    assert read == 0
    assert len(frames) == 12
    assert [grey_of(frame) for frame in frames] == pytest.approx(
        [20 + n % 200 for n in range(626, 638)], abs=1
    )


def test_it_goes_on_behind_a_picture_of_an_earlier_run(film: Path) -> None:
    excerpt = Excerpt(VideoSource(film), Fraction(2))
    frames = all_of(excerpt)
    excerpt.close()
    last = frames[500]
    again = Excerpt(VideoSource(film), Fraction(2))
    left_off = LeftOff(last.index, last.pts, sum_of(last.picture), 501, frames[0].pts)
    assert again.go_on_after(left_off)
    following = again.read()
    again.close()
    assert following is not None
    assert (following.index, following.pts) == (501, frames[501].pts)
    assert sum_of(following.picture) == sum_of(frames[501].picture)


def test_a_pause_before_the_start_takes_no_frames_off_what_is_left(tmp_path: Path) -> None:
    """Matroska says how long it is and at which rate."""
    path = write_film(tmp_path / "pause.mkv", greys(range(200)), [*range(100), *range(350, 450)])
    with closing(Excerpt(VideoSource(path), Fraction(15))) as excerpt:
        announced = excerpt.info.frame_count
        assert len(list(iter(excerpt.read, None))) == 75
    assert announced == pytest.approx(75, abs=1)


@pytest.mark.parametrize(("end", "announced", "shown"), [(None, 425, 175), (Fraction(15), 350, 100)])
def test_a_pause_in_it_takes_as_many_frames_off(
    tmp_path: Path, end: Fraction | None, announced: int, shown: int
) -> None:
    path = write_film(tmp_path / "pause.mkv", greys(range(200)), [*range(100), *range(350, 450)])
    with closing(Excerpt(VideoSource(path), Fraction(1), end)) as excerpt:
        assert excerpt.info.frame_count == pytest.approx(announced, abs=1)
        assert len(list(iter(excerpt.read, None))) == shown
        assert excerpt.info.frame_count == pytest.approx(shown, abs=1)
