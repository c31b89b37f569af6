"""The size in which a depth map is stored, and where in it the map goes."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from streamdepth.depthfiles.entry import Entry, Map, Size
from streamdepth.frames import DepthMeaning
from streamdepth.pixels import Rectangle
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Fitting:
    """Puts maps into one size: that of their picture with its bars, or `canvas`, or each in its own."""

    meaning: DepthMeaning
    to_source: bool
    canvas: Size | None = None
    """Of all maps, where they share a file and are not brought to the size of the picture."""

    def size(self, entry: Entry) -> Size:
        """(width, height) in which a map is stored."""
        if self.to_source:
            return entry.source
        return self.canvas or _size_of(entry.values)

    def place(self, entry: Entry) -> Rectangle | None:
        """The part of that size where the map is; None: all of it."""
        if self.to_source:
            return entry.inner
        size = self.size(entry)
        return None if size == _size_of(entry.values) else _centred(_size_of(entry.values), size)

    def __call__(self, entry: Entry) -> Entry:
        """The map as it is stored: interpolated between its values, never beyond them; bars are as far as its farthest.

        `place` is then the part of the values that is no bar.
        """
        size, place = self.size(entry), self.place(entry)
        if place is None:
            return replace(entry, values=_resized(entry.values, size))
        far = entry.values.min() if self.meaning.larger_is_nearer else entry.values.max()
        values = np.full((size[1], size[0]), far, np.float32)
        values[place.pixels] = _resized(entry.values, (place.width, place.height))
        return replace(entry, values=values, place=place)

    def head(self, entry: Entry) -> Entry:
        """The same of an entry of which only the head is known."""
        return replace(entry, place=self.place(entry))


def _size_of(values: Map) -> Size:
    return values.shape[1], values.shape[0]


def _centred(inner: Size, outer: Size) -> Rectangle:
    """The largest rectangle of the shape of `inner` in the middle of `outer`."""
    scale = min(outer[0] / inner[0], outer[1] / inner[1])
    width, height = (max(1, min(round(side * scale), most)) for side, most in zip(inner, outer, strict=True))
    return Rectangle((outer[0] - width) // 2, (outer[1] - height) // 2, width, height)


def _resized(values: Map, size: Size) -> Map:
    if _size_of(values) == size:
        return values
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR), np.float32)
