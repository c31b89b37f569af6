"""The losses to choose from for fine-tuning, by name.

All compare maps of inverse depth that are aligned first, each less its median over its mean absolute deviation
(Ranftl et al. 2020, equation 5): unlike a fit by least squares this can never turn near into far.
"""

from __future__ import annotations

import torch
from torch import Tensor

from streamdepth.training.loop import Loss
from streamdepth.training.losses import ScaleShiftInvariantLoss, masked_mean, normalise
from streamdepth.training.settings import LossName

_BERHU_SHARE = 0.2


def make_loss(name: LossName) -> Loss:
    """The loss of that name."""
    losses: dict[LossName, Loss] = {"ssi": ScaleShiftInvariantLoss(), "l1": l1, "berhu": berhu}
    return losses[name]


def l1(prediction: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """Mean absolute residual of float (N, H, W) maps over the bool (N, H, W) `mask`, a scalar."""
    return masked_mean(_residual(prediction, truth, mask).abs(), mask).mean()


def berhu(prediction: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """Reverse Huber: linear up to a fifth of the picture's largest residual, quadratic beyond; as `l1` otherwise.

    Laina, Rupprecht, Belagiannis, Tombari, Navab, "Deeper Depth Prediction with Fully Convolutional Residual
    Networks", 2016, equation 1.
    """
    size = _residual(prediction, truth, mask).abs()
    bound = _BERHU_SHARE * size.detach().flatten(1).amax(1)[:, None, None]
    quadratic = (size**2 + bound**2) / (2 * bound.clamp_min(torch.finfo(size.dtype).tiny))
    return masked_mean(torch.where(size <= bound, size, quadratic), mask).mean()


def _residual(prediction: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    return torch.where(mask, normalise(prediction, mask) - normalise(truth, mask), 0.0)
