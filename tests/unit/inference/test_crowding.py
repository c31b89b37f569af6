"""When far more is asked of lanes than they can do."""

from __future__ import annotations

import pytest

from streamdepth.inference.crowding import Crowding

USUAL = 0.025


class Asked:
    """Two lanes that are asked evenly, in seconds from the first."""

    def __init__(self):
        self.crowding = Crowding(2)
        self.now = 0.0

    def work(self, seconds, share=1.0):
        """Both lanes, for a share of so many seconds."""
        for _ in range(2):
            self.crowding.work_begins(self.now)
            self.crowding.work_ends(self.now + share * seconds)
        self.now += seconds

    def go_on(self, seconds, *, taken, refused, worked=1.0):
        """So many a second are taken and refused; returns how many times it was crowded, of all that asked."""
        times = []
        for place in range(round(seconds * (taken + refused))):
            step = 1 / (taken + refused)
            self.work(step, worked)
            times.append(self.crowding.is_crowded(self.now, USUAL))
            share = refused / (taken + refused)
            is_refused = int((place + 1) * share) > int(place * share)
            self.crowding.note(self.now, refused=is_refused)
        return times


def test_it_is_crowded_once_more_are_refused_than_taken_for_a_while():
    times = Asked().go_on(5.0, taken=80, refused=170)
    assert not any(times[: int(0.3 * 250)])
    assert all(times[250:]), "and stays so"


@pytest.mark.parametrize(("taken", "refused"), [(80, 0), (80, 2), (80, 70)])
def test_where_fewer_are_refused_than_taken_it_is_not(taken, refused):
    assert not any(Asked().go_on(5.0, taken=taken, refused=refused))


def test_where_lanes_idle_it_is_not_for_then_a_line_gets_more_done():
    assert not any(Asked().go_on(5.0, taken=30, refused=170, worked=0.8))


def test_work_that_is_not_done_yet_counts():
    crowding = Crowding(2)
    for begins in (0.0, 0.1):
        crowding.work_begins(begins)
    crowding.note(1.0, refused=True)
    crowding.note(2.0, refused=True)
    assert crowding.is_crowded(2.0, USUAL)


def test_it_ends_when_fewer_ask():
    asked = Asked()
    assert asked.go_on(2.0, taken=80, refused=170)[-1]
    assert not asked.go_on(2.0, taken=80, refused=10)[-1]


def test_it_ends_when_lanes_begin_to_idle():
    asked = Asked()
    assert asked.go_on(2.0, taken=80, refused=170)[-1]
    assert not asked.go_on(1.0, taken=60, refused=170, worked=0.7)[-1]


def test_it_ends_when_nobody_asks_for_a_while():
    asked = Asked()
    assert asked.go_on(2.0, taken=80, refused=170)[-1]
    asked.now += 60.0
    assert not asked.go_on(0.1, taken=80, refused=170)[0]


def test_one_burst_is_none_however_large():
    asked = Asked()
    assert not any(asked.go_on(0.1, taken=180, refused=4000))
    asked.work(1.0, share=0.2)
    assert not any(asked.go_on(0.1, taken=180, refused=4000)), "nor when all come again together"
