"""A pool as an engine: what a run in a thread of its own needs to share one with others."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

from streamdepth.errors import Overloaded
from streamdepth.frames import DepthMap
from streamdepth.inference.pool import Pool, Priority
from streamdepth.pixels import BGRImage, Picture
from streamdepth.protocols import PictureEngine
from streamdepth.threads.awake import LONGEST, Awake

PATIENCE = 30.0
"""Seconds for a depth map, whatever waits before it."""


L = TypeVar("L")


class PooledEngine(Generic[L]):
    """A `PictureEngine` whose pictures wait in the line of a pool, behind and before those of other users.

    `pick` gives the engine of a lane. Where the line is full, a picture waits for room; raises what the lane's engine
    raises, and `Overloaded` or `TimeoutError` where it takes longer than `patience` seconds.
    """

    def __init__(
        self,
        pool: Pool[L],
        pick: Callable[[L], PictureEngine],
        priority: Priority,
        patience: float = PATIENCE,
    ) -> None:
        self._pool = pool
        self._pick = pick
        self._priority = priority
        self._patience = patience

    def estimate(self, image: BGRImage) -> DepthMap:
        """Depth of an (H, W, 3) uint8 picture."""
        return self.estimate_picture(Picture.of_bgr(image))

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """Depth of a picture of any size."""
        waited = Awake()
        while True:
            try:
                ticket = self._pool.submit(
                    lambda turn: self._pick(turn.lane).estimate_picture(picture), self._priority
                )
                return ticket.wait(self._patience - waited.look())
            except Overloaded as error:
                if self._pool.is_closed or waited.look() + error.retry_after > self._patience:
                    raise
                time.sleep(min(error.retry_after, LONGEST / 2))
