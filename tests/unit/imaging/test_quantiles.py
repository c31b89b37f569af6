from __future__ import annotations

import numpy as np
import pytest

from streamdepth.imaging.quantiles import quantile, quantiles

VALUES = np.random.default_rng(2).normal(size=(37, 53)).astype(np.float32)


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.98, 1.0])
def test_a_quantile_is_the_value_of_that_rank(share):
    ordered = np.sort(VALUES, axis=None)
    assert quantile(VALUES, share) == ordered[round((VALUES.size - 1) * share)]


def test_several_are_what_each_is_alone_and_the_values_stay_in_their_order():
    before = VALUES.copy()
    assert quantiles(VALUES, 0.9, 0.1) == (quantile(VALUES, 0.9), quantile(VALUES, 0.1))
    assert np.array_equal(VALUES, before)


def test_one_value_is_every_quantile():
    assert quantiles(np.array([[3.0]]), 0.0, 0.7) == (3.0, 3.0)
