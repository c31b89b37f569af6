"""A part of a picture of either pixel format, drawn on in BGR."""

from __future__ import annotations

from collections.abc import Callable

from streamdepth.pixels import I420, BGRImage, bgr_to_i420, i420_to_bgr

Box = tuple[slice, slice]
"""(rows, columns). It begins at even numbers and ends at such or at the picture's edge."""


def shape_of(image: BGRImage | I420) -> tuple[int, int]:
    """(rows, columns)."""
    rows, columns = (image.y if isinstance(image, I420) else image).shape[:2]
    return rows, columns


def draw_on(image: BGRImage | I420, box: Box, draw: Callable[[BGRImage], None]) -> None:
    """Let `draw` write to the part of `image` in `box`: only that part of planes is converted, there and back."""
    if not isinstance(image, I420):
        draw(image[box])
        return
    half = halved_box(box)
    parts = image.y[box], image.u[half], image.v[half]
    patch = i420_to_bgr(I420(*parts, image.matrix, image.full_range))
    draw(patch)
    drawn = bgr_to_i420(patch, image.matrix, full_range=image.full_range)
    for part, values in zip(parts, (drawn.y, drawn.u, drawn.v), strict=True):
        part[:] = values


def halved_box(box: Box) -> Box:
    """The same part in planes of half the size."""
    rows, columns = (slice(_halved(side.start), _halved(side.stop)) for side in box)
    return rows, columns


def _halved(bound: int | None) -> int | None:
    return None if bound is None else bound // 2
