"""The losses to choose from."""

from __future__ import annotations

import pytest
import torch

from streamdepth.training.aligned_losses import berhu, l1, make_loss

# Median 0 and mean absolute deviation 1, so that alignment leaves them as they are.
TRUTH = torch.tensor([[[-2.0, -1.0, 0.0, 1.0, 1.0]]])
PREDICTION = torch.tensor([[[-1.0, -2.0, 0.0, 1.0, 1.0]]])
ALL = torch.ones_like(TRUTH, dtype=torch.bool)


def test_l1_is_the_mean_residual_of_aligned_maps() -> None:
    assert l1(PREDICTION, TRUTH, ALL).item() == pytest.approx(2 / 5)


def test_berhu_is_linear_below_a_fifth_of_the_largest_residual_and_quadratic_above() -> None:
    # residuals 1, 1, 0, 0, 0; bound 0.2: (1 + 0.04) / 0.4 = 2.6 each
    assert berhu(PREDICTION, TRUTH, ALL).item() == pytest.approx(2 * 2.6 / 5)


@pytest.mark.parametrize("name", ["ssi", "l1", "berhu"])
def test_scale_and_shift_cost_nothing_and_inversion_costs(name: str) -> None:
    loss = make_loss(name)
    truth = torch.rand(2, 16, 16, generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(truth, dtype=torch.bool)
    assert loss(3 * truth + 7, truth, mask).item() == pytest.approx(0, abs=1e-4)
    assert loss(-truth, truth, mask).item() > 0.5


@pytest.mark.parametrize("name", ["ssi", "l1", "berhu"])
def test_what_is_not_known_does_not_count(name: str) -> None:
    loss = make_loss(name)
    truth = torch.rand(1, 16, 16, generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(truth, dtype=torch.bool)
    mask[:, :4] = False
    spoilt = torch.where(mask, truth, -1.0)
    assert loss(truth, spoilt, mask).item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("name", ["ssi", "l1", "berhu"])
def test_a_view_without_any_reading_teaches_nothing(name: str) -> None:
    prediction = torch.rand(1, 16, 16, requires_grad=True)
    loss = make_loss(name)(
        prediction, torch.full((1, 16, 16), -1.0), torch.zeros(1, 16, 16, dtype=torch.bool)
    )
    loss.backward()
    assert loss.item() == 0
    assert prediction.grad is not None
    assert prediction.grad.abs().max() == 0


def test_a_perfect_prediction_gives_finite_gradients() -> None:
    prediction = TRUTH.clone().requires_grad_()
    berhu(prediction, TRUTH, ALL).backward()
    assert torch.isfinite(prediction.grad).all()
