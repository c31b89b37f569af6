"""Sources made by hand, for tests of what wraps others: they end, fail and hang when told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from streamdepth.errors import NoFrameYet
from streamdepth.frames import Frame, SourceInfo
from streamdepth.pixels import Picture
from streamdepth.protocols import Source

BOUND = 30.0
"""Seconds against hanging; far beyond what is expected."""


class MadeByHand:
    """Gives `count` pictures of one size, then ends as told: with None, an error, or not until `release` is set."""

    def __init__(
        self,
        count: int,
        size: tuple[int, int] = (64, 48),
        *,
        end: Exception | None = None,
        hangs: bool = False,
        live: bool = True,
        read_timeout: float = 5.0,
    ) -> None:
        self.info = SourceInfo(*size, Fraction(25), live, read_timeout)
        self.hung, self.release, self.closed = (threading.Event() for _ in range(3))
        self._count, self._end, self._hangs = count, end, hangs
        self._index = 0

    def draw(self, index: int) -> np.ndarray:
        """A BGR picture."""
        raise NotImplementedError  # each kind of source draws its own

    def read(self) -> Frame | None:
        if self._index == self._count:
            if self._hangs:
                self.hung.set()
                self.release.wait(BOUND)
            if self._end is not None:
                raise self._end
            return None
        self._index += 1
        picture = Picture.of_bgr(self.draw(self._index))
        aspect = self.info.sample_aspect
        return Frame(self._index - 1, Fraction(self._index), time.monotonic(), picture, pixel_aspect=aspect)

    def close(self) -> None:
        self.closed.set()


def frames(source: Source) -> Iterator[Frame]:
    """Every frame, through all that is not there yet, within the bound."""
    give_up_at = time.monotonic() + BOUND
    while time.monotonic() < give_up_at:
        try:
            frame = source.read()
        except NoFrameYet:
            continue
        if frame is None:
            return
        yield frame
    raise AssertionError("no frame came in time")
