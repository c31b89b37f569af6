from __future__ import annotations

import numpy as np
import pytest
from estimates import HEIGHT, SPAN, WIDTH, draw

from streamdepth.rendering import Renderer
from streamdepth.rendering.layouts.side_by_side import SideBySide


def test_side_by_side_is_twice_as_wide_picture_left_depth_right():
    image = draw(Renderer("side-by-side", scale=SPAN), level=123)
    assert image.shape == (HEIGHT, 2 * WIDTH, 3)
    assert (image[:, :WIDTH] == 123).all()
    assert np.array_equal(image[:, WIDTH:], draw(Renderer("depth", scale=SPAN)))


def test_each_point_of_the_picture_is_shown_twice():
    layout = SideBySide()
    for shown in ((0.1, 0.3), (0.6, 0.3)):
        assert layout.point(shown) == pytest.approx((0.2, 0.3))
