from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from streamdepth.imaging.scaling import squared
from streamdepth.pixels import I420, ColourMatrix, Picture, bgr_to_i420


@pytest.mark.parametrize("as_planes", [False, True])
def test_a_large_picture_is_shrunk_to_even_sides_in_its_layout_and_a_small_one_is_left(as_planes):
    image = np.zeros((101, 203, 3), np.uint8)
    image[:, 100:] = 200
    picture = Picture.of_i420(bgr_to_i420(image, ColourMatrix.BT709)) if as_planes else Picture.of_bgr(image)
    assert squared(picture, 101 * 203) is picture
    small = squared(picture, 50 * 100)
    assert (small.width, small.height) == (100, 48)
    assert isinstance(small.native, I420) is as_planes
    assert small.i420.u.shape == small.i420.v.shape == (24, 50)
    if as_planes:
        assert small.i420.matrix is ColourMatrix.BT709
    assert small.bgr[24, 10].max() < 3
    assert small.bgr[24, 90].min() > 196


@pytest.mark.parametrize("as_planes", [False, True])
@pytest.mark.parametrize(
    ("size", "aspect", "most", "want"),
    [
        ((720, 576), Fraction(64, 45), 10**7, (1024, 576)),
        ((1440, 1080), Fraction(4, 3), 10**7, (1920, 1080)),
        ((704, 480), Fraction(10, 11), 10**7, (704, 528)),
        ((720, 576), Fraction(64, 45), 512 * 288, (512, 288)),
        ((720, 576), Fraction(100), 10**7, (720, 576)),
    ],
    ids=str,
)
def test_pixels_that_are_not_square_become_square(size, aspect, most, want, as_planes):
    image = np.zeros((size[1], size[0], 3), np.uint8)
    rows, columns = np.mgrid[: size[1], : size[0]]
    shape = float(aspect) if aspect < 4 else 1.0
    image[np.hypot((columns - size[0] / 2) * shape, rows - size[1] / 2) < size[1] / 4] = 255
    picture = Picture.of_i420(bgr_to_i420(image)) if as_planes else Picture.of_bgr(image)
    shown = squared(picture, most, aspect)
    assert (shown.width, shown.height) == want
    rows, columns = np.nonzero(shown.bgr[..., 1] > 127)
    assert abs(np.ptp(rows) / np.ptp(columns) - 1) < 0.03
