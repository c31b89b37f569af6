"""What the system says while a file is written, in our words."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamdepth.errors import DiskFull, NameRefused, SinkError, StreamdepthError

FREE_SPACE = "free some space, or choose another folder"
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_ON_WINDOWS = frozenset('<>:"|?*\\')
"""Characters that FAT, exFAT and Windows take in no name, which the system calls an invalid argument."""
_NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM})


class Taken(SinkError):
    """Another run is writing the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"another run is writing {path}", "wait for it, end it, or give this output another name"
        )


@contextmanager
def disk_errors(path: Path, full: str = FREE_SPACE) -> Iterator[None]:
    """Turn what the system says while `path` is written into ours; `full` is the cure of a full disk."""
    try:
        yield
    except StreamdepthError:
        raise
    except OSError as error:
        raise from_os_error(error, path, full) from error


def is_full(error: BaseException) -> bool:
    """Whether the system, or PyAV, said that there is no space or quota left."""
    return getattr(error, "errno", None) in _FULL


def from_os_error(error: BaseException, path: Path, full: str = FREE_SPACE) -> SinkError:
    """Our error for one that the system, or PyAV (its errors carry `errno` too), raised while writing `path`.

    DiskFull where there is no space or quota left, NameRefused for a name, else SinkError. Raise it `from` the error.
    """
    code = getattr(error, "errno", None)
    if is_full(error):
        return DiskFull(f"the disk of {path} is full", full)
    if code in _NOT_WRITABLE:
        return SinkError(f"{path} is not writable", "choose another folder, or change its permissions")
    if code == errno.EROFS:
        return SinkError(f"the disk of {path} is read-only", "choose another folder")
    if code == errno.EFBIG:
        return SinkError(
            f"the disk of {path} takes no larger file",
            "choose a disk that is not FAT32, which ends at 4 GB, or write less at a time",
        )
    if code == errno.ENAMETOOLONG:
        return NameRefused(f"the name {path.name} is too long for this disk", "choose a shorter one")
    if code == errno.EILSEQ or (code == errno.EINVAL and not _NOT_ON_WINDOWS.isdisjoint(path.name)):
        return NameRefused(f"this disk takes no name such as {path.name}", "choose one in plain letters")
    if code in (errno.EEXIST, errno.ENOTDIR):
        return SinkError(f"{path} cannot be made: a file or a device is in its place", "choose another name")
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return SinkError(f"{path} cannot be written: {reason}", "check the path and the disk, then run again")
