"""The same scene from beside: pictures of two eyes from one picture and its depth (depth-image-based rendering).

Each pixel moves sideways by its depth. Where two come to one place the nearer one hides the other; what comes out from
behind something has never been seen, and is made of the background beside it, mirrored at the edge. All of it is the
search for a column of the picture for each pixel of the view, for all rows at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import BGRImage

Plane = NDArray[np.uint8]
Columns = NDArray[np.int32]
Shifts = NDArray[np.float32]
Value = TypeVar("Value", np.float32, np.uint8)

FRINGE = 0.004
"""Of the width: so much around a near thing moves with it, since the edges of a picture are softer than a pixel."""
STEP = 24
"""Levels of depth that are apart by less belong to one thing, or to things beside each other."""


@dataclass(frozen=True)
class Parallax:
    """How deep a view is, and what of it lies in the screen."""

    divergence: float = 2.0
    """Percent of the width by which the nearest and the farthest are apart between both eyes."""
    convergence: float = 0.5
    """What lies in the screen, as a share of the shown range: 0 the nearest, 1 the farthest."""


USUAL = Parallax()


def both_eyes(image: BGRImage, grey: Plane, parallax: Parallax) -> tuple[BGRImage, BGRImage]:
    """What the left and the right eye see, each (H, W, 3) uint8 as `image`, which is between both.

    `image` may have any three channels, and `grey` is (H, W) uint8, 255 the nearest.
    """
    soft = _with_fringe(grey)
    largest = parallax.divergence / 100 * grey.shape[1] / 2
    table = (np.arange(256) / 255 - (1 - parallax.convergence)) * largest
    shifts = table.astype(np.float32)[soft]
    return view(image, soft, shifts), view(image, soft, -shifts)


def view(image: BGRImage, grey: Plane, shifts: Shifts) -> BGRImage:
    """(H, W, 3) uint8: `image` with each pixel moved to the right by its `shifts`, (H, W) float32 pixels.

    `shifts` must rise with `grey` everywhere, or fall with it everywhere: then the nearer of two pixels that meet is
    the one farther left, or farther right.
    """
    seen = seen_columns(shifts, nearer_is_left=_rises(grey, shifts))
    columns = filled(seen, shifts, grey)
    rows = np.broadcast_to(np.arange(grey.shape[0], dtype=np.float32)[:, None], grey.shape)
    moved = cv2.remap(
        image, columns, np.ascontiguousarray(rows), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(moved, np.uint8)


def seen_columns(shifts: Shifts, *, nearer_is_left: bool) -> Columns:
    """(H, W) int32: the column of the pixel that is seen at each place of the view; -1 where none is.

    Of several that come to one place, the one farthest left or farthest right is the nearest.
    """
    height, width = shifts.shape
    own = np.broadcast_to(np.arange(width, dtype=np.int32), shifts.shape)
    place = np.rint(shifts).astype(np.int32) + own
    inside = (place >= 0) & (place < width)
    rows = np.broadcast_to(np.arange(height, dtype=np.int32)[:, None] * width, shifts.shape)
    places, columns = (place + rows)[inside], own[inside]
    none = width if nearer_is_left else -1
    seen = np.full(height * width, none, np.int32)
    (np.minimum if nearer_is_left else np.maximum).at(seen, places, columns)
    return np.where(seen == none, np.int32(-1), seen).reshape(height, width)


def filled(seen: Columns, shifts: Shifts, grey: Plane) -> NDArray[np.float32]:
    """(H, W) float32: where in the picture to look for each pixel of the view, also where nothing was seen."""
    width = seen.shape[1]
    own = np.broadcast_to(np.arange(width, dtype=np.int32), seen.shape)
    is_seen = seen >= 0
    columns = np.subtract(own, _at(shifts, seen), dtype=np.float32)
    hole = ~is_seen
    if not hole.any():
        return columns
    left = np.maximum.accumulate(np.where(is_seen, own, -1), axis=1)[hole]
    right = np.minimum.accumulate(np.where(is_seen, own, width)[:, ::-1], axis=1)[:, ::-1][hole]
    holes = _Holes(np.nonzero(hole)[0], own[hole], left, right, width)
    columns[hole] = holes.columns(columns, _at(grey, seen))
    # Rows are filled each by itself: without their neighbours' word, single pixels would differ.
    beside = cv2.dilate(hole.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(beside, np.asarray(cv2.medianBlur(columns, 5), np.float32), columns)


@dataclass(frozen=True, eq=False)
class _Holes:
    """Places of the view at which nothing was seen, all (n,) int32, with the nearest seen ones left and right."""

    row: NDArray[np.int64]
    place: Columns
    left: Columns
    """-1 where there is none."""
    right: Columns
    """The width where there is none."""
    width: int

    def columns(self, known: NDArray[np.float32], level: Plane) -> NDArray[np.float32]:
        """(n,) float32: where in the picture to look, by what is `known` of the seen places and their `level`."""
        at_left, at_right = self._safe(self.left), self._safe(self.right)
        left_level, right_level = level[self.row, at_left], level[self.row, at_right]
        from_right = (self.left < 0) | ((self.right < self.width) & (right_level < left_level))
        edge = np.where(from_right, at_right, at_left)
        mirrored = np.clip(2 * edge - self.place, 0, self.width - 1)
        edge_level = np.where(from_right, right_level, left_level).astype(np.int16)
        is_background = level[self.row, mirrored].astype(np.int16) - edge_level < STEP
        beside = known[self.row, np.where(is_background, mirrored, edge)]
        # What is stretched, or lies between two things that move alike, moves with them.
        share = (self.place - self.left) / np.maximum(1, self.right - self.left)
        between = known[self.row, at_left] * (1 - share) + known[self.row, at_right] * share
        is_alike = np.abs(left_level.astype(np.int16) - right_level) < STEP
        is_between = is_alike & (self.left >= 0) & (self.right < self.width)
        return np.where(is_between, between, beside).astype(np.float32)

    def _safe(self, place: Columns) -> Columns:
        return np.clip(place, 0, self.width - 1)


def _at(values: NDArray[Value], columns: Columns) -> NDArray[Value]:
    """The values of each row at its columns, whatever where a column is -1."""
    return np.take_along_axis(values, np.maximum(columns, 0).astype(np.intp), axis=1)


def _with_fringe(grey: Plane) -> Plane:
    reach = max(1, round(FRINGE * grey.shape[1]))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(grey, disc), np.uint8)


def _rises(grey: Plane, shifts: Shifts) -> bool:
    """Whether the nearest pixel moves farther to the right than the farthest."""
    low, high = int(grey.argmin()), int(grey.argmax())
    return bool(shifts.flat[high] >= shifts.flat[low])
