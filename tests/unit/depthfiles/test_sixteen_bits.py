from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from streamdepth.depthfiles.sixteen_bits import facts_of, quantise
from streamdepth.frames import DepthMap

finite = st.floats(-1e6, 1e6, width=32)


@given(arrays(np.float32, (3, 5), elements=finite))
def test_any_finite_map_comes_back_within_half_a_step(values):
    quantised = quantise(values)
    back = quantised.offset + quantised.scale * quantised.pixels.astype(np.float64)
    tolerance = quantised.scale * 0.5 + 1e-9 * np.abs(values).max()
    assert np.abs(back - values).max() <= tolerance


def test_the_facts_say_how_to_get_the_values_back():
    depth = DepthMap(np.float32([[-2.0, 0.5, 1.0], [3.0, 3.0, 3.0]]))
    facts = facts_of(depth, quantise(depth.values))
    assert facts == {
        "formula": "inverse_relative_depth = offset + scale * pixel",
        "scale": 5 / 65535,
        "offset": -2.0,
        "meaning": depth.meaning.value,
        "width": 3,
        "height": 2,
    }
