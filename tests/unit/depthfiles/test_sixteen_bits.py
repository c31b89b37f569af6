from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from streamdepth.depthfiles.sixteen_bits import LARGEST_PIXEL, MILLIMETRES, Scale

finite = st.floats(-1e6, 1e6, width=32)


@given(arrays(np.float32, (3, 5), elements=finite))
def test_any_finite_map_comes_back_within_half_a_step(values):
    scale = Scale.of(values)
    back = scale.offset + scale.scale * scale.pixels(values).astype(np.float64)
    tolerance = scale.scale * 0.5 + 1e-9 * np.abs(values).max()
    assert np.abs(back - values).max() <= tolerance


def test_the_whole_of_16_bits_is_used_and_larger_stays_larger():
    values = np.float32([[-2.0, 0.5], [1.0, 3.0]])
    assert Scale.of(values).pixels(values).tolist() == [[0, 32768], [39321, 65535]]
    assert Scale.of(values).high == 3.0


def test_values_beyond_the_scale_become_its_ends():
    scale = Scale.spanning(0.0, 1.0)
    assert scale.pixels(np.float32([[-5.0, 7.0]])).tolist() == [[0, LARGEST_PIXEL]]


def test_a_constant_map_is_all_0_and_comes_back_exactly():
    values = np.full((2, 3), 7.25, np.float32)
    scale = Scale.of(values)
    assert scale.scale == 0
    assert np.array_equal(scale.values(scale.pixels(values)), values)


def test_metres_are_millimetres_as_far_as_16_bits_go():
    metres = np.float32([[0.0, 0.4, 65.535, 80.0]])
    assert MILLIMETRES.pixels(metres).tolist() == [[0, 400, 65535, 65535]]
