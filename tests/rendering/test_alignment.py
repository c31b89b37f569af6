from __future__ import annotations

import numpy as np
import pytest

from streamdepth.rendering.alignment import fit

RANDOM = np.random.default_rng(5)
SCENE = (np.linspace(1, 9, 128)[None] + RANDOM.random((64, 128))).astype(np.float32)
STILL = np.ones_like(SCENE)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (1.3, -4.0), (0.7, 2.0)])
def test_scale_and_shift_are_found(scale, shift):
    found = fit(SCENE, SCENE * np.float32(scale) + np.float32(shift), STILL)
    assert found.scale == pytest.approx(scale, rel=1e-4)
    assert found.shift == pytest.approx(shift, abs=1e-3)


def test_what_moved_does_not_count():
    reference = SCENE * 1.2
    values, still = SCENE.copy(), STILL.copy()
    values[:, 70:] = 40.0  # nearly half of the picture is something new and near
    still[:, 70:] = 0.0
    assert fit(values, reference, still).scale == pytest.approx(1.2, rel=0.02)


def test_what_changed_unseen_does_not_count_either():
    values = SCENE.copy()
    values[20:40, 20:50] += 6.0
    assert fit(values, SCENE * 1.2, STILL).scale == pytest.approx(1.2, rel=0.02)


def test_noise_does_not_flatten_the_map():
    # The scale of a plain regression would be 0.83 here, and 0.83 of that in the next frame.
    noisy = [SCENE + RANDOM.normal(0, 1.1, SCENE.shape).astype(np.float32) for _ in range(2)]
    assert fit(*noisy, STILL).scale == pytest.approx(1.0, abs=0.04)


def test_where_everything_moved_everything_counts():
    assert fit(SCENE, SCENE * 1.2, np.zeros_like(SCENE)).scale == pytest.approx(1.2, rel=1e-3)


def test_maps_that_have_nothing_in_common_are_not_scaled():
    other = RANDOM.random(SCENE.shape).astype(np.float32)
    found = fit(RANDOM.random(SCENE.shape).astype(np.float32) * 5, other, STILL)
    assert found.scale == 1.0


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (300, 500)])
def test_a_blank_wall_is_moved_and_not_scaled(shape):
    wall = np.full(shape, 3.0, np.float32)
    found = fit(wall, wall + 2, np.ones_like(wall))
    assert found.scale == 1.0
    assert found.shift == pytest.approx(2.0)
