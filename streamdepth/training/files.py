"""The files and folders of a run of training, and what is said where the disk is full."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import streamdepth.files as files
from streamdepth.counted import byte_size
from streamdepth.errors import DiskFull

_FULL = "free some space, then add --resume"


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """As `streamdepth.files.whole_file`; running out of space is an error that says how to go on."""
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
            f"the disk of {folder} is full: {byte_size(free)} are free and the run needs {byte_size(needed)}",
            "free some space, or name another --folder",
        )
