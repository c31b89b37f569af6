from __future__ import annotations

import numpy as np
import pytest

from streamdepth.imaging.patches import draw_on, shape_of
from streamdepth.pixels import ColourMatrix, Picture, bgr_to_i420

BOX = np.s_[2:10, 4:12]
WHOLE = np.full((20, 30, 3), (40, 90, 160), np.uint8)


def whiten(patch):
    patch[:] = 255


@pytest.mark.parametrize("matrix", list(ColourMatrix))
@pytest.mark.parametrize("full_range", [False, True])
def test_planes_are_drawn_on_in_bgr_and_stay_as_they_are_elsewhere(matrix, full_range):
    planes = bgr_to_i420(WHOLE, matrix, full_range=full_range)
    draw_on(planes, BOX, whiten)
    drawn = Picture.of_i420(planes).bgr
    assert drawn[4:8, 6:10].min() >= 254
    untouched = bgr_to_i420(WHOLE, matrix, full_range=full_range)
    mask = np.ones((20, 30), bool)
    mask[BOX] = False
    assert np.array_equal(planes.y[mask], untouched.y[mask])


def test_a_colour_picture_is_drawn_on_directly():
    image = WHOLE.copy()
    draw_on(image, BOX, whiten)
    assert (image[BOX] == 255).all()
    assert np.count_nonzero((image == 255).all(axis=2)) == 8 * 8


def test_a_part_may_end_at_an_odd_edge():
    planes = bgr_to_i420(np.zeros((7, 9, 3), np.uint8))
    draw_on(planes, np.s_[4:, 6:], whiten)
    assert (planes.y[4:, 6:] == 235).all()
    assert (planes.y[:4] == 16).all()


def test_the_shape_of_either_is_told():
    assert shape_of(WHOLE) == shape_of(bgr_to_i420(WHOLE)) == (20, 30)
