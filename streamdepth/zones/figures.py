"""What a depth map says in a few numbers, as a whole and in parts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.errors import UsageError
from streamdepth.values import dataclass

Values = NDArray[np.float32]
_SHARES = (2, 5, 25, 50, 75, 95, 98)


@dataclass(frozen=True)
class Box:
    """A part of a picture, in its pixels."""

    x: int
    y: int
    width: int
    height: int


def of_map(values: Values) -> dict[str, Any]:
    """Of an (h, w) map; percentiles by their percent."""
    percentiles = np.percentile(values, _SHARES)
    return {
        "width": values.shape[1],
        "height": values.shape[0],
        "least": float(values.min()),
        "largest": float(values.max()),
        "mean": float(values.mean()),
        "median": float(np.median(values)),
        "percentiles": {str(share): float(value) for share, value in zip(_SHARES, percentiles, strict=True)},
    }


def figures_of(inside: Values) -> dict[str, float]:
    """Of some values of any shape, one at least."""
    return {
        "median": float(np.median(inside)),
        "mean": float(inside.mean()),
        "least": float(inside.min()),
        "percentile_5": float(np.percentile(inside, 5)),
    }


def of_box(values: Values, box: Box, size: tuple[int, int]) -> dict[str, Any]:
    """Of what of a map is in a box of a picture of `size` = (W, H); raises `UsageError` for one that is outside.

    `share` is that of the picture which the box takes, `nearer_than` that of the picture's values below its median.
    """
    width, height = size
    right, bottom = min(width, box.x + box.width), min(height, box.y + box.height)
    if box.x >= width or box.y >= height:
        raise UsageError(
            f"the box {box.x},{box.y},{box.width},{box.height} is outside of the picture, which is {width}x{height}",
            "give it in pixels of the upright picture",
        )
    inside = values[
        _span(box.y, bottom, height, values.shape[0]), _span(box.x, right, width, values.shape[1])
    ]
    figures = figures_of(inside)
    return {
        "box": [box.x, box.y, box.width, box.height],
        **figures,
        "share": (right - box.x) * (bottom - box.y) / (width * height),
        "nearer_than": float((values < figures["median"]).mean()),
    }


def _span(begin: int, end: int, whole: int, cells: int) -> slice:
    """The cells of a map that a part of a picture's side touches: one at least."""
    first = begin * cells // whole
    return slice(first, max(first + 1, -(-end * cells // whole)))
