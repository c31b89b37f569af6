"""Depth maps out of files as a source: each frame brings its depth along.

Its picture is the one that the map was recorded with, or that depth in grey.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.entry import Entry, Size
from streamdepth.depthfiles.index import PIXEL_ASPECT
from streamdepth.depthfiles.open import DepthFiles, open_depth
from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.errors import SourceError
from streamdepth.frames import CLOCK_TICK, DepthMap, Frame, SourceInfo
from streamdepth.pixel_limit import USUAL, PixelLimit
from streamdepth.pixels import I420, NEUTRAL, Picture

_READ_TIMEOUT = 30.0


class DepthSource:
    """Every map of a set in order, with the timestamps of their pictures and in their size.

    Raises SourceError where the set is empty or damaged, or its pictures are larger than `limit` allows.
    """

    def __init__(
        self, path: Path, limit: PixelLimit = USUAL, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._files = open_depth(path)
        self._clock = clock
        self._entries = self._files.entries()
        self._pending = next(self._entries, None)
        if self._pending is None:
            raise SourceError(f"{path} holds no depth map", "name another file, or a folder")
        width, height = self._pending.source
        limit.check_video(str(path), width, height)
        self._info = _info(path, self._files, self._pending)
        self._size = width, height
        self._lost = 0

    @property
    def warnings(self) -> Sequence[str]:
        """What a recording of a live stream lacks; complete at its end."""
        return [f"pictures that the recording lacks: {self._lost}"] if self._lost else []

    @property
    def info(self) -> SourceInfo:
        """Known at once; `depth` is what the index says of model and settings."""
        return self._info

    def read(self) -> Frame | None:
        """The next map with its picture, None after the last."""
        entry, self._pending = self._pending or next(self._entries, None), None
        if entry is None:
            return None
        depth, seen = DepthMap(entry.values, self._files.meaning), entry.seen
        if seen is None:
            return Frame(
                entry.index,
                entry.pts,
                self._clock(),
                self._grey(entry),
                entry.name,
                pixel_aspect=self._info.sample_aspect,
                depth=depth,
            )
        self._lost = seen.lost
        return Frame(
            entry.index,
            entry.pts,
            self._clock(),
            seen.picture,
            depth=depth,
            span=seen.span,
            measured=seen.measured,
        )

    def close(self) -> None:
        """Let go of the files."""
        self._pending, self._entries = None, iter(())

    def _grey(self, entry: Entry) -> Picture:
        place = entry.inner
        size = self._size if place is None else (place.width, place.height)
        grey = np.zeros((self._size[1], self._size[0]), np.uint8)
        scale = self._files.index.facts.scale or Scale.of(entry.values)
        grey[slice(None) if place is None else place.pixels] = self._levels(entry.values, scale, size)
        half = np.full(((self._size[1] + 1) // 2, (self._size[0] + 1) // 2), NEUTRAL, np.uint8)
        return Picture(*self._size, I420(grey, half, half, full_range=True), place)

    def _levels(self, values: NDArray[np.float32], scale: Scale, size: Size) -> NDArray[np.uint8]:
        levels = (scale.pixels(values) >> 8).astype(np.uint8)
        near = levels if self._files.meaning.larger_is_nearer else 255 - levels
        return np.asarray(cv2.resize(near, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _info(path: Path, files: DepthFiles, first: Entry) -> SourceInfo:
    facts = files.index.facts
    stored = facts.origin.get("source", {})
    rate, tick = (_fraction(stored.get(name)) for name in ("rate", "time_base"))
    is_film = facts.range != "frame" or rate is not None
    return SourceInfo(
        *first.source,
        rate=rate,
        live=False,
        read_timeout=_READ_TIMEOUT,
        kind="video" if is_film else "image",
        time_base=tick or CLOCK_TICK,
        frame_count=len(files),
        origin=path,
        sample_aspect=_fraction(stored.get(PIXEL_ASPECT)) or Fraction(1),
        depth={name: value for name, value in facts.origin.items() if name != "source"},
        map_size=(first.values.shape[1], first.values.shape[0]),
        shows_depth=not facts.is_stacked,
    )


def _fraction(stored: object) -> Fraction | None:
    try:
        value = Fraction(stored) if isinstance(stored, str) else None
    except (ValueError, ZeroDivisionError):
        return None
    return value if value and value > 0 else None
