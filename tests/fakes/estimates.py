"""Estimates to draw, and what a renderer draws of them."""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from streamdepth.frames import DepthMap, Estimate, Frame
from streamdepth.pixels import Picture
from streamdepth.rendering import DepthRange, FixedRange
from streamdepth.rendering.layouts.registry import layout_named

WIDTH, HEIGHT = 320, 180
SPAN = FixedRange(DepthRange(0.0, 1.0))


def estimate(values=None, level=100, width=WIDTH, height=HEIGHT):
    """A grey picture of that `level`, whose depth rises from 0 on the left to 1 on the right unless it is given."""
    ramp = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (32, 1)) if values is None else values
    picture = Picture.of_bgr(np.full((height, width, 3), level, np.uint8))
    return Estimate(Frame(0, Fraction(0), 0.0, picture), DepthMap(ramp), 0.01)


def draw(renderer, **options):
    """(H, W, 3) uint8 BGR that `renderer` draws of the `estimate` of these options."""
    return renderer(estimate(**options)).picture.bgr


def is_double(layout):
    """Whether a layout shows the picture twice, side by side."""
    return layout_named(layout).size((2, 2)) == (4, 2)
