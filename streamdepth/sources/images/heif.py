"""The boxes of an HEIC or AVIF file (ISO/IEC 23008-12): which parts make up its main picture, and how it is laid."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

from streamdepth.ffmpeg.orientation import UPRIGHT, Orientation
from streamdepth.values import dataclass, field

CODECS = ("hvc1", "av01")
"""Of the parts that can be decoded."""
_MOST_EXIF = 1_000_000
_ALPHA = (b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha", b"urn:mpeg:hevc:2015:auxid:1")
_QUARTER_TURNS = (
    UPRIGHT,
    Orientation(transpose=True, mirror_y=True),
    Orientation(mirror_x=True, mirror_y=True),
    Orientation(transpose=True, mirror_x=True),
)
"""Counter-clockwise."""

_Boxes = dict[str, memoryview]


@dataclass(frozen=True)
class HeifItem:
    """The main picture: one coded part, or a grid of them."""

    codec: str
    """Of its parts: `hvc1`, `av01`; of what has none that are known, its own."""
    width: int
    """Pixels, as stored: before it is laid."""
    height: int
    parts: tuple[int, ...]
    """Numbers of the coded items, row by row; FFmpeg has each as a stream of that number."""
    columns: int = 1
    matrix: int | None = None
    """Of its colours, by ITU-T H.273; None where the boxes do not say."""
    full_range: bool = True
    orientation: Orientation = UPRIGHT
    crop: tuple[int, int, int, int] | None = None
    """What is shown of it before it is laid: left, top, width, height; None: all."""
    alpha: HeifItem | None = None
    """A picture in grey: how opaque each pixel is."""
    profile: bytes = field(default=b"", repr=False)
    """The ICC profile of its colours; empty where it has none."""
    exif: bytes = field(default=b"", repr=False)
    """Of the file; empty where it has none."""


def primary_item(data: bytes) -> HeifItem | None:
    """The main picture of a file; None where its boxes make no sense."""
    try:
        meta = dict(_boxes(memoryview(data)))["meta"]
        return _Meta(data, dict(_boxes(meta, 4))).main()
    except (KeyError, IndexError, ValueError, ZeroDivisionError, struct.error):
        return None


def sequence_length(data: bytes) -> int:
    """Pictures of the longest track of a file that is a sequence (ISO/IEC 14496-12, 8.7.3); 0 where it has none."""
    moov = dict(_boxes(memoryview(data))).get("moov", memoryview(b""))
    return max((_samples(track) for name, track in _boxes(moov) if name == "trak"), default=0)


def _samples(track: memoryview) -> int:
    try:
        for name in ("mdia", "minf", "stbl"):
            track = dict(_boxes(track))[name]
        sizes = dict(_boxes(track))
        return int(struct.unpack_from(">I", sizes.get("stsz") or sizes["stz2"], 8)[0])
    except (KeyError, struct.error):
        return 0


class _Meta:
    """What the box `meta` says of its items."""

    def __init__(self, data: bytes, boxes: _Boxes) -> None:
        self._data = data
        self._boxes = boxes
        properties = dict(_boxes(boxes["iprp"]))
        self._properties = list(_boxes(properties["ipco"]))
        self._of_items = _associations(properties["ipma"])
        self._kinds = dict(_kinds(boxes["iinf"]))

    def main(self) -> HeifItem:
        """The item that is meant when none is named."""
        pitm = self._boxes["pitm"]
        (number,) = struct.unpack_from(">I" if pitm[0] else ">H", pitm, 4)
        item = replace(self._item(number), exif=self._exif())
        alphas = (aux for aux, of in self._references("auxl") if number in of and self._is_alpha(aux))
        alpha = next(alphas, None)
        return item if alpha is None else replace(item, alpha=self._item(alpha))

    def _item(self, number: int) -> HeifItem:
        columns = 1
        parts: tuple[int, ...] = (number,)
        own = self._properties_of(number)
        width, height = struct.unpack_from(">II", dict(own)["ispe"], 4)
        if self._kinds[number] == "grid":
            columns, (width, height) = self._grid(number)
            parts = dict(self._references("dimg"))[number]
        codec = self._kinds[parts[0]]
        matrix, full = _colours([*own, *self._properties_of(parts[0])])
        return HeifItem(
            codec,
            width,
            height,
            parts if codec in CODECS else (),
            columns,
            matrix,
            full,
            _laid(own),
            _crop(own, width, height),
            profile=_profile([*own, *self._properties_of(parts[0])]),
        )

    def _exif(self) -> bytes:
        """Behind the number of bytes before it (ISO/IEC 23008-12, A.2.1), and up to whatever follows it."""
        number = next((number for number, kind in self._kinds.items() if kind == "Exif"), None)
        if number is None:
            return b""
        try:
            content, offset = self._content(number)
            return bytes(
                content[offset + 4 + int.from_bytes(content[offset : offset + 4], "big") :][:_MOST_EXIF]
            )
        except (KeyError, IndexError):
            return b""

    def _content(self, item: int) -> tuple[memoryview, int]:
        """Where an item lies: in what, and from which byte on."""
        method, offset = _location(self._boxes["iloc"], item)
        return self._boxes["idat"] if method == 1 else memoryview(self._data), offset

    def _is_alpha(self, item: int) -> bool:
        kinds = (bytes(content[4:]) for name, content in self._properties_of(item) if name == "auxC")
        return any(kind.startswith(_ALPHA) for kind in kinds)

    def _references(self, wanted: str) -> Iterator[tuple[int, tuple[int, ...]]]:
        """From which item to which others there are references of a kind."""
        iref = self._boxes.get("iref")
        if iref is None:
            return
        form = "I" if iref[0] else "H"
        for name, entry in _boxes(iref, 4):
            if name == wanted:
                item, count = struct.unpack_from(f">{form}H", entry)
                yield item, struct.unpack_from(f">{count}{form}", entry, struct.calcsize(f">{form}H"))

    def _properties_of(self, item: int) -> list[tuple[str, memoryview]]:
        return [self._properties[index - 1] for index in self._of_items.get(item, ()) if index]

    def _grid(self, item: int) -> tuple[int, tuple[int, int]]:
        """Its columns, and (width, height) of the whole."""
        content, offset = self._content(item)
        _, flags, _, columns = struct.unpack_from(">BBBB", content, offset)
        return columns + 1, struct.unpack_from(">II" if flags & 1 else ">HH", content, offset + 4)


def _boxes(data: memoryview, offset: int = 0) -> Iterator[tuple[str, memoryview]]:
    """Name and content of each box from `offset` on."""
    while offset + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, offset)
        head = 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", data, offset + 8)
            head = 16
        end = len(data) if length == 0 else offset + length
        if end < offset + head:
            return
        yield name.decode("latin-1"), data[offset + head : end]
        offset = end


def _kinds(iinf: memoryview) -> Iterator[tuple[int, str]]:
    """Number and kind of each item."""
    for name, entry in _boxes(iinf, 8 if iinf[0] else 6):
        if name == "infe" and entry[0] >= 2:
            number, _, kind = struct.unpack_from(">IH4s" if entry[0] == 3 else ">HH4s", entry, 4)
            yield number, kind.decode("latin-1")


def _associations(ipma: memoryview) -> dict[int, tuple[int, ...]]:
    """For each item the numbers of its properties, in the order in which they are applied."""
    large = ipma[3] & 1
    (count,) = struct.unpack_from(">I", ipma, 4)
    offset, found = 8, {}
    for _ in range(count):
        form = ">IB" if ipma[0] else ">HB"
        item, length = struct.unpack_from(form, ipma, offset)
        offset += struct.calcsize(form)
        numbers = struct.unpack_from(f">{length}{'H' if large else 'B'}", ipma, offset)
        offset += length * (2 if large else 1)
        found[item] = tuple(number & (0x7FFF if large else 0x7F) for number in numbers)
    return found


def _location(iloc: memoryview, wanted: int) -> tuple[int, int]:
    """How the place of an item is meant (1: within `idat`), and where its first piece begins."""
    version, wide = iloc[0], {0: 0, 4: 4, 8: 8}
    offset_size, length_size, base_size = wide[iloc[4] >> 4], wide[iloc[4] & 15], wide[iloc[5] >> 4]
    index_size = wide[iloc[5] & 15] if version else 0
    read = _Reader(iloc, 6)
    for _ in range(read.number(4 if version == 2 else 2)):
        item = read.number(4 if version == 2 else 2)
        method = read.number(2) & 15 if version else 0
        read.number(2)
        base = read.number(base_size)
        places = [
            (read.number(index_size), read.number(offset_size), read.number(length_size))
            for _ in range(read.number(2))
        ]
        if item == wanted:
            return method, base + places[0][1]
    raise KeyError(wanted)


class _Reader:
    """Whole numbers, one after the other."""

    def __init__(self, data: memoryview, offset: int) -> None:
        self._data, self._offset = data, offset

    def number(self, size: int) -> int:
        begin, self._offset = self._offset, self._offset + size
        if self._offset > len(self._data):
            raise IndexError(self._offset)
        return int.from_bytes(self._data[begin : self._offset], "big")


def _colours(properties: list[tuple[str, memoryview]]) -> tuple[int | None, bool]:
    """Matrix and range of the first property that says them."""
    for name, content in properties:
        if name == "colr" and bytes(content[:4]) == b"nclx":
            return struct.unpack_from(">H", content, 8)[0], bool(content[10] & 0x80)
    return None, True


def _profile(properties: list[tuple[str, memoryview]]) -> bytes:
    """The first ICC profile among them (ISO/IEC 14496-12, 12.1.5)."""
    colours = (content for name, content in properties if name == "colr")
    return next((bytes(one[4:]) for one in colours if bytes(one[:4]) in (b"prof", b"rICC")), b"")


def _laid(properties: list[tuple[str, memoryview]]) -> Orientation:
    orientation = UPRIGHT
    for name, content in properties:
        if name == "irot":
            orientation = orientation.then(_QUARTER_TURNS[content[0] & 3])
        elif name == "imir":
            left_right = bool(content[0] & 1)
            orientation = orientation.then(Orientation(mirror_x=left_right, mirror_y=not left_right))
    return orientation


def _crop(
    properties: list[tuple[str, memoryview]], width: int, height: int
) -> tuple[int, int, int, int] | None:
    """The clean aperture (ISO/IEC 14496-12, 12.1.4): its size, and where its middle is off that of the picture."""
    content = dict(properties).get("clap")
    if content is None:
        return None
    numbers = struct.unpack_from(">IIIIiIiI", content)
    shown, lines, right, down = (Fraction(numbers[i], numbers[i + 1]) for i in (0, 2, 4, 6))
    left, top = round((width - shown) / 2 + right), round((height - lines) / 2 + down)
    box = (max(0, left), max(0, top), round(shown), round(lines))
    inside = box[2] > 0 and box[3] > 0 and box[0] + box[2] <= width and box[1] + box[3] <= height
    return box if inside else None
