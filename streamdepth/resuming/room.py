"""Waiting for room on a disk."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from streamdepth.errors import DiskFull, StopRequested
from streamdepth.protocols import Notify

LOOK_EVERY = 2.0
"""Seconds between two looks whether there is room."""
_LISTEN_EVERY = 0.1
"""Seconds between two looks whether the run is to end."""
_WORTH_IT = 1_000_000
"""Bytes: with less it is full again at once."""


class Room:
    """A `Patience`: says once that the disk of `path` is full, and that it goes on.

    `must_stop` is asked often; `wait` raises `StopRequested` when it says so.
    """

    def __init__(
        self,
        path: Path,
        must_stop: Callable[[], bool],
        notify: Notify,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._path = path
        self._must_stop = must_stop
        self._notify = notify
        self._sleep = sleep
        self._is_told = False

    def wait(self) -> None:
        """Return when it is worth trying again."""
        if not self._is_told:
            self._is_told = True
            self._notify(
                f"the disk of {self._path} is full; rendering continues when there is room (free some; Ctrl-C ends it, "
                "and what is done is kept)"
            )
        while True:
            for _ in range(round(LOOK_EVERY / _LISTEN_EVERY)):
                self.check()
                self._sleep(_LISTEN_EVERY)
            if shutil.disk_usage(self._path.parent).free >= _WORTH_IT:
                return

    def check(self) -> None:
        """Raise `StopRequested` where the run is to end."""
        if self._must_stop():
            raise StopRequested

    def over(self) -> None:
        """There was room."""
        if self._is_told:
            self._is_told = False
            self._notify(f"there is room again for {self._path.name}; rendering continues")

    def for_all_of(self, write: Callable[[], None]) -> None:
        """Call `write`, which writes a file as a whole or not at all, until there is room for that."""
        while True:
            try:
                write()
            except DiskFull:
                self.wait()
                continue
            return self.over()
