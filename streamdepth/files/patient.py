"""A file whose writer waits where the disk is full."""

from __future__ import annotations

import io
import os
from typing import Any, Protocol

from streamdepth.files.errors import is_full


class Patience(Protocol):
    """What is done while there is no room."""

    def wait(self) -> None:
        """Return when it is worth trying again; raise what is to end the writing."""

    def over(self) -> None:
        """Called when there was room again."""


class PatientFile(io.FileIO):
    """A raw file, for what takes hours to make: where there is no room it waits, and tries the write again.

    It takes over `handle`. `write` raises what `patience` raises, and what the system says of anything but a full disk.
    """

    def __init__(self, handle: int, patience: Patience) -> None:
        super().__init__(handle, "wb")
        self._patience = patience

    def write(self, data: Any, /) -> int:
        """Write some of `data` and return how much."""
        has_waited = False
        while True:
            try:
                count = super().write(data)
            except OSError as error:
                if not is_full(error):
                    raise
                self._patience.wait()
                has_waited = True
                continue
            if has_waited:
                self._patience.over()
            return count

    def sync(self) -> None:
        """Bring to disk what was written."""
        os.fsync(self.fileno())
