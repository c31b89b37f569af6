"""What can be known of an output before anything is written."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from streamdepth.errors import SinkError
from streamdepth.files.errors import disk_errors
from streamdepth.files.names import resolved


def check_output(path: Path) -> None:
    """Refuse, before hours of work, a `path` that `whole_file` could not write after it; raises `SinkError`."""
    if not is_stream(path):
        check_output_folder(resolved(path))


def check_output_folder(final: Path) -> None:
    """Refuse a `final` that could not be written; no folder is created and nothing is touched.

    Raises `SinkError` where the folder is missing, no folder or not writable, or `final` itself is no file.
    """
    folder = final.parent
    with disk_errors(final):
        if not folder.is_dir():
            raise SinkError(
                f"there is no folder {folder} for {final.name}", "create it first, or check the path"
            )
        if final.is_dir():
            raise SinkError(f"{final} is a folder", "name a file in it")
        if final.exists() and not final.is_file():
            raise SinkError(f"{final} is a device or a pipe", "name a file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SinkError(
            f"the folder {folder} is not writable", "choose another one, or change its permissions"
        )


def is_stream(path: Path) -> bool:
    """Whether `path` is no file: a device, a pipe, or where standard output or error go."""
    try:
        found = path.stat()
    except OSError:
        return False
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        return True
    own = []
    for number in (1, 2):
        with suppress(OSError):
            own.append(os.fstat(number))
    return any(os.path.samestat(found, mine) for mine in own)
