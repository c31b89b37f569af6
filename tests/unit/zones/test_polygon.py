from __future__ import annotations

import numpy as np
import pytest

from streamdepth.zones.polygon import area, mask_of

LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
TRIANGLE = ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0))


def test_the_whole_picture_is_every_pixel():
    assert mask_of(((0, 0), (1, 0), (1, 1), (0, 1)), (7, 9)).all()


@pytest.mark.parametrize("turned", [LEFT_HALF, LEFT_HALF[::-1]])
def test_a_half_is_half_whichever_way_round_it_is_drawn(turned):
    mask = mask_of(turned, (6, 8))
    assert mask[:, :4].all()
    assert not mask[:, 4:].any()


def test_a_triangle_has_the_share_of_pixels_that_its_area_is():
    assert mask_of(TRIANGLE, (200, 300)).mean() == pytest.approx(0.5, abs=0.005)
    assert area(TRIANGLE) == pytest.approx(0.5)


def test_what_is_smaller_than_a_pixel_is_the_pixel_it_lies_in():
    tiny = ((0.51, 0.51), (0.52, 0.51), (0.52, 0.52))
    mask = mask_of(tiny, (4, 4))
    assert mask.sum() == 1
    assert mask[2, 2]


def test_bars_are_no_part_of_the_map():
    pillars = (0.25, 0.0, 0.5, 1.0)
    assert not mask_of(((0, 0), (0.2, 0), (0.2, 1), (0, 1)), (4, 4), pillars).any()
    mask = mask_of(LEFT_HALF, (4, 4), pillars)
    assert mask[:, :2].all()
    assert not mask[:, 2:].any()


def test_where_a_polygon_crosses_itself_even_is_outside():
    twice = ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0), (1, 0), (1, 1), (0, 1))
    assert np.count_nonzero(mask_of(twice, (8, 8))) <= 1
