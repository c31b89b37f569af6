"""When the frames of a source are shown: exact, present and strictly increasing."""

from __future__ import annotations

import itertools
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamdepth.frames import CLOCK_TICK, Frame, Sent
from streamdepth.imaging.letterbox import letterbox
from streamdepth.pixels import Picture, Rectangle
from streamdepth.sources.timeline import Fitted, LiveTimeline, Timeline

TICK = Fraction(1, 1000)


@given(st.lists(st.none() | st.integers(-100_000, 100_000), max_size=60), st.sampled_from([None, 24, 1000]))
def test_timestamps_always_increase_and_stay_on_ticks(ticks: list[int | None], rate: int | None) -> None:
    timeline = Timeline(TICK, rate and Fraction(rate))
    times = [timeline.place(tick) for tick in ticks]
    assert all(early < late for early, late in itertools.pairwise(times))
    assert all((time / TICK).denominator == 1 for time in times)


@given(
    st.lists(st.integers(-(10**12), 10**12), unique=True, max_size=50).map(sorted),
    st.integers(-(10**9), 10**9),
)
def test_increasing_timestamps_are_only_shifted_by_the_origin(ticks: list[int], origin: int) -> None:
    timeline = Timeline(TICK, origin=origin)
    assert [timeline.place(tick) for tick in ticks] == [(tick - origin) * TICK for tick in ticks]
    assert timeline.adjusted == 0


def test_a_pause_counts_the_frames_that_it_lacks_from_a_second_on() -> None:
    timeline, seen = Timeline(TICK, Fraction(25)), []
    for tick in (0, 40, 1080, 2080, None, 602_120):
        timeline.place(tick)
        seen.append(timeline.paused)
    assert seen == [0, 0, 25, 0, 0, 14_999]


def test_a_repeated_or_earlier_timestamp_moves_by_one_tick_and_is_counted() -> None:
    timeline = Timeline(TICK, Fraction(25))
    assert [timeline.place(tick) / TICK for tick in (0, 40, 40, 30, 80)] == [0, 40, 41, 42, 80]
    assert timeline.adjusted == 2


def test_a_missing_timestamp_comes_one_frame_after_the_last() -> None:
    timeline = Timeline(TICK, Fraction(30_000, 1001))
    assert [timeline.place(tick) / TICK for tick in (None, None, 70, None)] == [0, 33, 70, 103]
    assert timeline.adjusted == 0


def test_live_pictures_are_counted_and_placed_by_when_they_were_captured() -> None:
    timeline = LiveTimeline()
    assert not timeline.has_begun
    placed = [timeline.place(seconds) for seconds in (7.0, 7.5, 7.5, 20.0)]
    assert timeline.has_begun
    assert placed == [(0, 0), (1, Fraction(1, 2)), (2, Fraction(1, 2) + CLOCK_TICK), (3, 13)]


def test_a_frame_of_another_source_gets_the_count_time_and_size_of_this_one() -> None:
    timeline = LiveTimeline()
    picture = Picture.of_bgr(np.full((48, 64, 3), 90, np.uint8))
    timeline.placed(Frame(7, Fraction(3), 100.0, picture), 0)
    aspect = Fraction(4, 3)
    placed = timeline.placed(
        Frame(9, Fraction(4), 101.5, picture, pixel_aspect=aspect), 2, Fitted((128, 48), aspect)
    )
    assert (placed.index, placed.pts, placed.captured_at, placed.connection) == (1, Fraction(3, 2), 101.5, 2)
    assert (placed.picture.width, placed.picture.height, placed.pixel_aspect) == (128, 48, aspect)
    assert placed.picture.inner == Rectangle(32, 0, 64, 48)
    as_it_is = timeline.placed(Frame(9, Fraction(4), 102.0, picture, pixel_aspect=aspect), 2)
    assert (as_it_is.picture, as_it_is.pixel_aspect) == (picture, aspect)


@pytest.mark.parametrize(
    ("size", "aspect", "into", "of_aspect", "inner"),
    [
        ((64, 64), Fraction(4, 3), (64, 48), Fraction(1), None),
        ((64, 48), Fraction(1), (64, 64), Fraction(4, 3), None),
        ((64, 64), Fraction(4, 3), (64, 64), Fraction(1), Rectangle(0, 8, 64, 48)),
        ((64, 64), Fraction(1), (64, 64), Fraction(4, 3), Rectangle(8, 0, 48, 64)),
        ((64, 64), Fraction(1000), (64, 64), Fraction(1), None),
    ],
)
def test_pictures_whose_pixels_have_another_shape_are_fitted_as_they_are_shown(
    size: tuple[int, int],
    aspect: Fraction,
    into: tuple[int, int],
    of_aspect: Fraction,
    inner: Rectangle | None,
) -> None:
    picture = Picture.of_bgr(np.full((size[1], size[0], 3), 90, np.uint8))
    sent = Sent("h264", b"", ())
    frame = Frame(0, Fraction(0), 0.0, picture, pixel_aspect=aspect, sent=sent)
    fitted = Fitted(into, of_aspect).of(frame)
    assert (fitted.picture.width, fitted.picture.height, fitted.pixel_aspect) == (*into, of_aspect)
    assert fitted.picture.inner == inner
    assert fitted.sent is not None
    again = letterbox(picture, into, fitted.sent.stretch)
    assert again.inner == inner, "a session fits it in the same way when it is replayed"
