"""Which values the 16 bits span, map by map, where that is not known of the whole clip."""

from __future__ import annotations

from collections.abc import Callable

from streamdepth.depthfiles.entry import Map
from streamdepth.depthfiles.sixteen_bits import Scale

ROOM = 0.25
"""Of the span seen so far, at either end: a live source seldom leaves that again."""


Spanning = Callable[[float, float], Scale]
"""The scale for values from the one to the other."""


class FrameScale:
    """Each map's own range."""

    def __init__(self, spanning: Spanning = Scale.spanning) -> None:
        self._spanning = spanning

    def __call__(self, values: Map) -> Scale:
        """The scale of this map."""
        return self._spanning(float(values.min()), float(values.max()))


class RunningScale:
    """One range for as long as the values stay within it; then a wider one, so that nothing is cut off."""

    def __init__(self, spanning: Spanning = Scale.spanning) -> None:
        self._spanning = spanning
        self._scale: Scale | None = None

    def __call__(self, values: Map) -> Scale:
        """The scale from this map on."""
        low, high = float(values.min()), float(values.max())
        held = self._scale
        if held is None or low < held.offset or high > held.high:
            low, high = (low, high) if held is None else (min(low, held.offset), max(high, held.high))
            room = (high - low) * ROOM
            self._scale = held = self._spanning(max(0.0, low - room) if low >= 0 else low - room, high + room)
        return held
