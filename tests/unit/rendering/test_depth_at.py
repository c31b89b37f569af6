from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from estimates import is_double

from streamdepth.frames import DepthMap, DepthMeaning, Estimate, Frame, Measured, Rendered
from streamdepth.pixels import Picture, Rectangle
from streamdepth.rendering import LAYOUTS, Renderer
from streamdepth.rendering.depth_at import depth_at

DEPTH = DepthMap(np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))


def estimate(inner):
    picture = Picture(8, 4, np.zeros((4, 8, 3), np.uint8), inner)
    return Estimate(Frame(0, Fraction(0), 0.0, picture), DEPTH, 0.0)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_depth_is_that_of_the_picture_and_there_is_none_in_its_bars(layout):
    rendered = Renderer(layout)(estimate(Rectangle(2, 0, 4, 4)))
    halves = (0.0, 0.5) if is_double(layout) else (0.0,)
    for left in halves:
        for x, y, value in [(0.3, 0.1, 1.0), (0.7, 0.1, 2.0), (0.3, 0.9, 3.0), (0.74, 1.0, 4.0)]:
            assert depth_at(rendered, left + x / len(halves), y)["depth"] == value
        for x in (0.0, 0.2, 0.8, 0.99):
            assert depth_at(rendered, left + x / len(halves), 0.5) == {"depth": None}


def test_of_distances_nearer_is_smaller():
    far = DepthMap(DEPTH.values, DepthMeaning.METRES)
    rendered = Renderer()(replace(estimate(None), depth=far))
    assert depth_at(rendered, 0.9, 0.9) == {"depth": 4.0, "nearer_than": 0.0, "metres": 4.0}
    assert depth_at(rendered, 0.1, 0.1)["nearer_than"] == 0.75


def test_the_depth_that_is_shown_is_told_and_not_what_the_network_gave():
    renderer, flat = Renderer(), estimate(None)
    renderer(flat)
    noisy = replace(flat, depth=DepthMap(DEPTH.values + np.float32(1.0)))
    rendered = renderer(noisy)
    assert depth_at(rendered, 0.1, 0.1)["depth"] == round(float(rendered.depth.values[0, 0]), 4) != 2.0


def test_nearer_than_is_the_share_of_the_picture_that_is_farther():
    rendered = Renderer()(estimate(None))
    assert depth_at(rendered, 0.1, 0.1)["nearer_than"] == 0.0
    assert depth_at(rendered, 0.9, 0.9) == {"depth": 4.0, "nearer_than": 0.75}


@pytest.mark.parametrize(("x", "y"), [(-0.1, 0.5), (1.1, 0.5), (0.5, 1.2)])
def test_there_is_no_depth_beside_the_picture(x, y):
    assert depth_at(Renderer()(estimate(None)), x, y) == {"depth": None}


def test_a_picture_that_somebody_else_drew_is_taken_to_show_the_source():
    rendered = Rendered(estimate(None), Picture.of_bgr(np.zeros((9, 9, 3), np.uint8)))
    assert depth_at(rendered, 0.9, 0.1)["depth"] == 2.0


@pytest.mark.parametrize(
    ("measured", "told"),
    [
        (Measured(DepthMap(1 / DEPTH.values, DepthMeaning.METRES), 0.9), {"metres": 0.25}),
        (
            Measured(DepthMap(1 / DEPTH.values, DepthMeaning.METRES), 0.9, points=5, error=0.0714),
            {"metres": 0.25, "within": 0.071},
        ),
        (Measured(None, 0.1, "it was moved", error=0.07), {"metres": None, "withheld": "it was moved"}),
    ],
)
def test_of_a_calibrated_camera_metres_are_told_or_why_there_are_none(measured, told):
    rendered = Renderer(ruler=lambda _picture, _depth: measured)(estimate(None))
    assert depth_at(rendered, 0.9, 0.9) == {"depth": 4.0, "nearer_than": 0.75, **told}


@pytest.mark.parametrize("meaning", [DepthMeaning.METRES, DepthMeaning.INVERSE])
def test_a_network_that_gives_a_unit_says_metres_by_itself(meaning):
    rendered = Renderer()(estimate(None))
    depth = replace(rendered.depth, meaning=meaning)
    told = depth_at(replace(rendered, scaled=replace(rendered.scaled, depth=depth)), 0.9, 0.9)
    assert told["metres"] == (4.0 if meaning is DepthMeaning.METRES else 0.25)
