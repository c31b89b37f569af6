"""Depth that was written with `--depth-output`, read back map by map with its meaning and timestamps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from streamdepth.depthfiles.entry import Entry, Map, Size
from streamdepth.depthfiles.formats import CLIPS, MAPS, ClipFormat
from streamdepth.depthfiles.index import (
    INDEX_NAME,
    Index,
    Listed,
    SetFacts,
    files_in_index,
    is_index_of,
    read_index,
)
from streamdepth.depthfiles.matroska import mkv_times, read_mkv_index
from streamdepth.depthfiles.numpy_files import read_npz_facts
from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.depthfiles.spool import SUFFIX, SpoolReader
from streamdepth.depthfiles.stacked_film import completed, stacked_entries
from streamdepth.depthfiles.values import DAMAGED, Values
from streamdepth.errors import SourceError, SourceMissing
from streamdepth.files import index_path, read_bytes
from streamdepth.frames import DepthMap, DepthMeaning, Frame
from streamdepth.pixels import Rectangle
from streamdepth.values import dataclass

_WRITE = "name what --depth-output wrote: a folder, a file with its .json, or an .mkv"


@dataclass(frozen=True)
class DepthFiles:
    """A set of depth maps on disk: iterate over it, as often as wanted, for each `DepthMap`.

    Each has its `values`, (h, w) float32 of what is inside the bars of the picture, `meaning`, `pts` and `name`, and
    `frame` with the picture where it was recorded with it.
    Iterating raises SourceError where a file is missing or damaged.
    """

    path: Path
    index: Index

    @property
    def meaning(self) -> DepthMeaning:
        """What the values say."""
        return self.index.facts.meaning

    @property
    def source_size(self) -> Size | None:
        """(width, height) of the pictures that the depth is of, where it is known."""
        return self.index.source

    def __len__(self) -> int:
        """How many there are."""
        return len(self.index.pictures)

    def __iter__(self) -> Iterator[DepthMap]:
        """Every map, in the order of their pictures."""
        for entry in self.entries():
            yield DepthMap(entry.values, self.meaning, frame_of(entry), entry.pts, entry.name)

    def entries(self) -> Iterator[Entry]:
        """The same with all that is known of each picture."""
        if self.index.facts.is_stacked:
            yield from stacked_entries(self.path)
            return
        scale, count = self.index.facts.scale, 0
        for listed, stored in zip(self.index.pictures, self._stored(), strict=False):
            count += 1
            scale = listed.scale or scale
            values = _values(self.path, stored, listed, scale)
            size = self.index.source or (values.shape[1], values.shape[0])
            yield Entry(values, listed.index, listed.pts, size, listed.name, listed.inner)
        if count < len(self):
            raise SourceError(
                f"{self.path} is cut short: it has {count} of its {len(self)} depth maps", DAMAGED
            )

    def _stored(self) -> Iterator[Values]:
        clip = _clip_format(self.path)
        if self.path.suffix.lower() == SUFFIX:
            yield from (entry.values for entry in SpoolReader(self.path))
        elif clip is not None and not self._is_one_map:
            yield from clip.read(self.path)
        else:
            folder = self.path if self.path.is_dir() else self.path.parent
            for listed in self.index.pictures:
                file = folder / listed.file if listed.file else self.path
                yield MAPS[file.suffix.lower()].read(file, read_bytes(file))

    @property
    def _is_one_map(self) -> bool:
        return bool(self.index.pictures) and self.index.pictures[0].file == self.path.name


def frame_of(entry: Entry) -> Frame | None:
    """The picture that a map was recorded with."""
    seen = entry.seen
    if seen is None:
        return None
    return Frame(entry.index, entry.pts, 0.0, seen.picture, span=seen.span, measured=seen.measured)


def open_depth(path: str | PathLike[str]) -> DepthFiles:
    """Open depth that `--depth-output` wrote, in any of its forms, or a recording of a live stream that carries depth.

    `path` is a folder of files, a file of one map, or a film or an archive of all of them; its index is found by
    itself. Maps of a recording have their picture in `frame`. Raises SourceMissing where there is no such path,
    SourceError where it is no depth of ours or damaged.
    """
    wanted = Path(path)
    if not wanted.exists():
        raise SourceMissing(f"there is no depth at {wanted}", _WRITE)
    return DepthFiles(wanted, _completed(wanted, _index_of(wanted)))


def is_depth(path: Path) -> bool:
    """Whether `open_depth` has an index for what is there: an ordinary film, picture or folder has none."""
    if not path.exists():
        return False
    try:
        _index_of(path)
    except SourceError:
        return False
    return True


def _index_of(path: Path) -> Index:
    suffix = path.suffix.lower()
    if path.is_dir():
        return _index_of_folder(path)
    if suffix == SUFFIX:
        return _index_of_spool(path)
    beside = index_path(path)
    if is_index_of(path, beside):
        return read_index(beside)
    if suffix in MAPS and path.name in files_in_index(path.parent / INDEX_NAME):
        return _of_one(path.name, read_index(path.parent / INDEX_NAME))
    inside = read_mkv_index(path) if suffix == ".mkv" else read_npz_facts(path) if suffix == ".npz" else None
    if inside is not None:
        return read_index(path, inside)
    if suffix in MAPS and beside.is_file():
        return _of_sidecars(path.parent, [path])
    raise SourceError(f"it is not known what the values of {path} mean", _WRITE)


def _index_of_folder(path: Path) -> Index:
    if (path / INDEX_NAME).is_file():
        return read_index(path / INDEX_NAME)
    files = sorted(file for file in path.glob("*.png") if index_path(file).is_file())
    if not files:
        raise SourceError(f"{path} holds no depth that streamdepth wrote", _WRITE)
    return _of_sidecars(path, files)


def _of_one(file: str, index: Index) -> Index:
    """What the index of a folder says of one file in it: a picture by itself, with the scale of all."""
    place = next(place for place, listed in enumerate(index.pictures) if listed.file == file)
    scales = (listed.scale for listed in index.pictures[place::-1] if listed.scale is not None)
    origin = dict(index.facts.origin)
    source = {name: value for name, value in origin.get("source", {}).items() if name != "rate"}
    facts = replace(
        index.facts,
        range="frame",
        scale=next(scales, index.facts.scale),
        origin={**origin, "source": source},
    )
    return Index(facts, index.source, (index.pictures[place],))


def _completed(path: Path, index: Index) -> Index:
    """With the timestamps of the film itself, where its index is its tag alone."""
    if index.pictures or path.suffix.lower() != ".mkv":
        return index
    if index.facts.is_stacked:
        return completed(path, index)
    times = enumerate(mkv_times(path))
    return replace(index, pictures=tuple(Listed("", number, pts, "") for number, pts in times))


def _index_of_spool(path: Path) -> Index:
    reader = SpoolReader(path)
    facts = read_index(path, json.dumps({**reader.facts, "streamdepth": "depth"}).encode())
    listed = tuple(Listed("", one.index, one.pts, one.name, inner=one.inner) for one in reader.heads())
    source = next((one.source for one in reader.heads()), None)
    return replace(facts, pictures=listed, source=source)


def _of_sidecars(folder: Path, files: list[Path]) -> Index:
    """Of PNGs with a .json each, as they were written before there was an index."""
    sidecars = [_sidecar(index_path(file)) for file in files]
    pictures = sorted((_listed(file, facts) for file, facts in zip(files, sidecars, strict=True)), key=_order)
    try:
        meaning = DepthMeaning(sidecars[0]["meaning"])
        source = (int(sidecars[0]["source_width"]), int(sidecars[0]["source_height"]))
    except (KeyError, ValueError, TypeError) as error:
        raise SourceError(f"the .json files in {folder} do not say what the depth means", _WRITE) from error
    return Index(SetFacts(meaning, "frame"), source, tuple(pictures))


def _order(listed: Listed) -> tuple[Fraction, int]:
    return listed.pts, listed.index


def _listed(file: Path, facts: dict[str, Any]) -> Listed:
    try:
        scale = Scale(float(facts["scale"]), float(facts["offset"]))
        inner = Rectangle(*facts["source_inner"]) if "source_inner" in facts else None
        return Listed(file.name, int(facts["index"]), Fraction(facts["pts"]), "", scale, inner=inner)
    except (KeyError, ValueError, TypeError, ZeroDivisionError) as error:
        raise SourceError(
            f"the .json beside {file} does not say how to recover its values", _WRITE
        ) from error


def _sidecar(path: Path) -> dict[str, Any]:
    try:
        document = json.loads(read_bytes(path))
    except ValueError as error:
        raise SourceError(f"{path} is not JSON", _WRITE) from error
    return document if isinstance(document, dict) else {}


def _values(path: Path, stored: Values, listed: Listed, scale: Scale | None) -> Map:
    if stored.ndim == 3 and stored.shape[2] == 1:
        stored = stored[..., 0]
    if stored.ndim != 2:
        raise SourceError(f"{path} holds {stored.shape} where a depth map should be", _WRITE)
    if listed.place is not None:
        stored = stored[listed.place.pixels]
    if stored.dtype != np.uint16:
        return np.array(stored, np.float32, order="C")  # the caller's own, whatever it was read from
    if scale is None:
        raise SourceError(f"the index of {path} does not say how its pixels become values", _WRITE)
    return scale.values(stored)


def _clip_format(path: Path) -> ClipFormat | None:
    return CLIPS.get(path.suffix.lower())
