from __future__ import annotations

import numpy as np
import pytest
import torch

from streamdepth.evaluation.metrics import evaluate
from streamdepth.training.losses import (
    DepthRatioLoss,
    ScaleShiftInvariantLoss,
    masked_mean,
    multi_scale_gradient,
    normalise,
    trimmed_l1,
)

EVERYWHERE = torch.ones(1, 1, 5, dtype=torch.bool)


def depths(seed: int) -> torch.Tensor:
    return torch.rand(2, 16, 24, generator=torch.Generator().manual_seed(seed))


def test_a_map_is_normalised_by_its_median_and_mean_deviation() -> None:
    # median 3, absolute deviations 2 1 0 1 6, their mean 2
    normalised = normalise(torch.tensor([[[1.0, 2, 3, 4, 9]]]), EVERYWHERE)
    torch.testing.assert_close(normalised, torch.tensor([[[-1.0, -0.5, 0, 0.5, 3]]]))


def test_unknown_pixels_do_not_count_in_the_normalisation() -> None:
    mask = torch.tensor([[[True, True, True, False, False]]])
    # median 2, deviations 1 0 1, their mean 2/3
    normalised = normalise(torch.tensor([[[1.0, 2, 3, 400, torch.nan]]]), mask)
    torch.testing.assert_close(normalised[0, 0, :3], torch.tensor([-1.5, 0, 1.5]))


def test_the_loss_ignores_scale_and_shift() -> None:
    truth, mask = depths(0), torch.ones(2, 16, 24, dtype=torch.bool)
    loss = ScaleShiftInvariantLoss()
    assert loss(3 * truth + 7, truth, mask) < 1e-4
    torch.testing.assert_close(loss(depths(1), truth, mask), loss(5 * depths(1) - 2, truth, mask))


def test_the_loss_of_inverted_depth_is_large() -> None:
    truth, mask = depths(0), torch.ones(2, 16, 24, dtype=torch.bool)
    assert ScaleShiftInvariantLoss()(-truth, truth, mask) > 1


def test_the_largest_residuals_are_trimmed() -> None:
    residual = torch.tensor([[[1.0, -2, 3, -4, 1000]]])
    torch.testing.assert_close(trimmed_l1(residual, EVERYWHERE, 0.2), torch.tensor(2.5))
    torch.testing.assert_close(trimmed_l1(residual, EVERYWHERE, 0.0), torch.tensor(202.0))


def test_the_gradient_term_is_summed_over_scales() -> None:
    # Steps across: 1 at full size, 2 at half size; down there is no step.
    residual = torch.arange(4.0).expand(1, 4, 4)
    mask = torch.ones(1, 4, 4, dtype=torch.bool)
    torch.testing.assert_close(multi_scale_gradient(residual, mask, 1), torch.tensor(1.0))
    torch.testing.assert_close(multi_scale_gradient(residual, mask, 2), torch.tensor(3.0))


def test_a_picture_without_a_known_pixel_costs_nothing_and_has_a_gradient() -> None:
    prediction = depths(0).requires_grad_()
    loss = ScaleShiftInvariantLoss()(prediction, depths(1), torch.zeros(2, 16, 24, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0
    assert prediction.grad is not None
    assert prediction.grad.isfinite().all()


@pytest.mark.parametrize("trim", [0.0, 0.2])
def test_gradients_are_finite_where_truth_is_missing(trim: float) -> None:
    prediction, mask = depths(0).requires_grad_(), depths(2) > 0.5
    truth = torch.where(mask, depths(1), torch.nan)
    ScaleShiftInvariantLoss(trim=trim)(prediction, truth, mask).backward()
    assert prediction.grad is not None
    assert prediction.grad.isfinite().all()


def test_a_flat_prediction_does_not_divide_by_nothing() -> None:
    truth, mask = depths(0), torch.ones(2, 16, 24, dtype=torch.bool)
    assert ScaleShiftInvariantLoss()(torch.zeros_like(truth), truth, mask).isfinite()


def test_masked_means_are_taken_per_picture() -> None:
    values = torch.tensor([[[1.0, 2, 100]], [[5, 5, 5]]])
    mask = torch.tensor([[[True, True, False]], [[False, False, False]]])
    torch.testing.assert_close(masked_mean(values, mask), torch.tensor([1.5, 0]))


def test_the_depth_ratio_ignores_scale_and_shift_of_the_prediction() -> None:
    truth, mask = depths(0) + 0.1, torch.ones(2, 16, 24, dtype=torch.bool)
    assert DepthRatioLoss()(3 * truth - 7, truth, mask) < 1e-3


def test_the_depth_ratio_is_the_mean_of_the_logarithms_that_the_scores_are_made_of() -> None:
    prediction, truth = depths(0)[:1], depths(1)[:1] + 0.2
    loss = DepthRatioLoss(reach=100.0)(prediction, truth, torch.ones(1, 16, 24, dtype=torch.bool))
    p, t = prediction[0].numpy().astype(np.float64), truth[0].numpy().astype(np.float64)
    scale, shift = np.polyfit(p.ravel(), t.ravel(), 1)
    expected = np.abs(np.log(scale * p + shift) - np.log(t)).mean()
    torch.testing.assert_close(loss, torch.tensor(expected, dtype=torch.float32), rtol=1e-4, atol=1e-5)
    assert evaluate(prediction[0].numpy(), 1 / truth[0].numpy(), cap=100).rmse_log >= expected


def test_a_far_wall_counts_in_the_depth_ratio_as_much_as_a_near_thing() -> None:
    truth = torch.tensor([[[0.2] * 10 + [2.0] * 10]])
    mask = torch.ones_like(truth, dtype=torch.bool)
    far, near = truth.clone(), truth.clone()
    far[..., ::4] *= torch.where(far[..., ::4] < 1, 1.3, 1.0)
    near[..., ::4] *= torch.where(near[..., ::4] > 1, 1.3, 1.0)
    of_ratio, of_map = (
        [float(loss(wrong, truth, mask)) for wrong in (far, near)]
        for loss in (DepthRatioLoss(), ScaleShiftInvariantLoss(trim=0.0))
    )
    assert of_ratio[0] / of_ratio[1] > 3 * of_map[0] / of_map[1]


def test_sky_and_unknown_pixels_do_not_count_in_the_depth_ratio() -> None:
    prediction, truth = depths(0).requires_grad_(), depths(1) + 0.2
    mask = depths(2) > 0.3
    sky = torch.where(depths(3) > 0.5, truth, 0.0)
    known = DepthRatioLoss()(prediction, truth, mask & (sky > 0))
    torch.testing.assert_close(DepthRatioLoss()(prediction, sky, mask), known)
    known.backward()
    assert prediction.grad is not None
    assert prediction.grad.isfinite().all()
    assert not prediction.grad[~mask].any()


def test_the_depth_ratio_of_pictures_of_sky_alone_is_nothing_and_has_a_gradient() -> None:
    prediction = depths(0).requires_grad_()
    loss = DepthRatioLoss()(prediction, torch.zeros(2, 16, 24), torch.ones(2, 16, 24, dtype=torch.bool))
    loss.backward()
    assert loss.item() == 0
    assert prediction.grad is not None
    assert prediction.grad.isfinite().all()
