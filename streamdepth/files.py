"""One way to write a file that appears whole: lock, part file, flush to disk, rename, and a disk's errors in our words.

A file is written under another name beside its own, its *part* (`depth.mp4` as `depth.part.mp4`), and takes its name in
one step when it is complete. While it is written its part is locked, so that a second process that wants the same name
is refused (`file_lock`). A part that a killed process left is taken over by the next one that writes the same name.
Where there are no locks, each part has a name of its own, and the last who is done has the name.

An output that is a symbolic link is written through: what it points to is replaced, the link stays. A part is never
written through a link: one that somebody left under its name is removed.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import stat
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from streamdepth.errors import DiskFull, NameRefused, SinkError, StreamdepthError
from streamdepth.file_lock import NoLocks, claim, claim_new, create, is_locked

LOCK_SECONDS = 5.0
"""For how long a short write waits for another process that writes the same name."""
FREE_SPACE = "free some space, or choose another folder"

_CLAIM_SECONDS = 0.5
"""For how long a name that is taken is asked for: another process may only be looking whether it is."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_NOT_WRITABLE = frozenset({errno.EACCES, errno.EPERM})
_LONGEST_NAME = 255
_MOST_NAMES = 100_000


class Taken(SinkError):
    """Another run is writing the file."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"another run is writing {path}", "wait for it, end it, or give this output another name"
        )


class OutputFile:
    """A file that is being written, by this process alone. Its owner writes to `at` and then calls a method to end.

    Until something is written there is no more than an empty file; whoever is killed leaves `at`.
    """

    def __init__(self, path: Path, at: Path, handle: int) -> None:
        self.path = path
        """Its final name, links resolved."""
        self.at = at
        """Where it is written: its part, or `path` itself."""
        self._handle: int | None = handle
        self._was_empty = os.fstat(handle).st_size == 0

    @classmethod
    def begin(cls, path: Path, patience: float = _CLAIM_SECONDS) -> OutputFile:
        """Take the name `path`, and its part to write to, which may hold what a killed process left.

        Raises `Taken` where another process still writes that name after `patience` seconds, `SinkError` where nothing
        can be written there.
        """
        final = resolved(path)
        check_output_folder(final)
        with disk_errors(final):
            file = cls(final, *_claim_part(final, patience))
            if is_locked(final, patience):  # a recording, which is written under its own name
                file.release()
                raise Taken(final)
        return file

    @classmethod
    def new(cls, path: Path) -> OutputFile | None:
        """A new file that is written under its own name; None where there is one, or another process writes it.

        An empty file that nobody writes is as good as none. Raises `SinkError`.
        """
        final = resolved(path)
        check_output_folder(final)
        with disk_errors(final):
            handle = claim_new(final)
            if handle is None:
                return None
            file = cls(final, final, handle)
            if is_locked(
                part_path(final), _CLAIM_SECONDS
            ):  # a file that will take this name when it is whole
                file.release()
                return None
        return file

    @classmethod
    def numbered(cls, path: Path) -> OutputFile:
        """The first of `day.mp4`, `day-2.mp4`, `day-3.mp4` ... that can be had as `new`; raises as that."""
        for number in range(1, _MOST_NAMES):
            file = cls.new(_beside(path, f"-{number}") if number > 1 else path)
            if file is not None:
                return file
        raise SinkError(f"there are {_MOST_NAMES} recordings {path} already", "choose another name or folder")

    def open(self) -> BinaryIO:
        """The file, emptied."""
        return io.BufferedWriter(self.open_raw())

    def open_raw(self) -> io.FileIO:
        """The same without a buffer."""
        assert self._handle is not None
        os.ftruncate(self._handle, 0)
        raw = io.FileIO(os.dup(self._handle), "wb")
        raw.seek(0)
        return raw

    def finish(self, *, flushed: bool = True) -> None:
        """Give it its final name, in the place of what bears it, `flushed` to disk before. Raises `SinkError`."""
        with disk_errors(self.path):
            assert self._handle is not None
            if flushed:
                os.fsync(self._handle)
            if os.name == "nt":
                self._unlock()  # no open file is renamed there
            if self.at != self.path:
                self.at.replace(self.path)
            if flushed:
                flush_folder(self.path.parent)
        self._unlock()

    def discard(self) -> None:
        """Take away what was written; does nothing after `finish`."""
        if self._handle is not None:
            with suppress(OSError):
                self.at.unlink(missing_ok=True)
        self._unlock()

    def release(self) -> None:
        """Let go of the name and leave the file as it is, unless it is as empty as it was at the start."""
        if self._handle is not None and self._was_empty and os.fstat(self._handle).st_size == 0:
            self.discard()
        self._unlock()

    def _unlock(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


@contextmanager
def whole_file(path: Path, *, full: str = FREE_SPACE, flushed: bool = True) -> Iterator[BinaryIO]:
    """A file to write, which takes the name `path` when the block is left; what failed half-way is taken away.

    A device, a pipe or what is this process's own output has no name to take: it is written as it is. Raises `DiskFull`
    where there is no space (with the cure `full`), `SinkError` where it cannot be written for another reason, `Taken`
    where another process writes it for more than a few seconds.
    """
    with disk_errors(path, full):
        if is_stream(path):
            with path.open("wb") as stream:
                yield stream
            return
        file = OutputFile.begin(path, LOCK_SECONDS)
        try:
            with file.open() as opened:
                yield opened
            file.finish(flushed=flushed)
        except BaseException:
            file.discard()
            raise


def write_whole(path: Path, data: bytes, *, flushed: bool = True) -> None:
    """Write a file that appears under its name only when all of it is there; raises as `whole_file`.

    Many small files are better not `flushed` one by one, which takes longer than drawing them: see `flush`.
    """
    with whole_file(path, flushed=flushed) as file:
        file.write(data)


def flush(paths: Iterable[Path]) -> None:
    """Bring to disk what was written with `flushed=False`, as far as it is still there. Raises `SinkError`."""
    folders = set()
    for path in paths:
        with disk_errors(path), suppress(FileNotFoundError):
            _flush_file(path)
            folders.add(path.parent)
    for folder in folders:
        flush_folder(folder)


@contextmanager
def private_part(path: Path) -> Iterator[Path]:
    """A name beside `path` that no other process writes to; nothing is left under it.

    For caches, whose files several processes may make at once, and for writers that make a file of their own under the
    name that they get. `promote` gives it its final name.
    """
    part = _private(path)
    try:
        yield part
    finally:
        part.unlink(missing_ok=True)


def promote(part: Path, final: Path) -> None:
    """Flush the finished `part` to disk and give it its name, in the place of what bears it. Raises `OSError`."""
    _flush_file(part)
    part.replace(final)
    flush_folder(final.parent)


def resolved(path: Path) -> Path:
    """Where writing to `path` ends: behind a symbolic link, else `path` itself. Raises `SinkError` for a circle."""
    if not path.is_symlink():
        return path
    real = Path(os.path.realpath(path))
    if real.is_symlink():
        raise SinkError(f"the link {path} leads nowhere", "remove it, or choose another name")
    return real


def part_path(final: Path) -> Path:
    """The unfinished file beside `final`: `depth.mp4` is written as `depth.part.mp4`.

    The suffix stays last, so that whatever picks a format by it (and a player, for a kept part) still can. A name that
    would get too long is cut, and told from its like by a few digits.
    """
    return _beside(final, ".part")


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


def flush_folder(folder: Path) -> None:
    """Bring the names in a folder to disk, where the system can do that."""
    with suppress(OSError):  # Windows opens no folder, and some network file systems flush none
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def disk_errors(path: Path, full: str = FREE_SPACE) -> Iterator[None]:
    """Turn what the system says while `path` is written into ours; `full` is the cure of a full disk."""
    try:
        yield
    except StreamdepthError:
        raise
    except OSError as error:
        raise from_os_error(error, path, full) from error


def from_os_error(error: BaseException, path: Path, full: str = FREE_SPACE) -> SinkError:
    """Our error for one that the system, or PyAV (its errors carry `errno` too), raised while writing `path`.

    DiskFull where there is no space or quota left, NameRefused for a name, else SinkError. Raise it `from` the error.
    """
    code = getattr(error, "errno", None)
    if code in _FULL:
        return DiskFull(f"the disk of {path} is full", full)
    if code in _NOT_WRITABLE:
        return SinkError(f"{path} is not writable", "choose another folder, or change its permissions")
    if code == errno.EROFS:
        return SinkError(f"the disk of {path} is read-only", "choose another folder")
    if code == errno.ENAMETOOLONG:
        return NameRefused(f"the name {path.name} is too long for this disk", "choose a shorter one")
    if code == errno.EILSEQ:
        return NameRefused(f"this disk takes no name such as {path.name}", "choose one in plain letters")
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return SinkError(f"{path} cannot be written: {reason}", "check the path and the disk, then run again")


def _claim_part(final: Path, patience: float) -> tuple[Path, int]:
    part = part_path(final)
    try:
        handle = claim(part, patience)
    except NoLocks:
        _remove_empty(part)
        part = _private(final)
        handle = create(part)
    if handle is None:
        raise Taken(final)
    return part, handle


def _beside(final: Path, mark: str) -> Path:
    """`final` with `mark` before its suffix; the stem is cut where the name would get too long."""
    name = f"{final.stem}{mark}{final.suffix}"
    if len(os.fsencode(name)) <= _LONGEST_NAME:
        return final.with_name(name)
    digits = hashlib.sha256(os.fsencode(final.name)).hexdigest()[:8]
    end = f"~{digits}{mark}{final.suffix}"
    room = _LONGEST_NAME - len(os.fsencode(end))
    return final.with_name(os.fsencode(final.stem)[:room].decode(errors="ignore") + end)


def _private(final: Path) -> Path:
    return _beside(final, f".{uuid.uuid4().hex[:8]}.part")


def _remove_empty(part: Path) -> None:
    with suppress(OSError):
        if part.stat().st_size == 0:
            part.unlink()


def _flush_file(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
