"""Files that get their final name only once they are whole: checks, part name, rename, errors."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from streamdepth.errors import DiskFull, SinkError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def part_path(final: Path) -> Path:
    """The unfinished file beside `final`: `depth.mp4` is written as `depth.part.mp4`.

    The suffix stays last, so that whatever picks a format by it (and a player, for a kept part) still can.
    """
    return final.with_name(f"{final.stem}.part{final.suffix}")


def check_output_folder(final: Path) -> None:
    """Refuse a `final` that could not be written; no folder is created and nothing is touched.

    Raises SinkError where the folder is missing, no folder or not writable, or `final` itself is a folder.
    """
    folder = final.parent
    if not folder.is_dir():
        raise SinkError(f"there is no folder {folder} for {final.name}", "create it first, or check the path")
    if final.is_dir():
        raise SinkError(f"{final} is a folder", "name a file in it")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise SinkError(
            f"the folder {folder} is not writable", "choose another one, or change its permissions"
        )


def promote(part: Path, final: Path) -> None:
    """Give the finished `part` its final name in one step; a file of that name is replaced.

    Raises SinkError where the rename is refused; `part` is then still there.
    """
    try:
        part.replace(final)
    except OSError as error:
        raise from_os_error(error, final) from error


def from_os_error(error: BaseException, path: Path) -> SinkError:
    """Our error for one that the system, or PyAV (its errors carry `errno` too), raised while writing `path`.

    DiskFull where there is no space or quota left, else SinkError. Raise it `from` the error.
    """
    code = getattr(error, "errno", None)
    if code in _FULL:
        return DiskFull(f"the disk of {path} is full", "free some space, or choose another folder")
    if code in _NOT_WRITABLE:
        return SinkError(f"{path} is not writable", "choose another folder, or change its permissions")
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return SinkError(f"{path} cannot be written: {reason}", "check the path and the disk, then run again")
