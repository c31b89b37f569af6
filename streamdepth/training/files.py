"""Files that appear under their name whole or not at all, and the errors of a disk in our words."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from streamdepth.errors import DiskFull, SinkError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes the name `path` at the end; what failed half-way is taken away.

    Raises `DiskFull` where there is no space and `SinkError` where it cannot be written for another reason.
    """
    part = path.with_name(f"{path.name}.part")
    with disk_errors(path):
        try:
            with part.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the system says while `path` is written into ours."""
    try:
        yield
    except SinkError:
        raise
    except OSError as error:
        if error.errno in _FULL:
            raise DiskFull(f"the disk of {path} is full", "free some space, then add --resume") from error
        reason = error.strerror or str(error)
        raise SinkError(f"{path} cannot be written: {reason}", "choose another folder") from error


def make_folder(folder: Path) -> None:
    """Make a folder with those above it. Raises `SinkError` where that is refused."""
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)


def check_space(folder: Path, needed: int) -> None:
    """Raise `DiskFull` where the disk of an existing `folder` has less than `needed` bytes left."""
    with disk_errors(folder):
        free = shutil.disk_usage(folder).free
    if free < needed:
        raise DiskFull(
            f"the disk of {folder} is full: {free / 1e6:.0f} MB are free and the run needs {needed / 1e6:.0f} MB",
            "free some space, or name another --folder",
        )
