"""Depth over pictures of 10 bits."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from streamdepth.frames import DepthMap, Estimate, Frame
from streamdepth.imaging.deep import deep_tables
from streamdepth.pixels import I420, ColourMatrix, DeepPlanes, Picture, Rectangle
from streamdepth.rendering import LAYOUTS, Renderer
from streamdepth.rendering.colormaps import lookup_table
from streamdepth.rendering.layouts.deep import laid_over
from streamdepth.rendering.look import Look

TABLE = lookup_table("inferno")
SIZE = (144, 256)


def picture(inner=None):
    """Each sample is another, in 10 bits that 8 do not hold."""
    rng = np.random.default_rng(0)
    half = SIZE[0] // 2, SIZE[1] // 2
    y, u, v = (rng.integers(64, 940, shape).astype(np.uint16) for shape in (SIZE, half, half))
    deep = DeepPlanes(y, u, v, ColourMatrix.BT2020, False, 9, 16)
    coarse = I420(*((plane // 4).astype(np.uint8) for plane in (y, u, v)))
    return replace(Picture.of_i420(coarse), deep=deep, inner=inner)


def test_what_is_blended_are_signals_of_10_bits():
    shown, grey = picture(), np.full(SIZE, 200, np.uint8)
    drawn = laid_over(shown, shown.deep, grey, TABLE, 0.25)
    y, u, v = deep_tables(TABLE, shown.deep)
    for plane, of_picture, table in zip(
        (drawn.y, drawn.u, drawn.v), (shown.deep.y, shown.deep.u, shown.deep.v), (y, u, v), strict=True
    ):
        expected = 0.75 * of_picture + 0.25 * float(table[200, 0])
        assert np.abs(plane - expected).max() <= 0.51


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_bars_stay_what_they_are_and_are_black_where_depth_is_all(share):
    shown = picture(Rectangle(0, 4, 256, 136))
    drawn = laid_over(shown, shown.deep, np.full(SIZE, 200, np.uint8), TABLE, share)
    for rows in (slice(0, 4), slice(140, 144)):
        assert np.array_equal(drawn.y[rows], shown.deep.y[rows] if share < 1 else np.full((4, 256), 64))
    assert np.array_equal(drawn.u[:2], shown.deep.u[:2] if share < 1 else np.full((2, 128), 512))


def rendered(layout, **more):
    shown = picture()
    depth = DepthMap(np.tile(np.linspace(0, 1, 32, dtype=np.float32), (18, 1)))
    renderer = Renderer(look=Look(layout, "inferno", 0.0, **more))
    return shown, renderer(Estimate(Frame(0, Fraction(0), 0.0, shown), depth, 0.0)).picture


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_overlay_keeps_10_bits_and_other_layouts_have_8(layout):
    shown, drawn = rendered(layout)
    assert (drawn.deep is not None) is (layout == "overlay")
    if drawn.deep is not None:
        assert np.array_equal(drawn.deep.y, shown.deep.y)  # with no share of depth


def test_the_legend_is_in_the_10_bits_too():
    shown, drawn = rendered("overlay", legend=True)
    changed = drawn.deep.y != shown.deep.y
    assert changed[-3:, -20:].mean() > 0.9
    assert not changed[:72].any()
