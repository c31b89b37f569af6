from __future__ import annotations

import threading

import pytest

from streamdepth.errors import StageStuck
from streamdepth.inference.shares import MOVING, WATCHED, SharedLanes, weight_of

SECONDS = 1.0
"""Of the clock, that each turn takes."""


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def turns_of(weights, count):
    """How many of `count` turns each camera gets that wants one all the time: one after the other, on one lane."""
    clock = Clock()
    shared = SharedLanes(["lane"], clock)
    shares = [shared.join(lambda weight=weight: weight) for weight in weights]
    got = [0] * len(shares)
    for _ in range(count):
        # The one that the turnstile would serve: the smallest start.
        number = min(range(len(shares)), key=lambda n: (shared.start_of(shares[n]._finish), got[n]))
        with shares[number].turn():
            clock.now += SECONDS
        got[number] += 1
    return got


def test_cameras_that_want_more_than_there_is_get_equal_shares():
    assert turns_of([1.0, 1.0, 1.0], 30) == [10, 10, 10]


def test_twice_the_weight_is_twice_the_share():
    assert turns_of([2.0, 1.0], 30) == [20, 10]


CLAIMS = [(False, 0.0), (False, 1.0), (True, 0.0), (True, 1.0)]


def test_who_is_watched_and_who_moves_gets_more_and_nobody_starves():
    weights = [weight_of(is_watched=watched, motion=motion) for watched, motion in CLAIMS]
    assert weights == [1.0, MOVING, WATCHED, WATCHED * MOVING]
    got = turns_of(weights, 1200)
    assert got == [100, 200, 300, 600]
    most = WATCHED * MOVING
    crowd = turns_of([1.0, *[most] * 9], 600)
    assert crowd[0] >= 600 // (most * 10)


def test_what_moves_a_little_weighs_in_between():
    assert 1.0 < weight_of(is_watched=False, motion=0.1) < weight_of(is_watched=False, motion=0.5) < MOVING


def test_who_wanted_nothing_for_a_while_has_saved_nothing_up():
    clock = Clock()
    shared = SharedLanes(["lane"], clock)
    busy, idle = shared.join(lambda: 1.0), shared.join(lambda: 1.0)
    for _ in range(100):
        with busy.turn():
            clock.now += SECONDS
    with idle.turn():
        clock.now += SECONDS
    assert shared.start_of(idle._finish) >= shared.start_of(busy._finish) - SECONDS


def test_a_lane_that_hangs_is_no_concern_of_those_who_have_another():
    shared = SharedLanes(["hangs", "works"])
    stuck, other = shared.join(lambda: 1.0, 0.05), shared.join(lambda: 1.0, 0.05)
    release, entered = threading.Event(), threading.Event()

    def hang():
        with stuck.turn():
            entered.set()
            release.wait(10)

    thread = threading.Thread(target=hang, daemon=True)
    thread.start()
    assert entered.wait(10)
    for _ in range(5):
        with other.turn() as lane:
            pass
    third = shared.join(lambda: 1.0, 0.05)
    with other.turn(), pytest.raises(StageStuck, match="start again"), third.turn():
        pass
    release.set()
    thread.join(10)
    assert lane == "works"


def test_each_lane_is_prepared_once():
    assert list(SharedLanes(["one", "two"]).join(lambda: 1.0).each()) == ["one", "two"]
