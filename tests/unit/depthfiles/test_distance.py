"""Distances of any map."""

from __future__ import annotations

import numpy as np
import pytest

from streamdepth.depthfiles.distance import FARTHEST, NEAREST, distances
from streamdepth.frames import BEYOND, DepthMap, DepthMeaning


@pytest.mark.parametrize(
    ("meaning", "values", "expected"),
    [
        (DepthMeaning.METRES, [0.5, 4.0], [0.5, 4.0]),
        (DepthMeaning.METRES, [-1.0, 0.0, 4.0, 5000.0], [BEYOND, BEYOND, 4.0, BEYOND]),
        (DepthMeaning.INVERSE, [0.5, 4.0], [2.0, 0.25]),
        (DepthMeaning.INVERSE, [-1.0, 0.0, 0.0001], [BEYOND, BEYOND, BEYOND]),
        (DepthMeaning.DISTANCE_RELATIVE, [-3.0, 7.0], [NEAREST, FARTHEST]),
        (DepthMeaning.INVERSE_RELATIVE, [-3.0, 7.0], [FARTHEST, NEAREST]),
    ],
)
def test_what_a_map_says_becomes_a_distance(
    meaning: DepthMeaning, values: list[float], expected: list[float]
) -> None:
    found = distances(DepthMap(np.array([values], np.float32), meaning))
    assert found.dtype == np.float32
    assert found[0].tolist() == pytest.approx(expected)


def test_relative_inverse_depth_is_linear_in_one_over_the_distance() -> None:
    found = distances(DepthMap(np.array([[0.0, 1.0, 2.0]], np.float32)))[0]
    assert 1 / found[1] == pytest.approx((1 / found[0] + 1 / found[2]) / 2)


@pytest.mark.parametrize("meaning", list(DepthMeaning))
def test_no_distance_is_without_end_or_behind_the_camera(meaning: DepthMeaning) -> None:
    flat = distances(DepthMap(np.zeros((2, 2), np.float32), meaning))
    assert (flat > 0).all()
    assert np.isfinite(flat).all()
