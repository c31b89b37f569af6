from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.errors import SourceError
from streamdepth.frames import Frame, LeftOff
from streamdepth.pipeline.limits import Done, Limits, Thinner
from streamdepth.pixels import Picture, sum_of


def frame(index):
    image = np.full((4, 6, 3), index, np.uint8)
    return Frame(index, Fraction(index + 50, 25), 0.0, Picture.of_bgr(image))


def taken_by(limits, frames, left_off=None):
    """The indices that a run takes of `frames`."""
    thinner, taken = Thinner(limits, live=False), []
    done = Done(left_off, thinner)
    for one in frames:
        if done.holds(one):
            continue
        if thinner.is_past_end(one):
            break
        if thinner.takes(one):
            taken.append(one.index)
    return taken


LIMITS = [
    Limits(),
    Limits(frames=20),
    Limits(duration=Fraction(1)),
    Limits(max_fps=Fraction(7)),
    Limits(max_fps=Fraction(10), duration=Fraction(1)),
]


@pytest.mark.parametrize("limits", LIMITS)
@pytest.mark.parametrize("many", [1, 4, 7])
def test_two_runs_take_together_what_one_would(limits, many):
    whole = taken_by(limits, map(frame, range(40)))
    last = frame(whole[many - 1])
    left_off = LeftOff(last.index, last.pts, sum_of(last.picture), many, frame(0).pts)
    assert taken_by(limits, map(frame, range(40)), left_off) == whole[many:]
    if limits.max_fps is None:  # a source that went there by itself
        assert taken_by(limits, map(frame, range(last.index + 1, 40)), left_off) == whole[many:]


def test_an_input_that_gives_another_picture_there_is_refused():
    other = LeftOff(5, frame(5).pts, sum_of(frame(5).picture) ^ 1, 6, frame(0).pts)
    with pytest.raises(SourceError, match=r"another picture at 2\.200 s"):
        taken_by(Limits(), map(frame, range(40)), other)
