"""What becomes of each frame is told of each, and adds up with what is counted."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from streamdepth.frames import DepthMap, Frame, Rendered, SourceInfo
from streamdepth.pipeline import Limits, Pipeline
from streamdepth.pixels import Picture

PICTURE = Picture.of_bgr(np.zeros((4, 6, 3), np.uint8))


class Camera:
    """So many pictures, as fast as they are read."""

    def __init__(self, count, *, retold=False):
        self.info = SourceInfo(6, 4, Fraction(25), live=True, read_timeout=1.0, retold=retold)
        self.left = iter(range(count))

    def read(self):
        index = next(self.left, None)
        return None if index is None else Frame(index, Fraction(index, 25), time.monotonic(), PICTURE)

    def close(self):
        pass


class SlowEngine:
    """Depth after a moment, in which a camera has many pictures."""

    def estimate(self, _image):
        threading.Event().wait(0.01)
        return DepthMap(np.zeros((2, 3), np.float32))


class Witness:
    """Keeps what it is told, by the index of the frame."""

    def __init__(self):
        self.came, self.left, self.has_depth, self.shown = [], {}, [], []

    def captured(self, frame, seconds):
        assert seconds >= 0
        self.came.append(frame.index)

    def dropped(self, frame, cause):
        self.left[frame.index] = cause

    def inferred(self, estimate):
        assert estimate.seconds >= 0
        self.has_depth.append(estimate.frame.index)

    def written(self, rendered, drawing, writing):
        assert min(drawing, writing) >= 0
        self.shown.append(rendered.estimate.frame.index)


class Sink:
    """Takes all."""

    def write(self, rendered):
        pass

    def close(self, *, complete=True):
        pass


def run(source, limits=None):
    witness = Witness()
    pipeline = Pipeline(
        source, SlowEngine(), lambda e: Rendered(e, e.frame.picture), limits=limits, witness=witness
    )
    return pipeline.run([Sink()]), witness


@pytest.mark.parametrize("limits", [None, Limits(max_fps=Fraction(10))])
def test_every_frame_has_one_fate_and_all_add_up(limits):
    stats, witness = run(Camera(60), limits)
    assert witness.came == list(range(60))
    assert sorted([*witness.left, *witness.has_depth]) == witness.came
    assert len(witness.left) == stats.dropped > 0
    assert {cause: [*witness.left.values()].count(cause) for cause in stats.dropped_by} == stats.dropped_by
    assert len(witness.has_depth) == stats.inferred
    assert len(witness.shown) == stats.written


def test_of_a_session_that_is_told_again_nothing_is_dropped_though_it_is_live():
    stats, witness = run(Camera(12, retold=True))
    assert (stats.dropped, stats.written) == (0, 12)
    assert witness.has_depth == witness.shown == witness.came


def test_a_picture_that_is_old_is_inferred_where_it_is_told_again():
    source = Camera(1, retold=True)
    read = source.read
    source.read = lambda: (frame := read()) and replace(frame, captured_at=frame.captured_at - 60)
    assert run(source)[0].written == 1
