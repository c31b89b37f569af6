"""Whole files, read."""

from __future__ import annotations

import errno
from pathlib import Path

from streamdepth.errors import SourceError, SourceMissing, Trouble

LOST = frozenset(
    getattr(errno, name)
    for name in (
        "EIO", "ESTALE", "ENOTCONN", "ENODEV", "ENXIO", "EREMOTEIO", "ENOLINK", "EBADF", "EUCLEAN",
        "ETIMEDOUT", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENETRESET",
        "ECONNRESET", "ECONNABORTED", "ECONNREFUSED", "EPIPE",
    )
    if hasattr(errno, name)
)  # fmt: skip
"""What the system says where the disk, share or server of a file failed."""


def no_ordinary_file(path: Path) -> SourceError:
    """The error of an input that is there, and is neither a file nor a folder."""
    if path.is_fifo():
        return SourceError(
            f"{path} is a pipe, and a film is read in several places", "save it as a file, and name that"
        )
    return SourceError(f"{path} is not an ordinary file", "name a file, or use --camera for a camera")


def may_be_there(path: Path) -> bool:
    """False where a file was taken away; True also where its share is, which may come back."""
    try:
        return path.exists()
    except OSError:
        return True


def not_readable(path: Path, error: OSError) -> SourceError:
    """Our error for what the system said where a file or a folder was to be read. Raise it `from` that."""
    reason = (error.strerror or "it cannot be read").lower()
    trouble = Trouble.BROKE_OFF if error.errno in LOST else Trouble.OTHER
    return SourceError(f"{path} cannot be read: {reason}", "check its permissions and the disk", trouble)


def read_bytes(path: Path) -> bytes:
    """A whole file; raises `SourceMissing` where there is none, `SourceError` where it cannot be read or is empty."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise SourceMissing(f"there is no file {path}", "check the path") from error
    except OSError as error:
        raise not_readable(path, error) from error
    if not data:
        raise SourceError(f"{path} is empty (0 bytes)", "copy or save it again")
    return data
