"""A pool as an engine: what a run in a thread of its own needs to share one with others."""

from __future__ import annotations

from streamdepth.frames import DepthMap
from streamdepth.inference.pool import Pool, Priority
from streamdepth.pixels import BGRImage, Picture
from streamdepth.protocols import PictureEngine

PATIENCE = 60.0
"""Seconds for a depth map, whatever waits before it."""


class PooledEngine:
    """A `PictureEngine` whose pictures wait in the line of a pool, behind and before those of other users.

    Raises what the lane's engine raises, `Overloaded` where there is no room, `TimeoutError` after a minute.
    """

    def __init__(self, pool: Pool[PictureEngine], priority: Priority, patience: float = PATIENCE) -> None:
        self._pool = pool
        self._priority = priority
        self._patience = patience

    def estimate(self, image: BGRImage) -> DepthMap:
        """Depth of an (H, W, 3) uint8 picture."""
        return self.estimate_picture(Picture.of_bgr(image))

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """Depth of a picture of any size."""
        ticket = self._pool.submit(lambda turn: turn.lane.estimate_picture(picture), self._priority)
        return ticket.wait(self._patience)
