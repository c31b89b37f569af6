"""What is said of a camera whose pictures are too many or too large; the clock is the test's."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from streamdepth import DepthMap, Estimate, Frame, Picture, Rendered
from streamdepth.frames import SourceInfo
from streamdepth.pipeline import RunStats
from streamdepth.reporting.keeping_up import KeepingUp

INFO = SourceInfo(7680, 4320, Fraction(15), live=True, read_timeout=5.0)


class Watched:
    """A run of a camera for five seconds at a time."""

    def __init__(self):
        self.now, self.told = 100.0, []
        self.source = SimpleNamespace(info=INFO, load=0.2)
        self.stats = RunStats(lambda: self.now)
        self.stats.start()
        self.looks = KeepingUp(self.stats, self.source, self.told.append, lambda: self.now)
        self.looks.poll()

    def runs(self, *, latency=0.1, inference=0.05, shown=True, left_out=None, load=0.2):
        self.source.load = load
        for _ in range(10):
            self.now += 0.5
            self.stats.captured(0.01)
            if left_out:
                self.stats.dropped(left_out)
            elif shown:
                self.stats.inferred(inference)
                self.stats.written(0.0, self.now - latency)
                self.looks.write(rendered(self.now - latency))
            self.looks.poll()


def rendered(captured_at):
    picture = Picture.of_bgr(np.zeros((2, 2, 3), np.uint8))
    depth = DepthMap(np.zeros((2, 2), np.float32))
    return Rendered(Estimate(Frame(0, Fraction(0), captured_at, picture), depth, 0.0), picture)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"load": 0.99}, "they come faster than they are decoded"),
        ({"latency": 3.1}, "they are shown 3.1 s late"),
        ({"shown": False}, "none is shown"),
    ],
)
def test_what_is_too_much_is_told_once_with_the_cure_and_its_end_as_well(how, why):
    run = Watched()
    run.runs(**how)
    assert (run.told, run.stats.behind) == ([], ""), "a moment of other work is no news"
    for _ in range(3):
        run.runs(**how)
    assert [(said.line, said.is_warning) for said in run.told] == [(run.stats.behind, True)]
    assert run.stats.behind == (
        f"this machine does not keep up with pictures of 7680x4320: {why} "
        "(name the camera's sub-stream or a smaller size, or run fewer cameras)"
    )
    assert run.stats.snapshot().behind == run.stats.behind
    for _ in range(3):
        run.runs()
    assert run.stats.behind == ""
    assert [said.is_warning for said in run.told] == [True, False]


@pytest.mark.parametrize(
    "how",
    [
        {},
        {"load": None},
        {"load": 0.9},
        {"latency": 2.0, "inference": 1.5},  # the network takes that long, whatever the size
        {"left_out": "max-fps"},
        {"left_out": "interval"},
    ],
)
def test_a_camera_that_is_kept_up_with_gets_no_word(how):
    run = Watched()
    for _ in range(4):
        run.runs(**how)
    assert (run.told, run.stats.behind) == ([], "")
