"""The index of a set of depth files: one JSON that says what the numbers mean, and when each picture is shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import astuple
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO, Literal

from streamdepth.depthfiles.entry import Entry, Size
from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.errors import SourceError, UsageError
from streamdepth.files import index_path, read_bytes
from streamdepth.frames import DepthMeaning
from streamdepth.pixels import Rectangle
from streamdepth.values import dataclass, field

INDEX_NAME = "streamdepth.json"
"""Of the index in a folder; beside a single file it bears the name of that file."""
PIXEL_ASPECT = "pixel_aspect"
"""What an index calls the width of a pixel of the source over its height; it is 1 where the index says nothing."""
Range = Literal["clip", "frame", "running"]
_EXACT = "value = pixel"
_NEWER = "it is damaged, or of a newer streamdepth"


@dataclass(frozen=True)
class SetFacts:
    """What is the same for all depth maps of a set."""

    meaning: DepthMeaning
    range: Range
    """Whose range a scale spans: that of all, that of each picture, or what a live source had shown by then."""
    scale: Scale | None = None
    """Of all pixels, or, where values are exact, what they span; None where each picture has its own."""
    size: Size | None = None
    """Of the stored maps; None where they differ."""
    origin: Mapping[str, Any] = field(default_factory=dict)
    """Source, model and settings, as JSON."""
    file: str = ""
    """The name of the file, where there is one for all of them."""
    is_stacked: bool = False
    """Whether it is a live stream as viewers had it: depth in 8 bits below its picture."""
    is_exact: bool = False
    """Whether the values themselves are stored: what makes values of pixels would make nonsense of them."""

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        is_larger = self.meaning.larger_is_nearer
        return {
            "streamdepth": "depth",
            "version": 1,
            **({"file": self.file} if self.file else {}),
            **({"stacked": True} if self.is_stacked else {}),
            "meaning": self.meaning.value,
            "nearer": "larger" if is_larger else "smaller",
            "range": self.range,
            **self._values(),
            **({} if self.size is None else {"width": self.size[0], "height": self.size[1]}),
            **self.origin,
        }

    def _values(self) -> dict[str, Any]:
        """How what is stored becomes values."""
        if not self.is_exact:
            return {} if self.scale is None else scale_to_json(self.scale)
        span = {} if self.scale is None else {"lowest": self.scale.offset, "highest": self.scale.high}
        return {"formula": _EXACT, **span}


def scale_to_json(scale: Scale) -> dict[str, Any]:
    """Scale and offset, with the formula that they are for."""
    return {"formula": "value = offset + scale * pixel", "scale": scale.scale, "offset": scale.offset}


class IndexWriter:
    """Writes an index one picture at a time, so that it takes no memory; passes on the errors of the system."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._count = 0
        file.write(b'{"pictures": [')

    def add(self, entry: Entry, file: str = "", scale: Scale | None = None) -> None:
        """Add a picture: the `file` that holds it, and its `scale`, of its own or valid from here on."""
        line = json.dumps(entry_to_json(entry, file, scale))
        self._file.write(b",\n" * bool(self._count) + b"\n" * (not self._count) + line.encode())
        self._count += 1

    def finish(
        self, facts: SetFacts, *, complete: bool = True, also: Mapping[str, Any] | None = None
    ) -> None:
        """Write what concerns all of them, and what stands `also` in it."""
        document = {**(also or {}), **facts.to_json(), "count": self._count, "complete": complete}
        self._file.write(b"\n],\n" + json.dumps(document, indent=1)[1:].lstrip().encode() + b"\n")


def entry_to_json(entry: Entry, file: str = "", scale: Scale | None = None) -> dict[str, Any]:
    """What an index says of one picture."""
    return {
        **({"file": file} if file else {}),
        "index": entry.index,
        "pts": f"{entry.pts.numerator}/{entry.pts.denominator}",
        **({"source": entry.name} if entry.name else {}),
        **({} if scale is None else {"scale": scale.scale, "offset": scale.offset}),
        **({} if entry.place is None else {"place": list(astuple(entry.place))}),
        **({} if entry.inner is None else {"source_inner": list(astuple(entry.inner))}),
    }


@dataclass(frozen=True)
class Listed:
    """What an index says of one picture, read back."""

    file: str
    index: int
    pts: Fraction
    name: str
    scale: Scale | None = None
    place: Rectangle | None = None
    """Where in the stored map the depth is."""
    inner: Rectangle | None = None
    """What of the picture is not black bars."""


@dataclass(frozen=True)
class Index:
    """An index that was read."""

    facts: SetFacts
    source: Size | None
    """Of the pictures that the depth is of."""
    pictures: tuple[Listed, ...]


def read_index(path: Path, data: bytes | None = None) -> Index:
    """What an index file says, or `data` that was found in `path`; raises `SourceError`."""
    try:
        document = json.loads(read_bytes(path) if data is None else data)
        if document["streamdepth"] != "depth" or document["version"] != 1:
            raise ValueError(document["version"])
        return Index(_facts(document), _size(document.get("source")), tuple(_listed(document)))
    except (ValueError, KeyError, TypeError, ZeroDivisionError) as error:
        raise SourceError(f"{path} is not an index of depth files", _NEWER) from error


def files_in_index(path: Path) -> frozenset[str]:
    """Names of the files that the index of a folder lists; none where there is no such index. Raises nothing."""
    if not path.is_file():
        return frozenset()
    try:
        return frozenset(listed.file for listed in read_index(path).pictures)
    except SourceError:  # another program's, or damaged
        return frozenset()


def is_complete(path: Path) -> bool:
    """Whether a file is the index of a set that came to the end of its input; raises nothing."""
    try:
        document = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and document.get("complete") is True


def check_index_place(path: Path) -> None:
    """Raise `UsageError` where the index of the file `path` would take the place of another .json."""
    beside = index_path(path)
    if not beside.is_file():
        return
    try:
        document = json.loads(beside.read_bytes())
    except (OSError, ValueError):
        return  # what is damaged is no loss
    ours = isinstance(document, dict) and "meaning" in document
    other = str(document.get("file", path.name)) if ours else beside.name
    if other != path.name and (beside.parent / other).exists():
        what = "the index of " + other if ours else "no index of depth"
        raise UsageError(f"{path} would replace {beside}, which is {what}", "give the output another name")


def is_index_of(path: Path, beside: Path) -> bool:
    """Whether a .json is the index of a file of the kind of `path`, and not of another of its name; raises nothing."""
    try:
        document = json.loads(beside.read_bytes())
    except (OSError, ValueError):
        return False
    if not isinstance(document, dict) or document.get("streamdepth") != "depth":
        return False
    return Path(str(document.get("file", ""))).suffix.lower() == path.suffix.lower()


def _facts(document: dict[str, Any]) -> SetFacts:
    size = (int(document["width"]), int(document["height"])) if "width" in document else None
    own = ("source", "model", "settings", "steadied", "streamdepth_version", "began")
    origin = {name: document[name] for name in own if name in document}
    return SetFacts(
        DepthMeaning(document["meaning"]),
        document["range"],
        _scale(document),
        size,
        origin,
        is_stacked=document.get("stacked") is True,
        is_exact=document.get("formula") == _EXACT,
    )


def _listed(document: dict[str, Any]) -> Iterator[Listed]:
    for one in document.get("pictures", ()):
        yield Listed(
            str(one.get("file", "")),
            int(one["index"]),
            Fraction(one["pts"]),
            str(one.get("source", "")),
            _scale(one),
            _rectangle(one, "place"),
            _rectangle(one, "source_inner"),
        )


def _scale(document: Mapping[str, Any]) -> Scale | None:
    if "lowest" in document:
        return Scale.spanning(float(document["lowest"]), float(document["highest"]))
    return Scale(float(document["scale"]), float(document["offset"])) if "scale" in document else None


def _rectangle(document: Mapping[str, Any], key: str) -> Rectangle | None:
    return Rectangle(*map(int, document[key])) if key in document else None


def _size(document: Mapping[str, Any] | None) -> Size | None:
    return (int(document["width"]), int(document["height"])) if document and "width" in document else None
