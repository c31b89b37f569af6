"""Polygons in shares of a picture, and the pixels of a depth map that lie in them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Corner = tuple[float, float]
"""Shares of the picture's width from the left and of its height from the top, each 0..1."""
Polygon = tuple[Corner, ...]
Mask = NDArray[np.bool_]
WHOLE = (0.0, 0.0, 1.0, 1.0)
"""Left, top, width and height, in shares of the picture, of what a depth map shows where there are no bars."""
LEAST_AREA = 1e-6
"""Share of the picture below which a polygon encloses nothing."""


def area(polygon: Polygon) -> float:
    """Share of the picture; of one that crosses itself, what its turns leave of it (shoelace formula)."""
    x, y = np.array(polygon, np.float64).T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def mask_of(
    polygon: Polygon, shape: tuple[int, int], inner: tuple[float, float, float, float] = WHOLE
) -> Mask:
    """(h, w) for `shape` = (h, w): the pixels of a map whose middle is inside, by the rule of even and odd crossings.

    `inner` is what of the picture the map shows, as `WHOLE`. A polygon too small for any middle gets the pixel that its
    own middle lies in; one that lies in the bars gets none.
    """
    left, top, width, height = inner
    corners = (np.array(polygon, np.float64) - (left, top)) / (width, height)
    rows, columns = shape
    y, x = ((np.arange(rows) + 0.5) / rows)[:, None], ((np.arange(columns) + 0.5) / columns)[None, :]
    inside = np.zeros(shape, np.bool_)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            crossed = ((y0 <= y) != (y1 <= y)) & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
            inside ^= crossed
    if not inside.any():
        column, row = np.floor(corners.mean(axis=0) * (columns, rows)).astype(int)
        if 0 <= row < rows and 0 <= column < columns:
            inside[row, column] = True
    return inside
