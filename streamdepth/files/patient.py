"""A file whose writer waits where the disk is full."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from streamdepth.files.errors import is_full

Wait = Callable[[], None]
"""Returns when it is worth trying again; raises what is to end the writing."""


class PatientFile(io.FileIO):
    """A raw file, for what takes hours to make: where there is no room `wait` is called, and the write tried again.

    It takes over `handle`. `write` raises what `wait` raises, and what the system says of anything but a full disk.
    """

    def __init__(self, handle: int, wait: Wait) -> None:
        super().__init__(handle, "wb")
        self._wait = wait

    def write(self, data: Any, /) -> int:
        """Write some of `data` and return how much."""
        while True:
            try:
                return super().write(data)
            except OSError as error:
                if not is_full(error):
                    raise
            self._wait()
