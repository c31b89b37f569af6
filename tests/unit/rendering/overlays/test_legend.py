from __future__ import annotations

import numpy as np
import pytest
from estimates import SPAN, draw

from streamdepth.rendering import LAYOUTS, Look, Renderer, Words


def test_the_legend_shows_the_far_colour_left_of_the_near_colour():
    image = draw(Renderer(look=Look("depth", legend=True), scale=SPAN), width=640, height=360)
    plain = draw(Renderer("depth", scale=SPAN), width=640, height=360)
    changed = np.argwhere((image != plain).any(axis=2))
    assert changed[:, 0].min() > 300
    row = image[350].astype(int).sum(axis=1)
    bar = row[changed[:, 1].min() : changed[:, 1].max()]
    assert bar[: bar.size // 2].mean() < bar[bar.size // 2 :].mean()


UNCOLOURED = ("stereo", "anaglyph", "focus")


def shown(layout, *, legend):
    look = Look(layout, "turbo", 1.0, legend=legend, invert=True)
    return draw(Renderer(look=look, scale=SPAN), width=640, height=360)


@pytest.mark.parametrize("layout", UNCOLOURED)
def test_where_depth_is_not_seen_in_colours_there_is_no_legend(layout):
    assert np.array_equal(shown(layout, legend=True), shown(layout, legend=False))


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name not in UNCOLOURED])
def test_the_legend_has_the_colours_in_which_depth_is_seen(layout):
    picture, plain = shown(layout, legend=True), shown(layout, legend=False)
    columns = np.flatnonzero((picture != plain).any(axis=(0, 2)))
    bar = picture[350, columns[0] : columns[-1]].astype(int)
    depth = plain[10, -640:].astype(int)
    is_grey = (depth.max(axis=1) == depth.min(axis=1)).all()
    assert is_grey == (layout == "rgbd")
    middle = bar[bar.shape[0] // 2 - 20 : bar.shape[0] // 2 + 20]
    away = np.abs(middle[:, None] - depth[None]).max(axis=2).min(axis=1)
    assert (away <= 4).all()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_legend_of_a_window_is_there_with_that_of_the_picture(layout):
    renderer = Renderer(look=Look(layout), scale=SPAN)
    image = draw(renderer, width=640, height=360).copy()
    before = image.copy()
    Words(renderer, None, legend=True).draw(image, 11)
    assert (image != before).any() == (layout not in UNCOLOURED)
