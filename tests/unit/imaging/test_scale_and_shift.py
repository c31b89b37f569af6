from __future__ import annotations

import numpy as np
import pytest

from streamdepth.imaging.scale_and_shift import least_squares, robust_fit

RANDOM = np.random.default_rng(5)
SCENE = (np.linspace(1, 9, 128)[None] + RANDOM.random((64, 128))).astype(np.float32)
STILL = np.ones_like(SCENE)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (1.3, -4.0), (0.7, 2.0)])
def test_scale_and_shift_are_found(scale, shift):
    found = robust_fit(SCENE, SCENE * np.float32(scale) + np.float32(shift), STILL)
    assert found.scale == pytest.approx(scale, rel=1e-4)
    assert found.shift == pytest.approx(shift, abs=1e-3)


def test_what_moved_does_not_count():
    reference = SCENE * 1.2
    values, still = SCENE.copy(), STILL.copy()
    values[:, 70:] = 40.0  # nearly half of the picture is something new and near
    still[:, 70:] = 0.0
    assert robust_fit(values, reference, still).scale == pytest.approx(1.2, rel=0.02)


def test_what_changed_unseen_does_not_count_either():
    values = SCENE.copy()
    values[20:40, 20:50] += 6.0
    assert robust_fit(values, SCENE * 1.2, STILL).scale == pytest.approx(1.2, rel=0.02)


def test_noise_does_not_flatten_the_map():
    # The scale of a plain regression would be 0.83 here, and 0.83 of that in the next frame.
    noisy = [SCENE + RANDOM.normal(0, 1.1, SCENE.shape).astype(np.float32) for _ in range(2)]
    assert robust_fit(*noisy, STILL).scale == pytest.approx(1.0, abs=0.04)


def test_where_everything_moved_everything_counts():
    assert robust_fit(SCENE, SCENE * 1.2, np.zeros_like(SCENE)).scale == pytest.approx(1.2, rel=1e-3)


def test_maps_that_have_nothing_in_common_are_not_scaled():
    other = RANDOM.random(SCENE.shape).astype(np.float32)
    found = robust_fit(RANDOM.random(SCENE.shape).astype(np.float32) * 5, other, STILL)
    assert found.scale == 1.0


@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (300, 500)])
def test_a_blank_wall_is_moved_and_not_scaled(shape):
    wall = np.full(shape, 3.0, np.float32)
    found = robust_fit(wall, wall + 2, np.ones_like(wall))
    assert found.scale == 1.0
    assert found.shift == pytest.approx(2.0)


def test_a_scene_far_from_zero_is_scaled_as_well_as_one_near_it():
    far = SCENE + np.float32(2000.0)
    assert robust_fit(far, SCENE * 1.2, STILL).scale == pytest.approx(1.2, rel=1e-3)


def test_rounding_of_a_blank_wall_is_no_slope():
    wall = np.full((64, 128), 0.1, np.float32)
    rounded = wall * (1 + np.float32(1e-7) * RANDOM.integers(-1, 2, wall.shape)).astype(np.float32)
    assert robust_fit(rounded, wall * 3 + rounded, STILL).scale == 1.0


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (0.01, -4.0), (-3.0, 2.0)])
def test_least_squares_find_the_line_of_any_sign(scale, shift):
    found = least_squares(SCENE, SCENE.astype(float) * scale + shift)
    assert (found.scale, found.shift) == pytest.approx((scale, shift), abs=1e-9)


def test_least_squares_are_those_of_numpy():
    reference = SCENE * 0.7 + RANDOM.normal(0, 1, SCENE.shape)
    found = least_squares(SCENE, reference)
    assert (found.scale, found.shift) == pytest.approx(
        np.polyfit(SCENE.ravel(), reference.ravel(), 1), rel=1e-6
    )


def test_least_squares_turn_nothing_inside_out_where_that_is_forbidden():
    found = least_squares(SCENE, -SCENE, least_scale=0.0)
    assert (found.scale, found.shift) == (0.0, pytest.approx(-SCENE.mean()))


@pytest.mark.parametrize("value", [0.0, 3.3, 1e6])
def test_flat_values_have_no_scale(value):
    found = least_squares(np.full_like(SCENE, value), SCENE)
    assert (found.scale, found.shift) == (0.0, pytest.approx(SCENE.mean()))
