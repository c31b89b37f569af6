from __future__ import annotations

import numpy as np
import pytest

from streamdepth.imaging.text import (
    SMALLEST,
    darken,
    darken_ground,
    fitting,
    put_strokes,
    put_text,
    strokes_width,
    text_width,
)

RED = (0, 0, 255)


def black(width=400, height=60):
    return np.zeros((height, width, 3), np.uint8)


def columns_of(image):
    return np.flatnonzero(image.any(axis=(0, 2)))


@pytest.mark.parametrize("size", [11, 20, 40])
def test_a_line_is_as_wide_as_is_told_and_as_high_as_is_asked(size):
    image = black()
    put_text(image, "HHHHH", 10, 50, size)
    written = columns_of(image)
    assert abs(np.ptp(written) + 1 - text_width("HHHHH", size)) <= size // 3
    rows = np.flatnonzero(image.any(axis=(1, 2)))
    assert 0.5 * size <= np.ptp(rows) + 1 <= 1.1 * size


@pytest.mark.parametrize("scale", [0.45, 1.0])
def test_strokes_are_as_wide_as_is_told_and_of_the_colour_that_is_asked(scale):
    image = black()
    put_strokes(image, "HHHHH", 10, 40, scale, RED)
    assert abs(np.ptp(columns_of(image)) + 1 - strokes_width("HHHHH", scale)) <= 6
    assert image[..., :2].max() == 0
    assert image[..., 2].max() == 255


def test_letters_get_smaller_until_a_line_fits_but_stay_letters():
    assert fitting(40, lambda size: size * 10, 400) == 40
    assert fitting(40, lambda size: size * 10, 205) == 20
    assert fitting(40, lambda size: size * 10, 3) == SMALLEST


def test_darkening_leaves_a_share_of_the_light():
    image = np.full((2, 2, 3), 200, np.uint8)
    darken(image, 0.4)
    assert (image == 80).all()


@pytest.mark.parametrize(("centred", "place"), [(True, (45, 20)), (False, (0, 40))])
def test_a_ground_is_in_the_middle_or_in_the_corner_and_dark_nowhere_else(centred, place):
    image = np.full((60, 100, 3), 200, np.uint8)
    assert darken_ground(image, (10, 20), 0.5, centred=centred) == place
    left, top = place
    assert (image[top : top + 20, left : left + 10] == 100).all()
    assert np.count_nonzero(image == 100) == 10 * 20 * 3


@pytest.mark.parametrize("centred", [True, False])
def test_a_ground_larger_than_the_picture_is_all_of_it(centred):
    image = np.full((6, 8, 3), 200, np.uint8)
    assert darken_ground(image, (100, 100), 0.5, centred=centred) == (0, 0)
    assert (image == 100).all()
