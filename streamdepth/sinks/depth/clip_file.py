"""All depth maps of a clip in one file, with its index beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from io import BytesIO
from pathlib import Path

from av.error import FFmpegError

from streamdepth.depthfiles.clip import Clip
from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.formats import CLIPS
from streamdepth.depthfiles.index import IndexWriter, SetFacts
from streamdepth.depthfiles.spool import Overview, SpoolReader
from streamdepth.errors import SinkError
from streamdepth.files import index_path, settle, whole_file
from streamdepth.sinks.depth.taken import Taken


class ClipFile:
    """The file, which appears whole; its index, which is written before, appears after it."""

    def __init__(self, path: Path, rate: Fraction | None) -> None:
        self._path = path
        self._rate = rate

    @property
    def warnings(self) -> Sequence[str]:
        """None: all maps are in it, or there is no file."""
        return ()

    def write_all(
        self,
        spool: SpoolReader,
        seen: Overview,
        taken: Taken,
        reported: Callable[[Iterator[Entry]], Iterator[Entry]],
    ) -> None:
        """Write all of a spool, its maps in one size; raises `SinkError`."""
        fit = taken.fitting(seen.size)
        scale = taken.scale(seen.low, seen.high)
        size = next(fit.size(head) for head in spool.heads())
        facts = replace(taken.facts(scale, size), file=self._path.name)
        index = _index(map(fit.head, spool.heads()), facts)
        entries = map(fit, reported(iter(spool)))
        self._write(Clip(entries, seen.count, size, scale, _json(facts), index, self._rate))

    def _write(self, clip: Clip) -> None:
        try:
            # Both are written before one takes its name: an index of an earlier run would describe other depth.
            with whole_file(index_path(self._path)) as index, whole_file(self._path) as file:
                index.write(clip.index)
                settle(index)
                CLIPS[self._path.suffix.lower()].write(file, clip)
        except FFmpegError as error:
            raise SinkError(
                f"{self._path} cannot be written: {error.strerror}", "choose .npz, or a folder"
            ) from error


def _index(heads: Iterator[Entry], facts: SetFacts) -> bytes:
    index = BytesIO()
    writer = IndexWriter(index)
    for head in heads:
        writer.add(head)
    writer.finish(facts)
    return index.getvalue()


def _json(facts: SetFacts) -> bytes:
    return json.dumps(facts.to_json()).encode()
