from __future__ import annotations

import numpy as np
import pytest

from streamdepth.errors import UsageError
from streamdepth.frames import BEYOND
from streamdepth.metres.fit import Line, fit

RANDOM = np.random.default_rng(3)
TRUE = Line(0.02, 0.05)
VALUES = RANDOM.uniform(1, 30, 200)


def noisy(values, share):
    return TRUE.metres(values) * (1 + RANDOM.normal(0, share, values.shape))


def test_two_points_give_both_numbers_and_promise_nothing():
    found = fit(VALUES[:2], TRUE.metres(VALUES[:2]))
    assert (found.line.scale, found.line.shift) == pytest.approx((TRUE.scale, TRUE.shift), rel=1e-4)
    assert (found.points, found.error) == (2, None)


def test_one_point_gives_a_scale():
    found = fit(np.array([10.0]), np.array([4.0]))
    assert (found.line.scale, found.line.shift, found.error) == (pytest.approx(0.025), 0.0, None)


def test_the_promise_is_about_the_error_that_comes_true():
    metres = noisy(VALUES[:40], 0.1)
    found = fit(VALUES[:40], metres)
    rest = noisy(VALUES[40:], 0.1)
    missed = float(np.median(np.abs(found.line.metres(VALUES[40:]) / rest - 1)))
    assert found.error == pytest.approx(missed, rel=0.4)


def test_points_that_are_wrong_do_not_turn_the_line():
    metres = TRUE.metres(VALUES[:20])
    metres[:3] *= 3
    assert fit(VALUES[:20], metres).line.metres(VALUES) == pytest.approx(TRUE.metres(VALUES), rel=0.02)


def test_a_shift_that_does_not_help_is_left_out():
    values = np.array([5.0, 5.2, 4.9, 5.1])  # all about as far: the slope would be noise
    metres = 20 / values * np.array([0.97, 1.03, 1.03, 0.97])
    found = fit(values, metres)
    assert found.line.shift == 0.0
    assert found.line.scale == pytest.approx(0.05, rel=0.04)


def test_near_and_far_count_alike():
    values = np.array([1.0, 1.0, 10.0, 10.0])
    metres = np.array([9.0, 11.0, 0.9, 1.1])
    assert fit(values, metres).line.metres(np.array([1.0, 10.0])) == pytest.approx([10.1, 1.01], rel=0.001)


@pytest.mark.parametrize("count", [2, 3, 40])
def test_distances_that_turn_depth_around_are_refused(count):
    values = np.linspace(1, 5, count)
    with pytest.raises(UsageError, match="contradict the depth"):
        fit(values, 1 / (1 - 0.15 * values))


@pytest.mark.parametrize(
    ("values", "metres"),
    [([], []), ([1.0, 2.0], [1.0]), ([1.0], [0.0]), ([1.0], [np.nan]), ([np.inf], [1.0])],
)
def test_what_is_no_distance_is_refused(values, metres):
    with pytest.raises(UsageError, match="above 0"):
        fit(np.array(values), np.array(metres))


def test_equal_values_at_other_distances_are_refused():
    with pytest.raises(UsageError, match="contradict"):
        fit(np.array([2.0, 2.0]), np.array([1.0, 3.0]))


def test_beyond_infinity_is_far_and_finite():
    assert Line(1.0, -5.0).metres(np.array([5.0, 1.0])).tolist() == [BEYOND, BEYOND]
