"""Depth that is written map by map, as it comes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from streamdepth.depthfiles.entry import Entry, Map
from streamdepth.depthfiles.index import SetFacts
from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.depthfiles.spool import Overview, SpoolReader
from streamdepth.frames import Rendered
from streamdepth.sinks.depth.ranges import FrameScale
from streamdepth.sinks.depth.taken import Taken


class Files(Protocol):
    """Where maps go that have a file each."""

    @property
    def warnings(self) -> Sequence[str]:
        """One sentence for each frame whose name the disk does not take."""

    def write(self, entry: Entry, source: Entry, scale: Scale, facts: SetFacts) -> None:
        """Write one that is fitted; `source` is the same as it came."""

    def close(self, facts: SetFacts | None, *, complete: bool) -> None:
        """Bring all of it to disk, the index last; without `facts` there was none."""


class DepthSink:
    """Writes each map at once, in a scale of its own, or of a live source in that of the range so far."""

    def __init__(self, files: Files, taken: Taken, scale: Callable[[Map], Scale]) -> None:
        self._files = files
        self._taken = taken
        self._scale = scale

    @property
    def warnings(self) -> Sequence[str]:
        """One sentence for each frame of a folder whose name the disk does not take, and on what has no metres."""
        return [*self._taken.warnings, *self._files.warnings]

    def write(self, rendered: Rendered) -> None:
        """Write one depth map; raises DiskFull or SinkError."""
        source = self._taken(rendered)
        if source is not None:
            entry = self._taken.fitting()(source)
            self._files.write(entry, source, self._scale(source.values), self._taken.facts())

    def close(self, *, complete: bool = True) -> None:
        """Bring to disk what is not yet there; between frames nothing is open, and none is unfinished."""
        self._files.close(None if self._taken.is_empty else self._taken.facts(), complete=complete)
        self._taken.check()


class SpooledFiles:
    """The same files at the end of a clip: a `Target`. They have the scale of all of it, or each its own."""

    def __init__(self, files: Files, *, has_one_range: bool = True) -> None:
        self._files = files
        self._has_one_range = has_one_range

    @property
    def warnings(self) -> Sequence[str]:
        """As of a `DepthSink`."""
        return self._files.warnings

    def write_all(
        self,
        spool: SpoolReader,
        seen: Overview,
        taken: Taken,
        reported: Callable[[Iterator[Entry]], Iterator[Entry]],
    ) -> None:
        """Write all of a spool; raises DiskFull or SinkError."""
        of_all = taken.scale(seen.low, seen.high) if self._has_one_range else None
        own, facts, fit = FrameScale(taken.scale), taken.facts(of_all), taken.fitting()
        try:
            for entry in reported(iter(spool)):
                self._files.write(fit(entry), entry, of_all or own(entry.values), facts)
        except BaseException:
            self._files.close(facts, complete=False)
            raise
        self._files.close(facts, complete=True)
