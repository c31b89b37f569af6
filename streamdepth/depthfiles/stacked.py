"""Colour and depth that stand together in one picture: how their places and the meaning of grey are described.

Colour begins at the corner; depth is a box of grey below it, each value `CELL` pixels wide and high, from the farthest
(black) to the nearest (white) of the range in the description.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import BEYOND, DepthMap, DepthMeaning, DepthRange
from streamdepth.pixels import I420, Picture
from streamdepth.values import dataclass

CELL = 2
"""Pixels that each value of the map takes in each direction."""
_MOST_BELOW = 32
"""Rows below depth, its margin and what fills its last block: with more of them a picture is of another size."""


@dataclass(frozen=True)
class DepthPlace:
    """Where colour and depth are in the picture, in its pixels; colour begins at its corner."""

    colour: tuple[int, int]
    """Width and height."""
    box: tuple[int, int, int, int]
    """Left, top, width and height of depth."""
    inner: tuple[float, float, float, float]
    """Left, top, width and height of what depth is of, in shares of the colour picture: what is inside its bars."""


@dataclass(frozen=True)
class DepthDescription:
    """What is to know of one picture to turn grey into depth: white is the nearest end of `span`."""

    place: DepthPlace
    span: DepthRange
    meaning: DepthMeaning
    metres: tuple[float, float] | None = None
    """1 / metres = the first * depth + the second, of a camera whose distances are known."""
    withheld: str = ""
    """Why there are none where they are known."""
    within: float | None = None
    """Share by which the distances foretold each other, where that is known."""

    def to_json(self) -> dict[str, Any]:
        """As JSON for viewers and recordings."""
        return {
            "colour": list(self.place.colour),
            "box": list(self.place.box),
            "inner": list(self.place.inner),
            "range": [self.span.low, self.span.high],
            "meaning": self.meaning.value,
            "nearer": "larger" if self.meaning.larger_is_nearer else "smaller",
            "metres": None if self.metres is None else list(self.metres),
            "withheld": self.withheld,
            "within": self.within,
        }

    @classmethod
    def from_json(cls, description: Mapping[str, Any]) -> DepthDescription:
        """Read back; raises ValueError, KeyError or TypeError where it is damaged."""
        (width, height), (left, top, columns, rows) = (
            map(int, description["colour"]),
            map(int, description["box"]),
        )
        if min(width, height, columns, rows) < 1 or min(left, top) < 0 or columns % CELL or rows % CELL:
            raise ValueError("there is no such place in a picture")
        x, y, share, part = map(float, description["inner"])
        low, high = map(float, description["range"])
        metres, within = description.get("metres"), description.get("within")
        scale, shift = (0.0, 0.0) if metres is None else map(float, metres)
        return cls(
            DepthPlace((width, height), (left, top, columns, rows), (x, y, share, part)),
            DepthRange(low, high),
            DepthMeaning(description["meaning"]),
            None if metres is None else (scale, shift),
            str(description.get("withheld", "")),
            None if within is None else float(within),
        )


def is_of_size(planes: I420, place: DepthPlace) -> bool:
    """Whether a picture may be the described one; one that lacks rows at its end may be."""
    rows, columns = planes.y.shape
    _, top, _, height = place.box
    is_as_wide = columns - place.colour[0] in (0, 1)  # encoders take even sizes only
    return is_as_wide and rows - top - height < _MOST_BELOW


def colour_of(planes: I420, place: DepthPlace) -> Picture:
    """The colour of a picture in which both stand together, without a copy; raises ValueError where it is smaller."""
    width, height = place.colour
    if planes.y.shape[0] < height or planes.y.shape[1] < width:
        raise ValueError("the picture is smaller than stated")
    half = (height + 1) // 2, (width + 1) // 2
    u, v = (plane[: half[0], : half[1]] for plane in (planes.u, planes.v))
    return Picture.of_i420(replace(planes, y=planes.y[:height, :width], u=u, v=v))


def values_of(planes: I420, description: DepthDescription) -> NDArray[np.float32]:
    """(h, w) float32 depth of such a picture, within the described range; raises ValueError as `colour_of`."""
    left, top, width, height = description.place.box
    box = planes.y[top : top + height, left : left + width]
    if box.shape != (height, width):
        raise ValueError("the picture is smaller than stated")
    cells = box.astype(np.float32).reshape(height // CELL, CELL, width // CELL, CELL).mean(axis=(1, 3))
    black, white = (0, 255) if planes.full_range else (16, 235)
    near = np.clip((cells - black) / (white - black), 0, 1)
    low, high = description.span.low, description.span.high
    share = near if description.meaning.larger_is_nearer else 1 - near
    return np.asarray(low + share * (high - low), np.float32)


def metres_of(depth: DepthMap, description: DepthDescription) -> DepthMap | None:
    """The same depth in metres, of a camera whose distances are known."""
    if description.metres is None:
        return None
    scale, shift = description.metres
    inverse = np.maximum(depth.values * np.float32(scale) + np.float32(shift), 1 / BEYOND)
    return replace(depth, values=np.asarray(1 / inverse, np.float32), meaning=DepthMeaning.METRES)
