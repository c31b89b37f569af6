"""A file that is written under another name, or alone under its own, and then whole."""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from streamdepth.errors import SinkError
from streamdepth.files.checks import check_output_folder, is_stream
from streamdepth.files.errors import FREE_SPACE, Taken, disk_errors
from streamdepth.files.flush import flush_folder
from streamdepth.files.lock import NoLocks, claim, claim_new, create, is_locked
from streamdepth.files.names import beside, part_path, private_path, resolved, second_part_path
from streamdepth.files.patient import Patience, PatientFile

LOCK_SECONDS = 5.0
"""For how long a short write waits for another process that writes the same name."""
_CLAIM_SECONDS = 0.5
"""For how long a name that is taken is asked for: another process may only be looking whether it is."""
_MOST_NAMES = 100_000


class OutputFile:
    """A file that is being written, by this process alone. Its owner writes to `at` and then calls a method to end.

    Until something is written there is no more than an empty file; a killed process leaves `at`.
    """

    def __init__(self, path: Path, at: Path, handle: int) -> None:
        self.path = path
        """Its final name, links resolved."""
        self.at = at
        """Where it is written: its part, or `path` itself."""
        self._handle: int | None = handle
        self._second: tuple[Path, int] | None = None
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

    @property
    def can_be_found(self) -> bool:
        """Whether a later run finds what this one leaves: where there are no locks each part has a name of its own."""
        return self.at == part_path(self.path)

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
            file = cls.new(beside(path, f"-{number}") if number > 1 else path)
            if file is not None:
                return file
        raise SinkError(f"there are {_MOST_NAMES} recordings {path} already", "choose another name or folder")

    def open(self) -> BinaryIO:
        """The file, emptied."""
        return io.BufferedWriter(self.open_raw())

    def open_raw(self, patience: Patience | None = None, keep: int = 0) -> io.FileIO:
        """The same without a buffer, behind the first bytes of it that are to be kept.

        With `patience`, a full disk is waited for as `PatientFile` does.
        """
        assert self._handle is not None
        return _cut(self._handle, patience, keep)

    def open_second(self, patience: Patience | None = None) -> io.FileIO:
        """A second file, empty, which is to take the place of `at` (`take_second`); until then `at` stays as it is."""
        second = second_part_path(self.path)
        handle = claim(second, _CLAIM_SECONDS)
        if handle is None:
            raise Taken(self.path)
        self._second = second, handle
        return _cut(handle, patience)

    def sync(self) -> None:
        """Bring to disk what was written so far. Raises `SinkError`, also where it was taken away meanwhile."""
        at, handle = (self.at, self._handle) if self._second is None else self._second
        assert handle is not None
        with disk_errors(self.path):
            os.fsync(handle)
        _check_there(at)

    def take_second(self) -> None:
        """Put the second file, if there is one, into the place of what was in `at` before. Raises `SinkError`."""
        if self._second is None:
            return
        (second, handle), self._second = self._second, None
        self._unlock()
        self._handle = handle
        with disk_errors(self.path):
            second.replace(self.at)

    def finish(self, *, flushed: bool = True) -> None:
        """Give it its final name, in the place of what bears it, `flushed` to disk before. Raises `SinkError`."""
        self.take_second()
        _check_there(self.at)
        with disk_errors(self.path):
            assert self._handle is not None
            if flushed:
                os.fsync(self._handle)
            if self.at != self.path:
                _keep_mode(self._handle, self.path)
            if os.name == "nt":
                self._unlock()  # no open file is renamed there
            if self.at != self.path:
                self.at.replace(self.path)
            if flushed:
                flush_folder(self.path.parent)
        self._unlock()

    def discard(self) -> None:
        """Take away what was written; does nothing after `finish`."""
        if not self._drop_second() and self._handle is not None:
            with suppress(OSError):
                self.at.unlink(missing_ok=True)
        self._unlock()

    def release(self) -> None:
        """Let go of the name and leave the file as it is, unless it is as empty as it was at the start.

        Of two files the first is left: the second was to become what it is, and more.
        """
        self._drop_second()
        if self._handle is not None and self._was_empty and os.fstat(self._handle).st_size == 0:
            self.discard()
        self._unlock()

    def _drop_second(self) -> bool:
        """Take the second file away; False where there is none."""
        second, self._second = self._second, None
        if second is None:
            return False
        with suppress(OSError):
            second[0].unlink(missing_ok=True)
        os.close(second[1])
        return True

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


def write_together(*files: tuple[Path, bytes], flushed: bool = True) -> None:
    """Write files that are of no use alone: all are written before the first takes its name; raises as `whole_file`.

    The last that is named takes its name first.
    """
    with ExitStack() as stack:
        for path, data in files:
            file = stack.enter_context(whole_file(path, flushed=flushed))
            file.write(data)
            settle(file, flushed=flushed)


def settle(file: BinaryIO, *, flushed: bool = True) -> None:
    """All of what was written to a `whole_file` has its place on disk, so that another one may take its name now."""
    file.flush()
    if flushed and stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        os.fsync(file.fileno())


def _claim_part(final: Path, patience: float) -> tuple[Path, int]:
    part = part_path(final)
    try:
        handle = claim(part, patience)
    except NoLocks:
        _remove_empty(part)
        part = private_path(final)
        handle = create(part)
    if handle is None:
        raise Taken(final)
    return part, handle


def _cut(handle: int, patience: Patience | None, keep: int = 0) -> io.FileIO:
    os.ftruncate(handle, keep)
    own = os.dup(handle)
    raw = io.FileIO(own, "wb") if patience is None else PatientFile(own, patience)
    raw.seek(keep)
    return raw


def _keep_mode(handle: int, replaced: Path) -> None:
    """Give a file the permissions of the one whose place it takes, if there is one."""
    if os.name == "nt":
        return
    with suppress(OSError):  # it is the first of its name, or the disk has no permissions (FAT, SMB)
        os.fchmod(handle, replaced.stat().st_mode & 0o777)


def _check_there(at: Path) -> None:
    """Raise `SinkError` where a file that is written lost its name: the system takes all that is written to it then."""
    if not at.exists():
        what = at if at.parent.exists() else f"the folder {at.parent}, with {at.name} in it,"
        raise SinkError(
            f"{what} was removed while it was being written", "choose a place that stays, then run again"
        )


def _remove_empty(part: Path) -> None:
    with suppress(OSError):
        if part.stat().st_size == 0:
            part.unlink()
