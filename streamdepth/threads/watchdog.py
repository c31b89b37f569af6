"""Whether a stage hangs in one call: noticed from another thread."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamdepth.errors import StageStuck


class Watch:
    """Tells how long a stage has been inside one call that is bounded: written by the stage, read by another."""

    def __init__(self, stage: str, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._stage = stage
        self._limit = limit
        self._clock = clock
        self._since: float | None = None

    def __enter__(self) -> None:
        self._since = self._clock()

    def __exit__(self, *_: object) -> None:
        self._since = None

    def check(self) -> None:
        """Raise `StageStuck` when the present call has outlived the limit."""
        since = self._since
        if since is not None and self._clock() - since > self._limit:
            raise StageStuck(
                f"the {self._stage} stage has not answered for {self._limit:g} s",
                "check the camera, the network or the disk it waits for, and start again",
            )
