"""Depth maps as a file each, with one index for all of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import astuple, replace
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from streamdepth.depthfiles.entry import Entry
from streamdepth.depthfiles.formats import MAPS
from streamdepth.depthfiles.index import INDEX_NAME, IndexWriter, SetFacts, entry_to_json
from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.depthfiles.values import Plane
from streamdepth.files import OutputFile, disk_errors
from streamdepth.files.output import LOCK_SECONDS
from streamdepth.sinks.picture_files import PictureFile, PictureFolder


class MapFile:
    """Writes the only entry there is into one file, with its index beside it."""

    def __init__(self, place: PictureFile, suffix: str) -> None:
        self._place = place
        self._suffix = suffix

    def write(self, entry: Entry, source: Entry, scale: Scale, facts: SetFacts) -> None:
        """Write it, fitted; `source` is the same as it came."""
        with self._place.entry(entry) as (path, index):
            index_bytes = BytesIO()
            writer = IndexWriter(index_bytes)
            writer.add(entry, path.name)
            named = replace(facts, file=path.name)
            writer.finish(named, also=sidecar(entry, source, scale, facts))
            data = encoded(self._suffix, entry, scale, facts)
            # The index takes its name first: a picture that is there can be read.
            self._place.put((path, data), (index, index_bytes.getvalue()))

    @property
    def warnings(self) -> Sequence[str]:
        """None: a name that does not go is an error."""
        return ()

    def close(self, facts: SetFacts | None, *, complete: bool) -> None:
        """All is on disk already."""


class MapFolder:
    """Writes each entry into a file of its own in a folder; a PNG has its facts in a .json beside it as well."""

    def __init__(self, place: PictureFolder, suffix: str) -> None:
        self._place = place
        self._suffix = suffix
        self._index: tuple[OutputFile, BinaryIO, IndexWriter] | None = None

    def write(self, entry: Entry, source: Entry, scale: Scale, facts: SetFacts) -> None:
        """Write one that is fitted; `source` is the same as it came."""
        with self._place.entry(entry) as paths:
            data = encoded(self._suffix, entry, scale, facts)
            text = json.dumps(sidecar(entry, source, scale, facts), indent=2).encode()
            self._place.put((paths[0], data), *((beside, text) for beside in paths[1:]))
            own = None if facts.scale == scale or facts.is_exact else scale
            self._index_in(paths[0].parent).add(entry, paths[0].name, own)

    @property
    def warnings(self) -> Sequence[str]:
        """One sentence for each frame whose name the disk does not take."""
        return self._place.warnings

    def close(self, facts: SetFacts | None, *, complete: bool) -> None:
        """Bring all of it to disk, the index last."""
        self._place.close()
        if self._index is None or facts is None:
            return
        (file, stream, writer), self._index = self._index, None
        with disk_errors(file.path):
            writer.finish(facts, complete=complete)
            stream.close()
            file.finish()

    def _index_in(self, folder: Path) -> IndexWriter:
        if self._index is None:
            file = OutputFile.begin(folder / INDEX_NAME, LOCK_SECONDS)
            stream = file.open()
            self._index = file, stream, IndexWriter(stream)
        return self._index[2]


def encoded(suffix: str, entry: Entry, scale: Scale, facts: SetFacts) -> bytes:
    """The file of one map; raises SinkError where it cannot be encoded."""
    write = MAPS[suffix].write
    assert write is not None, suffix
    return write(Plane(entry.values, scale, {**facts.to_json(), **entry_to_json(entry)}))


def sidecar(entry: Entry, source: Entry, scale: Scale, facts: SetFacts) -> dict[str, Any]:
    """What the .json beside a PNG has said before there was an index, and still does."""
    height, width = entry.values.shape
    pixels = {
        "formula": f"{facts.meaning.name.lower()}_depth = offset + scale * pixel",
        "scale": scale.scale,
        "offset": scale.offset,
    }
    return {
        **({} if facts.is_exact else pixels),
        "meaning": facts.meaning.value,
        "width": width,
        "height": height,
        "source_width": source.source[0],
        "source_height": source.source[1],
        **({} if source.inner is None else {"source_inner": list(astuple(source.inner))}),
        "pts": f"{entry.pts.numerator}/{entry.pts.denominator}",
        "index": entry.index,
    }
