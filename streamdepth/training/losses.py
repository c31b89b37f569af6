"""The scale-and-shift-invariant loss of MiDaS, and one that asks for what depth is scored by.

Ranftl, Lasinger, Hafner, Schindler, Koltun, "Towards Robust Monocular Depth Estimation: Mixing Datasets for
Zero-shot Cross-dataset Transfer", 2020, equations 5 to 11.
"""

from __future__ import annotations

import torch
from torch import Tensor

from streamdepth.values import dataclass

_SMALLEST_DEVIATION = 1e-4
"""Keeps a flat map from being divided by nothing."""


@dataclass(frozen=True)
class ScaleShiftInvariantLoss:
    """Trimmed L1 between normalised maps plus a gradient term; call it with prediction, truth and mask."""

    gradient_weight: float = 0.5
    scales: int = 4
    """Resolutions of the gradient term, each half of the one before."""
    trim: float = 0.2
    """Share of the largest residuals of each picture that does not count: sensors err there, drawings do not."""
    limit: float = 5.0
    """Truth is clipped to this many deviations from its median, so that one near thing is not everything."""

    def __call__(self, prediction: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
        """Loss, a scalar, of float (N, H, W) maps of inverse depth; bool `mask` says where `truth` is known."""
        residual = normalise(prediction, mask) - normalise(truth, mask).clamp(-self.limit, self.limit)
        residual = torch.where(mask, residual, 0.0)
        return trimmed_l1(residual, mask, self.trim) + self.gradient_weight * multi_scale_gradient(
            residual, mask, self.scales
        )


@dataclass(frozen=True)
class DepthRatioLoss:
    """Mean |ln p - ln t| of depth p, aligned as the scores align it, and true depth t: what delta > 1.25 counts.

    Normalised inverse depth is mostly what is near; a wall four metres away may be a metre off there and hardly cost
    anything. Here each pixel counts by its ratio. It has no gradient where aligned depth is beyond `reach`, and none
    towards the right sign of a map that is inverted: add it to another loss.
    """

    cap: float = 80.0
    """Metres beyond which truth does not count; the sky is."""
    reach: float = 1.5
    """Aligned depth is at most so many times the greatest true depth."""

    def __call__(self, prediction: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
        """Loss, a scalar, of float (N, H, W) maps of inverse depth in 1/m; bool `mask` says where `truth` is known."""
        mask = mask & (truth >= 1 / self.cap)
        truth = torch.where(mask, truth, 1.0)
        scale, shift = _least_squares(prediction, truth, mask)
        least = torch.where(mask, truth, torch.inf).flatten(1).amin(1)[:, None, None] / self.reach
        aligned = torch.maximum(scale * prediction + shift, least.clamp(max=1.0))
        return masked_mean((aligned.log() - truth.log()).abs(), mask).mean()


def _least_squares(prediction: Tensor, truth: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Scale and shift, each (N, 1, 1), that bring `prediction` closest to `truth` over `mask`."""
    mean_p, mean_t = (masked_mean(values, mask)[:, None, None] for values in (prediction, truth))
    centred = prediction - mean_p
    spread = masked_mean(centred**2, mask)[:, None, None]
    scale = masked_mean(centred * (truth - mean_t), mask)[:, None, None] / (spread + _SMALLEST_DEVIATION**2)
    return scale, mean_t - scale * mean_p


def normalise(depth: Tensor, mask: Tensor) -> Tensor:
    """(N, H, W) less its median, over its mean absolute deviation, both over `mask` of each picture (eq. 5)."""
    known = torch.where(mask, depth, torch.nan)
    median = known.flatten(1).nanmedian(1).values.nan_to_num()[:, None, None]
    deviation = masked_mean((depth - median).abs(), mask)[:, None, None]
    return (depth - median) / deviation.clamp_min(_SMALLEST_DEVIATION)


def trimmed_l1(residual: Tensor, mask: Tensor, trim: float) -> Tensor:
    """Mean over pictures of the mean absolute (N, H, W) residual without its `trim` largest share (eq. 7)."""
    size = residual.abs()
    if trim > 0:
        known = torch.where(mask, size.detach(), torch.nan).flatten(1)
        bound = known.nanquantile(1 - trim, dim=1).nan_to_num()[:, None, None]
        mask = mask & (size <= bound)
    return masked_mean(size, mask).mean()


def multi_scale_gradient(residual: Tensor, mask: Tensor, scales: int) -> Tensor:
    """Mean absolute steps of the (N, H, W) residual along x and y, summed over `scales` resolutions (eq. 11)."""
    total = residual.new_zeros(())
    for scale in range(scales):
        step = 2**scale
        total = total + _gradient(residual[:, ::step, ::step], mask[:, ::step, ::step])
    return total


def masked_mean(values: Tensor, mask: Tensor) -> Tensor:
    """(N,) means of (N, H, W) `values` over `mask`; 0 where a picture has nothing known."""
    kept = torch.where(mask, values, 0.0).flatten(1).sum(1)
    return kept / mask.flatten(1).sum(1).clamp_min(1)


def _gradient(residual: Tensor, mask: Tensor) -> Tensor:
    across = masked_mean((residual[:, :, 1:] - residual[:, :, :-1]).abs(), mask[:, :, 1:] & mask[:, :, :-1])
    down = masked_mean((residual[:, 1:] - residual[:, :-1]).abs(), mask[:, 1:] & mask[:, :-1])
    return (across + down).mean()
