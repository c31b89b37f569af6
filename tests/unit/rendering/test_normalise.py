from __future__ import annotations

import numpy as np
import pytest

from streamdepth.rendering import DepthRange
from streamdepth.rendering.normalise import normalise


@pytest.mark.parametrize("value", [0.0, 7.5])
def test_a_map_without_any_span_is_flat_grey_not_noise(value):
    values = np.full((32, 64), value, np.float32) + np.float32(1e-9)
    assert (normalise(values, DepthRange(value, value), (9, 7)) == 128).all()


def test_an_edge_neither_wraps_nor_rings_out_of_range():
    values = np.zeros((16, 16), np.float32)
    values[:, 8:] = 5.0
    grey = normalise(values, DepthRange(0.0, 1.0), (160, 160))
    assert (grey[:, :60] == 0).all()
    assert (grey[:, 100:] == 255).all()
    assert (np.diff(grey.astype(int), axis=1) >= 0).all()


def test_of_distances_the_smallest_is_the_brightest():
    values = np.float32([[1.0, 3.0, 5.0]])
    grey = normalise(values, DepthRange(1.0, 5.0), (3, 1), larger_is_nearer=False)
    assert grey.tolist() == [[255, 127, 0]]
