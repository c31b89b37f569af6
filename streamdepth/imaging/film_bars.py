"""Black bars that a film brings along in its own pictures, as of a wide film on a narrower disc."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import I420, Picture, Rectangle
from streamdepth.values import dataclass

_NOISE = 8
"""Levels above black that a codec leaves in a bar; what is filmed in the dark has more."""
_SPECKS = 0.015
"""Share of a row or column that may be brighter in spite of that."""
_AT_THE_ENDS = 0.12
"""Share of a row, at each end, that subtitles leave free."""
_THINNEST = 0.02
"""Share of the picture's side that a bar must take to be one."""
_ASKEW = 0.02
"""Share of the side by which two bars may differ: what is dark on one side alone is no bar."""
_LEAST = 0.25
"""Share of the picture that must be left: a film on a phone's side, upright, takes a third."""


@dataclass(frozen=True)
class Box:
    """What is lit of a picture: rows from `top` to before `bottom`, columns from `left` to before `right`."""

    left: int
    top: int
    right: int
    bottom: int


def lit_pixels(picture: Picture) -> NDArray[np.bool_]:
    """(H, W) bool: what of a picture is not black. Those of several pictures are joined by `|`."""
    native = picture.native
    black, luma = (native.black, native.y) if isinstance(native, I420) else (0, native.max(axis=2))
    lit: NDArray[np.bool_] = luma > black + _NOISE
    return lit


def lit_box(lit: NDArray[np.bool_]) -> Box | None:
    """The part of a film that is lit, of all pixels that ever are; None where there is next to nothing.

    Which rows are lit is decided by their ends alone: in the middle of a bar subtitles may stand.
    """
    columns = _ends(lit.mean(axis=0))
    if columns is None:
        return None
    left, right = columns
    strip = max(2, round(_AT_THE_ENDS * (right - left)))
    rows = _ends(np.hstack([lit[:, left : left + strip], lit[:, right - strip : right]]).mean(axis=1))
    return None if rows is None else Box(left, rows[0], right, rows[1])


def _ends(shares: NDArray[np.float64]) -> tuple[int, int] | None:
    found = np.flatnonzero(shares > _SPECKS)
    return (int(found[0]), int(found[-1]) + 1) if found.size else None


def is_unbarred(box: Box, width: int, height: int) -> bool:
    """Whether what is lit of a film leaves no room for bars, whatever else is lit later."""
    across = min(box.left, width - box.right) < _THINNEST * width
    return across and min(box.top, height - box.bottom) < _THINNEST * height


def inside_bars(box: Box, width: int, height: int) -> Rectangle | None:
    """What is inside the bars of a film of which `box` was lit in any picture; None where there are no bars.

    Its sides are even, and no lit pixel is outside.
    """
    left, right = _span(box.left, box.right, width)
    top, bottom = _span(box.top, box.bottom, height)
    inside = Rectangle(left, top, right - left, bottom - top)
    is_all = (inside.width, inside.height) == (width, height)
    return None if is_all or inside.width * inside.height < _LEAST * width * height else inside


def _span(begin: int, end: int, side: int) -> tuple[int, int]:
    before, after = begin, side - end
    if min(before, after) < _THINNEST * side or abs(before - after) > max(4, _ASKEW * side):
        return 0, side
    return begin // 2 * 2, min(side, end + end % 2)
