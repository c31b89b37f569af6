"""Which pictures a step of fine-tuning sees, and how: everything follows from the seed and the views before it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from streamdepth.training.augment import AugmentOptions, random_views
from streamdepth.training.dataset import Sample, Samples
from streamdepth.training.loop import Batch
from streamdepth.values import dataclass


@dataclass(frozen=True, eq=False)
class ViewMaker:
    """Makes batches of random views of samples."""

    samples: Samples
    view: tuple[int, int]
    """Width and height in pixels, multiples of 32."""
    batch: int
    seed: int

    def batch_at(self, first: int, rng: np.random.Generator) -> Batch:
        """The batch after `first` views: every epoch shows each picture once, in an order of its own."""
        indices = picture_order(len(self.samples), self.seed, first, self.batch)
        made = [self._view_of(self.samples[index], rng) for index in indices]
        image, truth = (torch.cat(parts) for parts in zip(*made, strict=True))
        return Batch(image, truth, truth > 0)

    def _view_of(self, sample: Sample, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Depth is picked, not interpolated, so that unknown stays unknown in the crop."""
        width, height = self.view
        rgb = np.ascontiguousarray(sample.bgr[:, :, ::-1].transpose(2, 0, 1))
        return random_views(rgb[None], sample.inverse[None], AugmentOptions(sizes=((height, width),)), rng)


def picture_order(count: int, seed: int, first: int, number: int) -> list[int]:
    """Which of `count` pictures the views `first` to `first + number` are of."""
    places = (divmod(view, count) for view in range(first, first + number))
    return [int(_permutation(count, seed, epoch)[place]) for epoch, place in places]


@lru_cache(maxsize=2)
def _permutation(count: int, seed: int, epoch: int) -> NDArray[np.intp]:
    return np.random.default_rng((seed, epoch)).permutation(count)
