"""Whether a stage hangs in one call: noticed from another thread."""

from __future__ import annotations

import time
from collections.abc import Callable

from streamdepth.errors import StageStuck
from streamdepth.threads.awake import Awake


class Watch:
    """Tells how long a stage has been inside one call that is bounded: written by the stage, read by another.

    The other thread checks several times a second; while this process is stopped no call has to answer.
    """

    def __init__(self, stage: str, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._stage = stage
        self._limit = limit
        self._clock = clock
        self._waited: Awake | None = None
        """For the call that goes on."""

    def __enter__(self) -> None:
        self._waited = Awake(self._clock)

    def __exit__(self, *_: object) -> None:
        self._waited = None

    def look(self) -> float:
        """Seconds that the present call has taken, 0 where there is none; what is not looked at does not count."""
        waited = self._waited
        return 0.0 if waited is None else waited.look()

    def check(self) -> None:
        """Raise `StageStuck` when the present call has outlived the limit."""
        if self.look() > self._limit:
            raise StageStuck(
                f"the {self._stage} stage has not answered for {self._limit:g} s",
                "check the camera, the network or the disk it waits for, and start again",
            )
