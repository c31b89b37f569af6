"""Depth of a clip whose range is known only when it is over: maps wait on disk, and are written then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

from streamdepth.counted import byte_size
from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.spool import SUFFIX, Overview, SpoolReader, spool_bytes
from streamdepth.depthfiles.spool_file import SpoolFile, place_of_spool
from streamdepth.files import part_path, resolved, with_end
from streamdepth.frames import Rendered, SourceInfo
from streamdepth.sinks.depth.options import DepthOptions
from streamdepth.sinks.depth.taken import Taken

_MANY = 3000
"""Maps whose writing is worth a word."""
_MUCH = 1_000_000_000
"""Bytes of a spool that are worth a word before."""


class Stopped(Exception):
    """The run was ended from outside while maps were being written."""


def _place(path: Path, origin: Path | None) -> Path:
    """The spool of an output, whose part is not what the input is: what a killed run left is read, not written."""
    spool = place_of_spool(path)
    is_origin = origin is not None and part_path(resolved(spool)).resolve() == origin.resolve()
    return with_end(path, f".again{SUFFIX}") if is_origin else spool


class Target(Protocol):
    """What the maps are written to in the end."""

    @property
    def warnings(self) -> Sequence[str]:
        """One sentence for each map that was left out."""

    def write_all(
        self,
        spool: SpoolReader,
        seen: Overview,
        taken: Taken,
        reported: Callable[[Iterator[Entry]], Iterator[Entry]],
    ) -> None:
        """Write all of a spool; `reported` wraps its entries to report progress."""


class SpooledSink:
    """Keeps the maps of a clip on disk until their range is known, and writes them when the clip is over.

    A run that is ended before leaves the spool, `depth.mkv.spool` of `depth.mkv`: `--input` takes it. Where depth
    comes from a file, that has all of it, and nothing is left.
    """

    def __init__(
        self, target: Target, path: Path, taken: Taken, options: DepthOptions, info: SourceInfo
    ) -> None:
        self._target = target
        self._path = path
        self._taken = taken
        self._options = options
        self._count = info.frame_count
        self._is_copy = info.depth is not None
        self._spool = options.spool or SpoolFile(_place(path, info.origin))
        self.kept: Path | None = None
        """The spool of a run that ended early."""

    @property
    def warnings(self) -> Sequence[str]:
        """What the target has to say, and what has no metres."""
        return [*self._taken.warnings, *self._target.warnings]

    def write(self, rendered: Rendered) -> None:
        """Keep one depth map; raises DiskFull or SinkError."""
        entry = self._taken(rendered)
        if entry is None:
            return
        if not self._spool.is_open:
            self._report_size(entry)
        self._spool.write(entry, lambda: self._taken.facts().to_json())

    def close(self, *, complete: bool = True) -> None:
        """Write all of them, or keep the spool where the run ended early or nothing more fits on the disk."""
        if not self._spool.is_open:
            self._spool.release()
            self._taken.check()
            return
        try:
            self._spool.close()
            if not complete or self._options.is_stopped():
                raise Stopped
            self._write_all(self._spool.reader())
        except BaseException as error:
            self._keep()
            if not isinstance(error, Stopped):
                if self.kept is not None:
                    self._options.notify(f"all depth is kept in {self.kept}, and --input takes it")
                raise
        else:
            self._spool.done()

    def _keep(self) -> None:
        if self._is_copy:
            self._spool.discard()
        else:
            self.kept = self._spool.keep()

    def _report_size(self, first: Entry) -> None:
        height, width = first.values.shape
        if self._count is not None and (size := spool_bytes(self._count, (width, height))) > _MUCH:
            self._options.notify(
                f"the depth of {self._count} pictures waits in {self._spool.at} until the last is there: "
                f"{byte_size(size)}"
            )

    def _write_all(self, spool: SpoolReader) -> None:
        seen = spool.overview()
        if seen is None:
            return
        if seen.count > _MANY:
            self._options.notify(f"writing {seen.count} depth maps to {self._path}")
        self._target.write_all(spool, seen, self._taken, self._until_stopped)

    def _until_stopped(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        for entry in entries:
            if self._options.is_stopped():
                raise Stopped
            yield entry
