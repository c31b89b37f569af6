"""The folder of a small cluster on this machine, which the next one takes away where its process was killed."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from streamdepth.files.lock import NoLocks, claim
from streamdepth.values import dataclass

_HELD = "held-by-streamdepth"
_TRIES = 10


@dataclass(frozen=True)
class Folder:
    """A new folder, locked for as long as this process has it."""

    path: Path
    _handle: int | None
    """None where there are no locks: then a killed process leaves it for ever."""

    @classmethod
    def new(cls, within: Path) -> Folder:
        """A folder that nobody else has; those that killed processes left go. Passes on errors of the system."""
        _remove_left(within)
        for _ in range(_TRIES):
            path = Path(tempfile.mkdtemp(prefix="ray-", dir=within))
            try:
                handle = claim(path / _HELD, 0.0)
            except NoLocks:
                return cls(path, None)
            if handle is not None:
                return cls(path, handle)
            # Another process found it before it was locked, and takes it away.
        raise OSError(errno.EAGAIN, "other processes remove each new folder", str(within))

    def remove(self) -> None:
        """Take it away, as far as that is possible."""
        shutil.rmtree(self.path, ignore_errors=True)
        if self._handle is not None:
            os.close(self._handle)


def _remove_left(within: Path) -> None:
    for held in within.glob(f"ray-*/{_HELD}"):
        with suppress(OSError, NoLocks):  # of another user
            handle = claim(held, 0.0)
            if handle is not None:
                Folder(held.parent, handle).remove()
