"""When the pictures of a live playlist are due."""

from __future__ import annotations

from fractions import Fraction

import pytest

from streamdepth.sources.video.segment_pace import SegmentPace

TICK = Fraction(1, 100)


class Viewer:
    """Takes pictures by a clock of its own, in seconds."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.pace = SegmentPace(TICK)

    def take(self, ticks: int | None, came_after: float = 0.0) -> float:
        """Waits for one, and says when it was due."""
        asked_at = self.now
        self.now += came_after
        self.now += self.pace.left(ticks, asked_at, self.now)
        return round(self.now - 1000, 6)


@pytest.fixture
def viewer() -> Viewer:
    return Viewer()


def test_pictures_that_come_at_once_are_shown_as_their_times_say(viewer):
    assert [viewer.take(ticks) for ticks in (500, 504, 510, 590)] == [0.0, 0.04, 0.1, 0.9]


def test_what_was_waited_for_is_not_made_up_for(viewer):
    assert viewer.take(0) == 0.0
    assert viewer.take(4, came_after=3.0) == 3.0
    assert [viewer.take(ticks) for ticks in (8, 12)] == [3.04, 3.08]


def test_a_reader_that_was_elsewhere_makes_up_for_it(viewer):
    viewer.take(0)
    viewer.now += 5.0
    assert [viewer.take(ticks) for ticks in (100, 400, 500, 504)] == [5.0, 5.0, 5.0, 5.04]


@pytest.mark.parametrize("ticks", [1_000_000, 300, -1_000_000])
def test_a_clock_that_jumps_is_followed(viewer, ticks):
    viewer.take(0)
    assert [viewer.take(ticks), viewer.take(ticks + 4)] == [0.0, 0.04]


def test_a_picture_without_a_time_is_due(viewer):
    viewer.take(0)
    assert viewer.take(None) == 0.0
