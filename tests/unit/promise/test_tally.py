from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.frames import Frame
from streamdepth.pixels import Picture
from streamdepth.promise.tally import Tally
from streamdepth.promise.target import Target

PICTURE = Picture.of_bgr(np.zeros((2, 2, 3), np.uint8))
FAST = Target(0.05)
OFTEN = Target(fps=Fraction(10))


def frame(index: int, connection: int = 0) -> Frame:
    """One every tenth of a second."""
    return Frame(index, Fraction(index, 10), index / 10, PICTURE, connection=connection)


def test_a_picture_is_in_time_by_a_latency_where_it_or_a_newer_one_was_shown_by_then() -> None:
    tally = Tally(Target(0.25))
    for index in range(3):
        assert tally.due(frame(index), index / 10) == []
    first, second, third = tally.shown(frame(2), 0.26)
    assert [one.in_time for one in (first, second, third)] == [False, True, True]
    assert [one.latency for one in (first, second)] == [None, None]
    assert third.latency == pytest.approx(0.06)
    assert (tally.in_time, tally.pictures, tally.share) == (2, 3, 2 / 3)


def test_by_a_rate_a_picture_that_was_not_shown_itself_is_missed() -> None:
    tally = Tally(OFTEN)
    tally.due(frame(0), 0.0)
    tally.due(frame(1), 0.1)
    assert [one.in_time for one in tally.shown(frame(1), 0.2)] == [False, True]


def test_with_both_it_must_be_shown_itself_and_by_then() -> None:
    tally = Tally(Target(0.05, Fraction(10)))
    tally.due(frame(0), 0.0)
    assert not tally.shown(frame(0), 0.06)[0].in_time
    tally.due(frame(1), 0.1)
    assert tally.shown(frame(1), 0.14)[0].in_time


def test_while_nothing_is_shown_pictures_become_late_one_by_one() -> None:
    tally = Tally(FAST)
    late = [len(tally.due(frame(index), index / 10)) for index in range(4)]
    assert late == [0, 1, 1, 1]
    assert tally.share == 0.0
    assert Tally(FAST).share is None


def test_what_an_outage_cut_off_does_not_count() -> None:
    tally = Tally(FAST)
    tally.due(frame(0), 0.0)
    assert tally.due(frame(1, connection=1), 60.0) == []
    assert tally.shown(frame(7), 60.01) == []  # of the connection before
    assert [one.in_time for one in tally.shown(frame(1, connection=1), 0.11)] == [True]
    assert tally.pictures == 1
