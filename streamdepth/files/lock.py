"""Files that one process alone writes: opened past no link, and locked for as long as they are open.

The lock is one byte far behind the end of the file itself. So it leaves nothing behind, and it goes with the process
that holds it, however that ends; and where locks are mandatory (SMB) it keeps nobody from writing the rest.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]  # a module elsewhere

_BYTE = 1 << 62
_LOOK_EVERY = 0.02
_HELD = frozenset({errno.EAGAIN, errno.EACCES})
_NO_LOCKS = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})
_LINK = frozenset({errno.ELOOP, errno.EMLINK})
_OPEN = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class NoLocks(Exception):
    """The file system, or the operating system, has none."""


def create(path: Path) -> int:
    """Make a file and open it to write; raises `FileExistsError` and whatever else the system says."""
    return os.open(path, _OPEN | os.O_CREAT | os.O_EXCL, 0o666)


def claim(path: Path, patience: float) -> int | None:
    """Open and lock a file, which is made where there is none; None where another holds it for `patience` seconds.

    What else is in its place goes: a link, symbolic or not, a pipe. Raises `NoLocks` and what the system says.
    """
    if fcntl is None:
        raise NoLocks
    return _within(patience, lambda: _try_to_claim(path))


def claim_new(path: Path) -> int | None:
    """Make and lock a file; None where there is one that is not empty, or that another process holds.

    Where there are no locks, that it was not there must do. Raises what the system says.
    """
    try:
        handle = create(path)
    except FileExistsError:
        return _claim_empty(path)
    try:
        if take_lock(handle):
            return handle
    except NoLocks:
        return handle
    os.close(handle)  # another process found it, still empty, and was quicker
    return None


def take_lock(handle: int) -> bool:
    """Lock an open file; False where another holds it. Raises `NoLocks` and what the system says."""
    if fcntl is None:
        raise NoLocks
    try:
        if sys.platform == "linux":
            # struct flock of fcntl(2); the lock is that of the handle, not of the process
            wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, _BYTE, 1, 0)
            fcntl.fcntl(handle, fcntl.F_OFD_SETLK, wanted)
        else:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in _HELD:
            return False
        if error.errno in _NO_LOCKS:
            raise NoLocks from error
        raise
    return True


def is_locked(path: Path, patience: float) -> bool:
    """Whether somebody holds the lock of `path` for `patience` seconds; False where that cannot be known."""
    return _within(patience, lambda: not _is_locked_now(path) or None) is None


def _claim_empty(path: Path) -> int | None:
    if path.stat().st_size:
        return None
    try:
        handle = claim(path, 0.0)
    except NoLocks:
        return None
    if handle is not None and os.fstat(handle).st_size:
        os.close(handle)
        return None
    return handle


def _within(patience: float, attempt: Callable[[], int | None]) -> int | None:
    """What `attempt` gives once that is something, or None after `patience` seconds."""
    give_up_at = time.monotonic() + patience
    while (got := attempt()) is None and time.monotonic() < give_up_at:
        time.sleep(_LOOK_EVERY)
    return got


def _try_to_claim(path: Path) -> int | None:
    try:
        handle = os.open(path, _OPEN | os.O_CREAT, 0o666)
    except OSError as error:
        if error.errno not in _LINK:
            raise
        path.unlink(missing_ok=True)
        return None
    try:
        if _is_plain(handle) and take_lock(handle) and _is_at(handle, path):
            return handle
        if not _is_plain(handle) and _is_at(handle, path):
            path.unlink(missing_ok=True)
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None


def _is_locked_now(path: Path) -> bool:
    try:
        handle = os.open(path, _OPEN)
    except OSError:
        return False
    try:
        return _is_plain(handle) and not take_lock(handle)
    except (NoLocks, OSError):
        return False
    finally:
        os.close(handle)


def _is_plain(handle: int) -> bool:
    facts = os.fstat(handle)
    return stat.S_ISREG(facts.st_mode) and facts.st_nlink <= 1


def _is_at(handle: int, path: Path) -> bool:
    """Whether the open file still has that name: the previous holder of the lock may have renamed it."""
    try:
        return os.path.samestat(os.fstat(handle), os.lstat(path))
    except FileNotFoundError:
        return False
