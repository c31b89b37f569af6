from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.frames import DepthMap, Estimate, Frame
from streamdepth.pipeline.between import LONGEST_REACH, Interleaved
from streamdepth.pixels import Picture
from streamdepth.threads.handoff import Ended, Handoff

CAMERA = 1 / 30
IMAGE = Picture.of_bgr(np.zeros((4, 6, 3), np.uint8))


def frame(index, connection=0, later=0.0):
    return Frame(index, Fraction(index, 30), index * CAMERA + later, IMAGE, connection=connection)


class Rig:
    """An `Interleaved` whose camera and network are moved by hand."""

    def __init__(self, inference):
        self.estimates, self.taken, self.inference = Handoff(1, when_full="wait"), [], inference
        self.between = Interleaved(self.estimates, lambda estimate: self.taken.append(estimate.frame.index))

    def capture(self, *indices):
        for index in indices:
            self.between.put(frame(index))

    def infer(self, index, **of_frame):
        depth = DepthMap(np.zeros((2, 3), np.float32))
        self.estimates.put(Estimate(frame(index, **of_frame), depth, self.inference))
        self.between.nudge()

    def next(self):
        """What is shown next, as `map 3`, `picture 4` or None."""
        try:
            item = self.between.get(0.0)
        except TimeoutError:
            return None
        return f"map {item.frame.index}" if isinstance(item, Estimate) else f"picture {item.index}"


def test_while_inference_keeps_up_estimates_are_all_that_is_shown():
    rig, shown = Rig(inference=0.02), []
    for index in range(6):
        rig.capture(index)
        shown.append(rig.next())
        rig.infer(index)
        shown.append(rig.next())
    assert [item for item in shown if item] == [f"map {index}" for index in range(6)]


def test_while_it_is_behind_every_picture_is_shown_at_once_and_never_an_older_one():
    rig, shown = Rig(inference=0.1), []
    rig.capture(0, 1)
    rig.infer(0)
    shown.append(rig.next())
    for index in range(2, 12):
        rig.capture(index)
        shown.append(rig.next())
        if index % 3 == 0:
            rig.infer(index - 3)
            shown.append(rig.next())
    assert [item for item in shown if item] == [f"picture {index}" for index in range(1, 12)]
    assert rig.taken == [0, 0, 3, 6]


def test_an_estimate_of_the_newest_picture_is_shown_itself():
    rig = Rig(inference=0.1)
    rig.capture(0, 1, 2)
    rig.infer(2)
    assert rig.next() == "map 2"
    rig.capture(3)
    assert rig.next() == "picture 3"


def test_only_the_newest_picture_is_kept():
    rig = Rig(inference=0.1)
    rig.capture(0, 1)
    rig.infer(0)
    rig.next()
    rig.capture(2, 3, 4, 5)
    assert [rig.next(), rig.next()] == ["picture 5", None]


def test_before_the_first_depth_nothing_is_shown():
    rig = Rig(inference=0.1)
    rig.capture(0, 1, 2)
    assert rig.next() is None


def test_depth_that_is_too_old_is_not_moved_any_more():
    rig = Rig(inference=0.1)
    rig.capture(0, 1)
    rig.infer(0)
    rig.next()
    last = int(LONGEST_REACH / CAMERA)
    rig.capture(*range(2, last + 1))
    assert rig.next() == f"picture {last}"
    rig.capture(last + 1, last + 2)
    assert rig.next() is None


def test_the_end_of_the_estimates_is_the_end():
    rig = Rig(inference=0.1)
    rig.capture(0)
    rig.estimates.close()
    with pytest.raises(Ended):
        rig.between.get(0.0)


def test_after_an_outage_the_first_map_is_shown_whatever_else_waits_and_pictures_follow_it():
    rig = Rig(inference=0.1)
    rig.capture(0, 1)
    rig.infer(0)
    assert rig.next() == "picture 1"
    back = {"connection": 1, "later": 0.7}
    rig.between.put(frame(2, **back))
    assert rig.next() is None  # depth of the connection before says nothing about it
    rig.between.put(frame(3, **back))
    rig.infer(2, **back)
    assert rig.next() == "map 2"
    rig.between.put(frame(4, **back))
    assert rig.next() == "picture 4"


def test_an_outage_is_no_interval_of_the_camera():
    rig = Rig(inference=0.1)
    rig.capture(0, 1, 2)
    rig.infer(0)
    assert rig.next() == "picture 2"
    back = {"connection": 1, "later": 60.0}
    for index in (3, 4):
        rig.between.put(frame(index, **back))
    rig.infer(3, **back)
    assert rig.next() == "map 3"
    rig.between.put(frame(5, **back))
    assert rig.next() == "picture 5"
