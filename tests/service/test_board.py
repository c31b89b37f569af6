from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

from streamdepth.frames import Condition, DepthMap, Estimate, Frame, Rendered
from streamdepth.pixels import Picture, Rectangle
from streamdepth.rendering import Renderer
from streamdepth.viewers.state import Board, RunFacts, depth_at


def condition_after(seconds, most_fps):
    """What viewers are told so many seconds after the last picture."""
    encoder = SimpleNamespace(newest=SimpleNamespace(condition=Condition()), written_at=100.0)
    facts = RunFacts(dict, lambda: (0.0, 0.0, 0), most_fps)
    return Board(encoder, Renderer(), facts, clock=lambda: 100.0 + seconds).condition()


@pytest.mark.parametrize(
    ("most_fps", "seconds", "told"),
    [
        (None, 1.9, "live"),
        (None, 2.1, "frozen"),
        (10.0, 2.1, "frozen"),
        (0.2, 14.9, "live"),  # a picture every five seconds, as was asked for
        (0.2, 15.1, "frozen"),
    ],
)
def test_a_picture_stands_still_when_more_were_to_come(most_fps, seconds, told):
    assert condition_after(seconds, most_fps) == told


@pytest.mark.parametrize("times", [1, 2], ids=["one picture", "side by side"])
def test_depth_at_a_point_is_asked_for_in_the_picture_and_there_is_none_in_its_bars(times):
    picture = Picture(8, 4, np.zeros((4, 8, 3), np.uint8), Rectangle(2, 0, 4, 4))
    depth = DepthMap(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    shown = Picture.of_bgr(np.zeros((4, 8 * times, 3), np.uint8))
    rendered = Rendered(Estimate(Frame(0, Fraction(0), 0.0, picture), depth, 0.0), shown)
    for x, y, value in [(0.3, 0.1, 1.0), (0.7, 0.1, 2.0), (0.3, 0.9, 3.0), (0.74, 1.0, 4.0)]:
        assert depth_at(rendered, x / times, y)["depth"] == value
    for x in (0.0, 0.2, 0.8, 0.99):
        assert depth_at(rendered, x / times, 0.5) == {"depth": None}
