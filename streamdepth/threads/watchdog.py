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
        self._call: object | None = None
        """That goes on, with an identity of its own."""
        self._watched: object | None = None
        self._waited = Awake(clock)
        """For the call that is watched."""

    def __enter__(self) -> None:
        self._call = object()

    def __exit__(self, *_: object) -> None:
        self._call = None

    def check(self) -> None:
        """Raise `StageStuck` when the present call has outlived the limit."""
        call = self._call
        if call is not self._watched:
            self._watched, self._waited = call, Awake(self._clock)
        elif call is not None and self._waited.look() > self._limit:
            raise StageStuck(
                f"the {self._stage} stage has not answered for {self._limit:g} s",
                "check the camera, the network or the disk it waits for, and start again",
            )
