from __future__ import annotations

import numpy as np
import pytest
from estimates import SPAN, WIDTH, draw

from streamdepth.rendering import Look, Renderer


def test_an_overlay_is_the_stated_blend_of_picture_and_colour():
    colour = draw(Renderer("depth", scale=SPAN))
    overlay = draw(Renderer("overlay", alpha=0.25, scale=SPAN), level=100)
    expected = 0.75 * 100 + 0.25 * colour.astype(float)
    assert np.abs(overlay - expected).max() <= 1


@pytest.mark.parametrize(("alpha", "is_picture"), [(0.0, True), (1.0, False)])
def test_alpha_at_its_ends_shows_one_of_the_two(alpha, is_picture):
    overlay = draw(Renderer("overlay", alpha=alpha, scale=SPAN), level=100)
    expected = np.full_like(overlay, 100) if is_picture else draw(Renderer("depth", scale=SPAN))
    assert np.array_equal(overlay, expected)


def test_what_is_beyond_the_cut_is_black_in_depth_and_a_darkened_picture_in_an_overlay():
    plain = draw(Renderer("depth", scale=SPAN))
    cut = draw(Renderer(look=Look("depth", cut_beyond=0.4), scale=SPAN))
    overlay = draw(Renderer(look=Look("overlay", alpha=0.6, cut_beyond=0.4), scale=SPAN), level=100)
    far, near = np.s_[:, : WIDTH // 2], np.s_[:, WIDTH * 2 // 3 :]  # the cut is at 60 percent of the width
    assert (cut[far] == 0).all()
    assert np.array_equal(cut[near], plain[near])
    assert (overlay[far] == 40).all()
