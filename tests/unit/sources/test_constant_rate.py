"""A recording at a constant rate."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from films import greys, write_film

from streamdepth.errors import UsageError
from streamdepth.sources import open_source
from streamdepth.sources.constant_rate import ConstantRate


def film(path: Path, places: list[int]) -> Path:
    """A film of 25 frames a second with frames at some places alone, each as grey as its place."""
    return write_film(path, greys(place * 8 for place in places), places, crf="0")


def taken(path: Path, rate: int | None) -> list[tuple[Fraction, int]]:
    """The time of each frame and its place in the film."""
    source = ConstantRate(open_source(str(path)), None if rate is None else Fraction(rate))
    frames = []
    while (frame := source.read()) is not None:
        assert frame.shown_for == 1 / source.info.rate
        frames.append((frame.pts, round(frame.bgr[5, 5, 0] / 8)))
    source.close()
    return frames


def test_at_its_own_rate_every_frame_comes_once(tmp_path: Path) -> None:
    found = taken(film(tmp_path / "a.mkv", list(range(12))), None)
    assert found == [(Fraction(place, 25), place) for place in range(12)]


def test_a_gap_is_filled_with_the_frame_before_it(tmp_path: Path) -> None:
    found = taken(film(tmp_path / "a.mkv", [0, 1, 4, 5]), None)
    assert [place for _, place in found] == [0, 1, 1, 1, 4, 5]
    assert [time for time, _ in found] == [Fraction(n, 25) for n in range(6)]


@pytest.mark.parametrize(("rate", "count"), [(5, 5), (10, 10), (50, 50), (30, 30)])
def test_at_another_rate_a_second_has_so_many(tmp_path: Path, rate: int, count: int) -> None:
    found = taken(film(tmp_path / "a.mkv", list(range(25))), rate)
    assert len(found) == count
    assert all(time == Fraction(n, rate) for n, (time, _) in enumerate(found))
    assert all(abs(place / 25 - time) <= Fraction(1, 25) for time, place in found)


def test_what_begins_late_begins_at_zero(tmp_path: Path) -> None:
    found = taken(film(tmp_path / "a.mkv", [10, 11, 12]), None)
    assert found == [(0, 10), (Fraction(1, 25), 11), (Fraction(2, 25), 12)]


def test_it_says_how_many_there_will_be_and_has_no_other_tracks(tmp_path: Path) -> None:
    source = ConstantRate(open_source(str(film(tmp_path / "a.mp4", list(range(25))))), Fraction(10))
    info = source.info
    assert source.warnings == ()
    source.close()
    assert (info.rate, info.frame_count, info.time_base, info.recording) == (10, 10, Fraction(1, 10), None)


def test_sound_that_is_left_out_is_told(tmp_path: Path) -> None:
    class Talkie:
        info = replace(open_source("demo").info, live=False, has_sound=True)

        def read(self) -> None:
            return None

    source = ConstantRate(Talkie())
    assert source.warnings == ("the source's sound was left out: a control video has none",)
    assert not source.info.has_sound  # else the film tells it once more, with a reason of its own


def test_what_is_live_has_none(tmp_path: Path) -> None:
    class Live:
        closed = False
        info = replace(open_source("demo").info, live=True)

        def close(self) -> None:
            self.closed = True

    source = Live()
    with pytest.raises(UsageError, match="for recordings"):
        ConstantRate(source)
    assert source.closed
