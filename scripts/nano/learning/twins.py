"""The same view twice in a batch, as two ways of decoding would give it, and a loss that asks for the same depth.

Decoders round, scale and subsample colour each in its own way. What a network makes of the difference is not depth;
in dark pictures, where a level of 255 is a large part of what there is, it can be much.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, interpolate

from streamdepth.models.registry import IMAGENET_MEAN, IMAGENET_STD
from streamdepth.training.augment import normalise_colour
from streamdepth.training.loop import Batch, Loss

_LEVELS = 255
_LARGEST_NOISE = 1.5
"""Deviation, in levels."""
_SMALLEST_DEVIATION = 1e-4


@dataclass(frozen=True)
class TwinLoss:
    """`loss`, and how far apart the depths of each view and its twin are, in deviations of the depth."""

    loss: Loss
    weight: float = 4.0

    def __call__(self, prediction: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
        """A scalar, of float (N, H, W) maps and their bool mask; the twins are those of `with_twins`."""
        count = twins_among(len(prediction))
        return self.loss(prediction, truth, mask) + self.weight * apart(
            prediction[:count], prediction[-count:]
        )


def twins_among(views: int) -> int:
    """How many views of a batch are the twins of its first ones."""
    return max(1, views // 4)


def apart(one: Tensor, other: Tensor) -> Tensor:
    """Mean difference of (N, H, W) maps over the mean absolute deviation of each pair, a scalar."""
    middle = ((one + other) / 2).detach()
    median = middle.flatten(1).median(1).values[:, None, None]
    deviation = (middle - median).abs().mean((1, 2), keepdim=True).clamp_min(_SMALLEST_DEVIATION)
    return ((one - other).abs() / deviation).mean()


def with_twins(batch: Batch, twins: int, rng: np.random.Generator) -> Batch:
    """The views of `batch` in another order, and after them the twins of the first `twins` of them."""
    order = torch.from_numpy(rng.permutation(len(batch.image)))
    rows = torch.cat((order, order[:twins]))
    image = batch.image[rows]
    image[-twins:] = otherwise_decoded(image[-twins:], rng)
    return Batch(image, batch.truth[rows], batch.mask[rows])


def otherwise_decoded(image: Tensor, rng: np.random.Generator) -> Tensor:
    """Normalised (N, 3, H, W) views, H and W even, with coarser colour, faint noise and whole levels."""
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    picture = image * std + mean
    grey = picture.mean(1, keepdim=True)
    colour = interpolate(avg_pool2d(picture - grey, 2), scale_factor=2, mode="bilinear", align_corners=False)
    seed = torch.Generator().manual_seed(int(rng.integers(2**62)))
    deviation = torch.from_numpy(rng.uniform(0, _LARGEST_NOISE, (len(image), 1, 1, 1))).float()
    noise = torch.randn(picture.shape, generator=seed) * deviation
    levels = ((grey + colour) * _LEVELS + noise).round().clamp(0, _LEVELS)
    return normalise_colour(levels / _LEVELS)
