"""The directories of a TIFF file, which Exif is made of as well: tags with their whole numbers."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from streamdepth.values import dataclass

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, ORIENTATION = 256, 257, 258, 259, 262, 274
SAMPLES, PLANES, TILE_WIDTH, TILE_HEIGHT, SAMPLE_FORMAT = 277, 284, 322, 323, 339
SUBFILE_TYPE, LARGEST_SAMPLE, DNG_VERSION = 254, 281, 50706
FILL_ORDER, STRIP_OFFSETS, STRIP_ROWS, STRIP_LENGTHS, TILE_OFFSETS, TILE_LENGTHS = (
    266,
    273,
    278,
    279,
    324,
    325,
)
COLOUR_MAP, ICC_PROFILE = 320, 34675
_LONG = frozenset({STRIP_OFFSETS, STRIP_LENGTHS, TILE_OFFSETS, TILE_LENGTHS, COLOUR_MAP})
_USUAL_LENGTH = 16
_MOST_DIRECTORIES = 10_000
_MOST_ENTRIES = 500_000
"""Of all together: they may lie above each other, 65,535 in each directory, which took minutes of a file of 1 MB."""
_SIZES = {1: "B", 3: "H", 4: "I", 7: "B", 16: "Q"}
"""Of the types that hold whole numbers or any bytes, in the words of `struct`."""

Directory = dict[int, tuple[int, ...]]


@dataclass(frozen=True)
class _Layout:
    """How wide counts and offsets are, and the order of bytes."""

    order: str
    count: str
    entries: str
    start: int

    @classmethod
    def of(cls, data: bytes) -> _Layout | None:
        order = {b"II": "<", b"MM": ">"}.get(data[:2])
        version = data[2:4] if order == ">" else data[2:4][::-1]
        if order is None or version not in (b"\0\x2a", b"\0\x2b"):
            return None
        return cls(order, "I", "H", 4) if version == b"\0\x2a" else cls(order, "Q", "Q", 8)


def directories(data: bytes, longest: int = _USUAL_LENGTH) -> Iterator[Directory]:
    """Each directory of a TIFF or BigTIFF file, in the order of its pages; ends where the file makes no sense.

    Lists of more than 16 numbers are left out, but for those of strips, tiles and colours, of up to `longest`.
    """
    layout = _Layout.of(data)
    if layout is None:
        return
    try:
        (offset,) = struct.unpack_from(layout.order + layout.count, data, layout.start)
        seen, left = set[int](), _MOST_ENTRIES
        while offset and offset not in seen and len(seen) < _MOST_DIRECTORIES:
            seen.add(offset)
            (count,) = struct.unpack_from(layout.order + layout.entries, data, offset)
            left -= count
            if left < 0:
                return
            entries, offset = _entries(data, offset + struct.calcsize(layout.entries), count, layout)
            yield {
                tag: struct.unpack_from(form, data, value)
                for tag, (form, length, value) in entries.items()
                if length <= (longest if tag in _LONG else _USUAL_LENGTH)
            }
    except struct.error:
        return


def content_of(data: bytes, wanted: int) -> bytes:
    """The bytes that a tag of the first page holds; empty where it has none, or numbers of more than a byte."""
    layout = _Layout.of(data)
    if layout is None:
        return b""
    try:
        (offset,) = struct.unpack_from(layout.order + layout.count, data, layout.start)
        (count,) = struct.unpack_from(layout.order + layout.entries, data, offset)
        start = offset + struct.calcsize(layout.entries)
        entries, _ = _entries(data, start, min(count, _MOST_ENTRIES), layout)
    except struct.error:
        return b""
    form, length, value = entries.get(wanted, ("", 0, 0))
    return data[value : value + length] if form.endswith("B") else b""


def _entries(
    data: bytes, offset: int, count: int, layout: _Layout
) -> tuple[dict[int, tuple[str, int, int]], int]:
    """Form, length and place of the numbers of each tag of whole numbers, and where the next directory is."""
    order, wide = layout.order, struct.calcsize(layout.count)
    found: dict[int, tuple[str, int, int]] = {}
    for _ in range(count):
        tag, kind, length = struct.unpack_from(f"{order}HH{layout.count}", data, offset)
        value = offset + 4 + wide
        offset = value + wide
        if kind in _SIZES and length:
            form = f"{order}{length}{_SIZES[kind]}"
            if length * struct.calcsize(_SIZES[kind]) > wide:
                (value,) = struct.unpack_from(order + layout.count, data, value)
            found[tag] = form, length, value
    (following,) = struct.unpack_from(order + layout.count, data, offset)
    return found, following
