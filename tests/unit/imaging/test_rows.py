import numpy as np
import pytest

from streamdepth.imaging.rows import ENOUGH, RowsAgainst

DOWNWARDS = np.tile(np.linspace(1, 5, 24, dtype=np.float32)[:, None], (1, 32))
"""Larger at the bottom."""


@pytest.mark.parametrize(("larger_is_nearer", "against"), [(True, False), (False, True)])
def test_the_bottom_is_expected_to_be_near(larger_is_nearer, against):
    rows = RowsAgainst(larger_is_nearer)
    for count in range(ENOUGH):
        assert not rows.is_known
        rows.add(DOWNWARDS)
        assert rows.contradict is against, count
    assert rows.is_known


def test_flat_maps_and_noise_say_nothing():
    rows = RowsAgainst(larger_is_nearer=True)
    assert not rows.contradict
    rng = np.random.default_rng(0)
    for _ in range(ENOUGH):
        rows.add(np.full((24, 32), 3, np.float32))
        rows.add(rng.normal(size=(24, 32)).astype(np.float32))
    assert not rows.contradict


def test_one_odd_picture_among_many_is_no_contradiction():
    rows = RowsAgainst(larger_is_nearer=True)
    for sign in [1, 1, 1, -1]:
        rows.add(sign * DOWNWARDS)
    assert not rows.contradict
