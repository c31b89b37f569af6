"""The spool of an output while it is written: its name, its place on disk, and what a later run finds of it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.spool import SUFFIX, SpoolReader, SpoolWriter
from streamdepth.errors import SourceError, StopRequested
from streamdepth.files import OutputFile, Patience, disk_errors, part_path, with_end

_BUFFER = 1 << 20


def place_of_spool(output: Path) -> Path:
    """The spool of an output: `depth.mkv.spool`, whose part is written."""
    return with_end(output, SUFFIX)


class SpoolFile:
    """Takes the name `path` and writes a spool to its part.

    With `patience` a full disk is waited for. Raises `SinkError`, `DiskFull`.
    """

    def __init__(self, path: Path, patience: Patience | None = None) -> None:
        self._file = OutputFile.begin(path)
        self._patience = patience
        self.stays: Callable[[], bool] = lambda: False
        """Whether a later run could go on with the part: then it is left where it is, also when all of it was read."""
        self._keep = 0
        self._stream: io.BufferedWriter | None = None
        self._writer: SpoolWriter | None = None
        self.count = 0
        """Maps in it."""
        self.is_read = False
        """Whether all of it is elsewhere by now."""

    @property
    def at(self) -> Path:
        """Where it is written."""
        return self._file.at

    @property
    def can_be_found(self) -> bool:
        """Whether a later run finds what this one leaves."""
        return self._file.can_be_found

    @property
    def is_open(self) -> bool:
        """Whether there was a map in this run."""
        return self._writer is not None

    def go_on_after(self, count: int) -> bool:
        """Keep the first `count` maps that an earlier run left; False where they are not all there."""
        with disk_errors(self.at):
            try:
                whole, length = SpoolReader(self.at).length_of(count)
            except SourceError:
                return count == 0
        if whole == count and count:
            self._keep, self.count = length, count
        return whole == count

    def write(self, entry: Entry, facts: Callable[[], Mapping[str, Any]]) -> None:
        """Add a map; `facts` are asked for where it is the first in the file."""
        with disk_errors(self.at):
            if self._writer is None:
                self._stream = io.BufferedWriter(self._file.open_raw(self._patience, self._keep), _BUFFER)
                self._writer = SpoolWriter(self._stream, None if self._keep else facts())
            self._writer.write(entry)
        self.count += 1

    def sync(self) -> None:
        """Bring to disk what was written so far."""
        if self._stream is not None:
            with disk_errors(self.at):
                self._stream.flush()
            self._file.sync()

    def close(self) -> None:
        """Nothing more is written; what has no room where nobody waits for it is lost."""
        stream, self._stream = self._stream, None
        if stream is None:
            return
        try:
            with disk_errors(self.at):
                stream.close()
        except StopRequested:
            return

    def reader(self) -> SpoolReader:
        """What is in it."""
        return SpoolReader(self.at)

    def keep(self) -> Path:
        """Leave it for a later run, or else for whoever reads it, under its name; returns where it is."""
        if self.stays():
            self._file.release()
            return self._file.at
        self._file.finish()
        return self._file.path

    def done(self) -> None:
        """All of it was read: it goes, unless it stays until a film is whole as well."""
        self.is_read = True
        if not self.stays():
            self.discard()

    def release(self) -> None:
        """Let go of the name; what is there stays as it is."""
        self._file.release()

    def discard(self) -> None:
        """Take it away."""
        self._file.discard()


def part_of_spool(output: Path) -> Path:
    """Where the spool of an output is while it is written."""
    return part_path(place_of_spool(output))
