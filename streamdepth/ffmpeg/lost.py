"""Whether reading ended because what gives the bytes failed (disk, share, server), or for what is in them."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

import av.error
from av.container import InputContainer

from streamdepth.ffmpeg.errors import cannot_read_on
from streamdepth.files import LOST


def is_lost(error: av.error.FFmpegError, container: InputContainer) -> bool:
    """Whether FFmpeg failed for want of bytes, and not for those that it got.

    Over HTTP it takes the orderly end of a stream of unknown length for an error: that is none.
    """
    if isinstance(error, av.error.ExitError | av.error.HTTPError):
        return True
    return error.errno in LOST and not ended_orderly(error, container)


def ended_orderly(error: av.error.FFmpegError, container: InputContainer) -> bool:
    """Whether the other side just ended a stream of unknown length."""
    return error.errno == errno.EIO and (container.size or 0) <= 0


class OpenFile:
    """A file held open beside FFmpeg, to ask whether it can be read still: some formats take a failure for the end."""

    def __init__(self, path: Path, name: str) -> None:
        """Raises SourceError."""
        try:
            self._file: BinaryIO = path.open("rb", buffering=0)
        except OSError as error:
            raise cannot_read_on(error, name) from error

    def failure(self) -> OSError | None:
        """What the system says when its last byte is read; None where all is well."""
        try:
            self._file.seek(max(0, os.fstat(self._file.fileno()).st_size - 1))
            self._file.read(1)
        except OSError as error:
            return error
        return None

    def close(self) -> None:
        """Let go of it; a share that is gone may refuse even that."""
        with suppress(OSError):
            self._file.close()
