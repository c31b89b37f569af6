"""Files and names brought to disk, where a power cut leaves them alone."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from streamdepth.files.errors import disk_errors


def flush(paths: Iterable[Path]) -> None:
    """Bring to disk what was written with `flushed=False`, as far as it is still there. Raises `SinkError`."""
    folders = set()
    for path in paths:
        with disk_errors(path), suppress(FileNotFoundError):
            flush_file(path)
            folders.add(path.parent)
    for folder in folders:
        flush_folder(folder)


def flush_file(path: Path) -> None:
    """Bring what a file holds to disk. Raises `OSError`."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def flush_folder(folder: Path) -> None:
    """Bring the names in a folder to disk, where the system can do that."""
    with suppress(OSError):  # Windows opens no folder, and some network file systems flush none
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
