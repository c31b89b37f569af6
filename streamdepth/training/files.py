"""The files and folders of a run of training, and what is said where the disk is full."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import streamdepth.files as files
from streamdepth.errors import DiskFull

_FULL = "free some space, then add --resume"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """As `streamdepth.files.whole_file`; who runs out of space is told how to go on."""
    with files.whole_file(path, full=_FULL) as file:
        yield file


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Turn what the system says while `path` is written into ours."""
    with files.disk_errors(path, full=_FULL):
        yield


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
