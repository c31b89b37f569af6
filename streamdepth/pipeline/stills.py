"""Frames that need no inference: the same picture once more, and by option one that hardly differs."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthMap, Frame
from streamdepth.imaging.small_luma import small_luma
from streamdepth.pixels import Picture, are_same
from streamdepth.threads.worker import Lock

PARTS = (32, 18)
"""Parts of a picture, across and down, whose luma is compared."""
HARDLY = 8
"""Levels of luma by which each part of a picture may differ that hardly differs; see docs/benchmarks/clips.md."""
RENEWED_EVERY = 25
"""Of so many frames one is inferred that only hardly differs: what is small or faint is seen then.

Where a film can be gone on with lies at a multiple of it, so that it comes out the same.
"""


class Reuse(Enum):
    """Which frames have the depth of the last one that was inferred."""

    NEVER = "none"
    SAME = "those with the same samples: their own depth would be the same"
    STILL = "those, too, that hardly differ"


class Inferred:
    """A frame whose depth is being inferred, or was; asked by any thread."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._depth: DepthMap | None = None
        self._waiting: list[Callable[[DepthMap], None]] = []
        self._lock = Lock()

    def then(self, take: Callable[[DepthMap], None]) -> None:
        """Call `take` with the depth: at once, or in the thread that finds it."""
        with self._lock:
            depth = self._depth
            if depth is None:
                self._waiting.append(take)
        if depth is not None:
            take(depth)

    def found(self, depth: DepthMap) -> None:
        """Its depth is there."""
        with self._lock:
            self._depth = depth
            waiting, self._waiting = self._waiting, []
        for take in waiting:
            take(depth)


class Stills:
    """Says of each frame of a stream whose depth it has: its own, or that of the last one that was inferred.

    Frames are compared with the one that was inferred and not with each other, so that small changes add up until they
    count.
    """

    def __init__(self, reuse: Reuse) -> None:
        self._reuse = reuse
        self._last: Inferred | None = None
        self._parts: NDArray[np.uint8] | None = None
        self._count = 0

    def __call__(self, frame: Frame) -> Inferred:
        """Called once a frame, in order: it is to be inferred where it is the answer's own `frame`."""
        if self._reuse is Reuse.NEVER:
            return Inferred(frame)
        is_renewed = self._count % RENEWED_EVERY == 0
        self._count += 1
        parts = small_luma(frame.picture.content, PARTS) if self._reuse is Reuse.STILL else None
        last = self._last
        if last is not None and _is_one_stream(last.frame, frame):
            hardly_differs = not is_renewed and _hardly_differ(self._parts, parts)
            if hardly_differs or are_same(last.frame.picture.content, frame.picture.content):
                return last
        self._last, self._parts = Inferred(frame), parts
        return self._last


def _is_one_stream(old: Frame, new: Frame) -> bool:
    """Whether depth is to be inferred that may be that of an older frame."""
    if old.depth is not None or new.depth is not None:
        return False
    return old.connection == new.connection and _size(old.picture) == _size(new.picture)


def _size(picture: Picture) -> tuple[int, int]:
    return picture.content.width, picture.content.height


def _hardly_differ(old: NDArray[np.uint8] | None, new: NDArray[np.uint8] | None) -> bool:
    return old is not None and new is not None and int(cv2.absdiff(old, new).max()) <= HARDLY
