"""All patterns at all sizes, looked up by what a pixel covers."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

from simple.patterns import SIZE

_LEVELS = SIZE.bit_length()


@dataclass(frozen=True, eq=False)
class Atlas:
    """`texels` (R, 3) float32: layers of every level one after the other; `starts` (levels,) int64 says where."""

    texels: Tensor
    starts: Tensor

    def sample(self, layer: Tensor, u: Tensor, v: Tensor, footprint: Tensor) -> Tensor:
        """(3, ...) colours at (u, v), in repeats with v upward; `footprint` is a pixel's size in repeats.

        The level is the one whose texels are no smaller than the pixel, so nothing above its Nyquist frequency is
        left; within the level the four neighbours are blended.
        """
        level = (footprint * SIZE).clamp(min=1.0).log2().round().clamp(max=_LEVELS - 1).long()
        size = SIZE >> level
        x = (u - u.floor()) * size - 0.5
        y = (v.ceil() - v) * size - 0.5
        left, top = x.floor(), y.floor()
        right_share, low_share = x - left, y - top
        base = self.starts[level] + layer.long() * size * size
        column, row, last = left.long(), top.long(), size - 1
        columns = (column & last, (column + 1) & last)
        rows = (base + (row & last) * size, base + ((row + 1) & last) * size)
        upper, lower = (
            torch.lerp(self._at(start + columns[0]), self._at(start + columns[1]), right_share)
            for start in rows
        )
        return torch.lerp(upper, lower, low_share)

    def _at(self, index: Tensor) -> Tensor:
        return self.texels[index.reshape(-1)].T.reshape(3, *index.shape)


def pack(pictures: Tensor) -> Atlas:
    """An atlas of (L, SIZE, SIZE, 3) float32 pictures."""
    levels = [pictures.permute(0, 3, 1, 2)]
    while levels[-1].shape[-1] > 1:
        levels.append(avg_pool2d(levels[-1], 2))
    flat = [level.permute(0, 2, 3, 1).reshape(-1, 3) for level in levels]
    starts = torch.tensor([0, *(len(level) for level in flat)])[:-1].cumsum(0)
    return Atlas(torch.cat(flat), starts.to(pictures.device))
