"""The same scene from beside: pictures of two eyes from one picture and its depth (depth-image-based rendering).

Each pixel moves sideways by its depth. Where two come to one place the nearer one hides the other; what comes out from
behind something has never been seen, and is made of the background beside it, mirrored at the edge. All of it is the
search for a column of the picture for each pixel of the view, for all rows at once.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import BGRImage
from streamdepth.values import dataclass

Plane = NDArray[np.uint8]
Pixels = NDArray[np.int32]
Shifts = NDArray[np.float32]

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
    shifts = ((np.arange(256) / 255 - (1 - parallax.convergence)) * largest).astype(np.float32)
    return view(image, soft, shifts), view(image, soft, -shifts)


def view(image: BGRImage, grey: Plane, shifts: Shifts) -> BGRImage:
    """(H, W, 3) uint8: `image` with each pixel moved to the right by the shift of its level of `grey`.

    `shifts` are (256,) float32 pixels that rise or fall with the level: then the nearer of two pixels that meet is the
    one farther left, or farther right.
    """
    seen = seen_pixels(grey, shifts)
    columns = filled(seen, grey, shifts)
    rows = _rows(*grey.shape)
    moved = cv2.remap(image, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, np.uint8)


def seen_pixels(grey: Plane, shifts: Shifts) -> Pixels:
    """(H, W) int32: the number of the pixel that is seen at each place of the view, row by row; -1 where none is.

    Of several that come to one place, the one farthest left or farthest right is the nearest.
    """
    height, width = grey.shape
    steps = np.rint(shifts).astype(np.int32)
    margin = int(np.abs(steps).max())  # beside each row, for what moves out of the picture
    places = cv2.add(_places(height, width, margin), cv2.LUT(grey, steps))
    own = np.arange(height * width, dtype=np.int32)
    nearest_is_least = shifts[255] >= shifts[0]
    none = height * width if nearest_is_least else -1
    seen = np.full(height * (width + 2 * margin), none, np.int32)
    (np.minimum if nearest_is_least else np.maximum).at(seen, np.asarray(places, np.int32).reshape(-1), own)
    inside = seen.reshape(height, -1)[:, margin : margin + width]
    return np.where(inside == none, np.int32(-1), inside)


def filled(seen: Pixels, grey: Plane, shifts: Shifts) -> NDArray[np.float32]:
    """(H, W) float32: where in its row of the picture to look for each pixel of the view, also where none was seen."""
    width = seen.shape[1]
    level = np.take(grey.reshape(-1), seen, mode="clip")  # whatever where none is
    own = np.arange(width, dtype=np.float32)
    columns = np.subtract(own, np.asarray(cv2.LUT(level, shifts), np.float32))
    unseen = seen < 0
    holes = np.flatnonzero(unseen).astype(np.int32)
    if not len(holes):
        return columns
    columns.reshape(-1)[holes] = _Holes.at(holes // width, holes % width, width).columns(columns, level)
    # Rows are filled each by itself: without their neighbours' word, single pixels would differ.
    beside = cv2.dilate(unseen.view(np.uint8), np.ones((3, 3), np.uint8)).view(bool)
    np.copyto(columns, np.asarray(cv2.medianBlur(columns, 5), np.float32), where=beside)
    return columns


@dataclass(frozen=True, eq=False)
class _Holes:
    """Places of the view at which nothing was seen, all (n,) int32, with the nearest seen ones left and right."""

    row: Pixels
    place: Pixels
    left: Pixels
    """-1 where there is none."""
    right: Pixels
    """The width where there is none."""
    width: int

    @classmethod
    def at(cls, row: Pixels, place: Pixels, width: int) -> _Holes:
        """Those at such rows and places, in the order of reading: what lies side by side is one hole."""
        begins = np.flatnonzero(np.diff(row * np.int64(width + 1) + place, prepend=-2) != 1)
        lengths = np.diff(begins, append=len(row))
        left = np.repeat(place[begins] - 1, lengths)
        right = np.repeat(place[begins] + lengths.astype(np.int32), lengths)
        return cls(row, place, left, right, width)

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

    def _safe(self, place: Pixels) -> Pixels:
        return np.clip(place, 0, self.width - 1)


@lru_cache(maxsize=4)
def _places(height: int, width: int, margin: int) -> Pixels:
    """(H, W) int32: each pixel's own place where rows have margins on both sides; kept, as a stream has one size."""
    rows = np.arange(height, dtype=np.int32)[:, None] * np.int32(width + 2 * margin) + np.int32(margin)
    places: Pixels = np.add(rows, np.arange(width, dtype=np.int32), dtype=np.int32)
    places.flags.writeable = False
    return places


@lru_cache(maxsize=2)
def _rows(height: int, width: int) -> Shifts:
    """(H, W) float32: each pixel's own row; kept as well."""
    rows = np.repeat(np.arange(height, dtype=np.float32), width).reshape(height, width)
    rows.flags.writeable = False
    return rows


def _with_fringe(grey: Plane) -> Plane:
    reach = max(1, round(FRINGE * grey.shape[1]))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
    return np.asarray(cv2.dilate(grey, disc), np.uint8)
