from __future__ import annotations

from math import log, sqrt

import numpy as np
import pytest

from streamdepth.errors import UsageError
from streamdepth.evaluation.metrics import (
    align,
    aligned_depth,
    compare,
    evaluate,
    fit_depth,
    known_depth,
    mean_scores,
    row_baseline,
)
from streamdepth.imaging.scale_and_shift import ScaleAndShift


def random_maps():
    """Predicted and true inverse depth, positive, and a mask."""
    random = np.random.default_rng(3)
    inverse = random.uniform(0.1, 2, (20, 30))
    return inverse * random.uniform(0.6, 1.6, inverse.shape), inverse, random.random(inverse.shape) < 0.7


def test_metrics_are_those_worked_out_by_hand() -> None:
    # ratios 1, 1.25 exactly, 1.5, 2
    metrics = compare(np.array([1.0, 2.5, 3.0, 2.0]), np.array([1.0, 2.0, 2.0, 4.0]))
    assert metrics.bad_percent == 50
    assert metrics.abs_rel == pytest.approx((0 + 0.25 + 0.5 + 0.5) / 4)
    assert metrics.rmse == pytest.approx(sqrt((0 + 0.25 + 1 + 4) / 4))
    logs = [0, log(1.25), log(1.5), -log(2)]
    mean = sum(logs) / 4
    assert metrics.rmse_log == pytest.approx(sqrt(sum(value**2 for value in logs) / 4))
    assert metrics.silog == pytest.approx(100 * sqrt(sum((value - mean) ** 2 for value in logs) / 4))
    assert metrics.delta_1 == 0.25
    assert metrics.delta_2 == 0.75  # 1.5 < 1.5625
    assert metrics.delta_3 == 0.75  # 2 > 1.953


def test_alignment_finds_scale_and_shift_on_known_pixels() -> None:
    prediction = np.array([[0.0, 1.0, 2.0, 50.0]])
    inverse = np.array([[0.5, 0.75, 1.0, 0.0]])
    mask = np.array([[True, True, True, False]])
    found = align(prediction, inverse, mask)
    assert found.scale == pytest.approx(0.25)
    assert found.shift == pytest.approx(0.5)


def test_alignment_is_by_least_squares() -> None:
    # Line through (0, 0), (1, 0), (2, 3): slope 3/2, intercept -1/2.
    found = align(np.array([[0.0, 1, 2]]), np.array([[0.0, 0, 3]]), np.ones((1, 3), bool))
    assert (found.scale, found.shift) == (pytest.approx(1.5), pytest.approx(-0.5))


def test_a_flat_prediction_becomes_the_mean_inverse_depth() -> None:
    found = align(np.zeros((1, 2)), np.array([[0.2, 0.4]]), np.ones((1, 2), bool))
    assert (found.scale, found.shift) == (0, pytest.approx(0.3))


def test_alignment_does_not_depend_on_the_unit_of_the_prediction() -> None:
    inverse = np.array([[0.1, 0.2, 0.4]])
    found = align(inverse * 1e-9, inverse, np.ones((1, 3), bool))
    assert found.scale == pytest.approx(1e9)
    assert found.shift == pytest.approx(0)


def test_alignment_is_that_of_the_normal_equations() -> None:
    prediction, inverse, mask = random_maps()
    columns = np.stack([prediction[mask], np.ones(mask.sum())], axis=1)
    (scale, shift), *_ = np.linalg.lstsq(columns, inverse[mask], rcond=None)
    found = align(prediction, inverse, mask)
    assert (found.scale, found.shift) == (pytest.approx(scale), pytest.approx(shift))


def test_predicted_depth_is_clipped_at_the_cap() -> None:
    depth = aligned_depth(np.array([[2.0, 0.5, 0.0]]), ScaleAndShift(1.0, -0.5), cap=10)
    np.testing.assert_allclose(depth, [[1 / 1.5, 10, 10]])


def test_readings_are_positive_finite_and_within_the_cap() -> None:
    depth = np.array([[0.0, np.nan, np.inf, -1.0, 5.0, 10.0, 10.1]])
    np.testing.assert_array_equal(known_depth(depth, 10), [[0, 0, 0, 0, 1, 1, 0]])


def test_a_prediction_right_up_to_scale_and_shift_has_no_error() -> None:
    depth = np.linspace(1, 9, 60, dtype=np.float32).reshape(6, 10)
    depth[0, 0] = 0
    prediction = np.divide(7, depth, out=np.full_like(depth, 3), where=depth > 0) - 2
    metrics = evaluate(prediction, depth)
    assert metrics.bad_percent == 0
    assert metrics.abs_rel < 1e-5
    assert metrics.delta_1 == 1


def test_the_fitted_depth_is_in_metres_also_where_the_truth_is_unknown() -> None:
    depth = np.array([[1.0, 2.0, 4.0, 0.0]])
    fitted = fit_depth(np.array([[10.0, 5.0, 2.5, 1.25]]), depth)
    np.testing.assert_allclose(fitted, [[1, 2, 4, 8]])


def test_scores_are_those_of_scikit_learn() -> None:
    from sklearn.metrics import mean_absolute_percentage_error, mean_squared_error

    prediction, inverse, _ = random_maps()
    predicted, true = (1 / prediction).ravel(), (1 / inverse).ravel()
    scores = compare(predicted, true)
    assert scores.abs_rel == pytest.approx(mean_absolute_percentage_error(true, predicted))
    assert scores.rmse == pytest.approx(mean_squared_error(true, predicted) ** 0.5)
    assert scores.rmse_log == pytest.approx(mean_squared_error(np.log(true), np.log(predicted)) ** 0.5)


def test_silog_does_not_see_a_common_factor_and_is_what_is_left_of_rmse_log() -> None:
    prediction, inverse, _ = random_maps()
    one, tripled = compare(1 / prediction, 1 / inverse), compare(3 / prediction, 1 / inverse)
    assert tripled.silog == pytest.approx(one.silog)
    assert tripled.rmse_log > one.rmse_log
    bias = np.mean(np.log(inverse / prediction))
    assert one.silog == pytest.approx(100 * sqrt(one.rmse_log**2 - bias**2))


def test_a_nearer_cap_leaves_far_pixels_out() -> None:
    depth = np.array([[1.0, 2.0, 4.0, 60.0]])
    prediction = np.array([[1.0, 0.5, 0.25, 9.0]])  # wrong at 60 m only
    assert evaluate(prediction, depth, cap=10).bad_percent == 0
    assert evaluate(prediction, depth, cap=80).bad_percent > 0


def test_a_picture_without_a_reading_is_refused() -> None:
    with pytest.raises(UsageError, match="no pixel of known depth"):
        evaluate(np.zeros((2, 2)), np.zeros((2, 2)))


def test_sizes_that_differ_are_refused() -> None:
    with pytest.raises(UsageError, match="resize"):
        evaluate(np.zeros((2, 2)), np.ones((2, 3)))


def test_means_are_taken_figure_by_figure() -> None:
    one = compare(np.array([1.0]), np.array([1.0]))
    two = compare(np.array([2.0]), np.array([1.0]))
    mean = mean_scores([one, two])
    assert (mean.bad_percent, mean.abs_rel, mean.delta_3) == (50, 0.5, 0.5)
    with pytest.raises(UsageError, match="no pictures"):
        mean_scores([])


def test_the_row_baseline_is_linear_in_the_row_and_nearer_below() -> None:
    np.testing.assert_allclose(row_baseline(3, 2), [[0, 0], [0.5, 0.5], [1, 1]])
