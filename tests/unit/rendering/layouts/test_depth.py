from __future__ import annotations

import numpy as np
from estimates import SPAN, WIDTH, draw

from streamdepth.rendering import Look, Renderer


def test_near_is_bright_and_far_is_dark_in_inferno():
    image = draw(Renderer("depth", scale=SPAN)).astype(int).sum(axis=2)
    assert image[90, -5] > 500
    assert image[90, 4] < 40


def test_invert_turns_the_colours_around():
    straight = draw(Renderer("depth", scale=SPAN))
    inverted = draw(Renderer(look=Look("depth", invert=True), scale=SPAN))
    assert np.abs(inverted[:, ::-1].astype(int) - straight).max() <= 8


def test_the_cut_is_at_the_same_depth_with_inverted_colours():
    cut = draw(Renderer(look=Look("depth", cut_beyond=0.4, invert=True), scale=SPAN))
    assert (cut[:, : WIDTH // 2] == 0).all()
    assert (cut[:, WIDTH * 2 // 3 : WIDTH * 3 // 4].sum(axis=2) > 0).all()


def test_a_cut_at_the_far_end_cuts_nothing():
    far = Renderer(look=Look("depth", cut_beyond=1.0), scale=SPAN)
    assert np.array_equal(draw(far), draw(Renderer("depth", scale=SPAN)))
