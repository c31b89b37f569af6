"""Why a camera cannot be opened: one sentence and its cure, found out from its device file."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from streamdepth.errors import SourceError, SourceMissing
from streamdepth.sources.camera.listing import LinuxDevices, those

_GONE = {errno.ENOENT, errno.ENODEV, errno.ENXIO}


def device_file(device: int | str) -> Path | None:
    """The file of a camera by number or path; None on systems that have none."""
    if not sys.platform.startswith("linux"):
        return None
    return Path(f"/dev/video{device}" if isinstance(device, int) else device)


def check_device(device: int | str, name: str) -> None:
    """Raise at once, on Linux, an error that says why OpenCV would fail to open it.

    Raises SourceMissing where there is no such device, SourceError where it is in use or permission is missing.
    """
    path = device_file(device)
    if path is None:
        return
    try:
        os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
    except OSError as error:
        raise _refused(error, path, name) from error


def check_presence(device: int | str, name: str) -> None:
    """Check on Linux, without opening it, that a camera exists and may be opened; it may still be in use.

    Raises as `check_device` does.
    """
    path = device_file(device)
    if path is None:
        return
    if not path.exists():
        raise _missing(name)
    if not os.access(path, os.R_OK | os.W_OK):
        raise _not_permitted(path, name)


def cannot_open(device: int | str, name: str) -> SourceError:
    """The error of a camera that is there, as far as can be seen, and that OpenCV does not open all the same."""
    path = device_file(device)
    if path is None:
        return SourceMissing(
            f"there is no {name} that can be opened",
            "check its number (the first is 0), that no other program uses it, and that cameras are allowed",
        )
    if not path.exists():
        return _missing(name)
    if any(holders(path)):
        return _busy(path, name)
    return SourceError(
        f"{name} cannot be opened",
        "another program may hold it, or it sends no video: streamdepth --list-cameras",
    )


def holders(path: Path, processes: Path = Path("/proc")) -> Iterator[str]:
    """Programs that have `path` open, as `name (process 123)`; those of other users are seen by root alone."""
    wanted = str(path.resolve())
    for process in sorted(processes.glob("[0-9]*")):
        if process.name != str(os.getpid()) and wanted in _open_files(process):
            yield f"{_program(process)} (process {process.name})"


def _refused(error: OSError, path: Path, name: str) -> SourceError:
    if error.errno in _GONE:
        return _missing(name)
    if error.errno == errno.EBUSY:
        return _busy(path, name)
    if error.errno in (errno.EACCES, errno.EPERM):
        return _not_permitted(path, name)
    return SourceError(
        f"{name} cannot be opened: {(error.strerror or str(error)).lower()}", "plug it in again"
    )


def _missing(name: str) -> SourceMissing:
    return SourceMissing(f"there is no {name} that can be opened", those(LinuxDevices().cameras()))


def _not_permitted(path: Path, name: str) -> SourceError:
    return SourceError(
        f"{name} may not be opened: {path} is not readable and writable",
        f"join its group and log in again: sudo usermod -aG {_group(path)} $USER",
    )


def _busy(path: Path, name: str) -> SourceError:
    by = " and ".join(holders(path))
    if not by:
        return SourceError(
            f"{name} is in use", f"close the program that holds it: sudo fuser -v {path} names it"
        )
    return SourceError(f"{name} is in use by {by}", "close it there")


def _open_files(process: Path) -> set[str]:
    found: set[str] = set()
    with suppress(OSError):  # the process ended, or it is another user's
        for link in (process / "fd").iterdir():
            with suppress(OSError):
                found.add(str(link.readlink()))
    return found


def _program(process: Path) -> str:
    try:
        return (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return "a program"


def _group(path: Path) -> str:
    """The group that owns the file; that of cameras is `video` everywhere, unless the file says otherwise."""
    try:
        group = path.group()
    except (OSError, KeyError):
        return "video"
    return "video" if group == "root" else group
