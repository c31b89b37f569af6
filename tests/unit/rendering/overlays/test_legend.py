from __future__ import annotations

import numpy as np
from estimates import SPAN, draw

from streamdepth.rendering import Look, Renderer


def test_the_legend_shows_the_far_colour_left_of_the_near_colour():
    image = draw(Renderer(look=Look("depth", legend=True), scale=SPAN), width=640, height=360)
    plain = draw(Renderer("depth", scale=SPAN), width=640, height=360)
    changed = np.argwhere((image != plain).any(axis=2))
    assert changed[:, 0].min() > 300
    row = image[350].astype(int).sum(axis=1)
    bar = row[changed[:, 1].min() : changed[:, 1].max()]
    assert bar[: bar.size // 2].mean() < bar[bar.size // 2 :].mean()
