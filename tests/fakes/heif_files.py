"""HEIC and AVIF files put together box by box, for tests: nothing here writes grids or says how a picture is laid."""

from __future__ import annotations

import re
import struct
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from io import BytesIO

import av
import numpy as np


@dataclass
class Heif:
    """What goes into a file: a picture in `columns` of equal tiles, and properties of the whole."""

    tiles: list[np.ndarray]
    """(H, W, 3) uint8 BGR each."""
    columns: int = 1
    size: tuple[int, int] | None = None
    """(width, height) of the whole, where the tiles reach beyond it."""
    codec: str = "hvc1"
    properties: list[bytes] = field(default_factory=list)
    """Boxes such as `irot`, in the order in which they apply."""
    alpha: np.ndarray | None = None
    """(H, W) uint8."""
    exif: bytes = b""
    """The directories alone."""

    def data(self) -> bytes:
        """The file."""
        coded = [_coded(tile, self.codec) for tile in self.tiles]
        is_grid = len(coded) > 1
        width = self.tiles[0].shape[1] * self.columns
        height = self.tiles[0].shape[0] * (len(coded) // self.columns)
        size = self.size or (width, height)
        items = [
            (self.codec, content, [config, _ispe(tile)])
            for (content, config), tile in zip(coded, self.tiles, strict=True)
        ]
        references = b""
        if is_grid:
            grid = struct.pack(">BBBBHH", 0, 0, len(coded) // self.columns - 1, self.columns - 1, *size)
            items.append(("grid", grid, [full_box(b"ispe", struct.pack(">II", *size))]))
            numbers = range(1, len(coded) + 1)
            references += _reference(b"dimg", len(items), *numbers)
        main = len(items)
        items[-1][2].extend(self.properties)
        if self.alpha is not None:
            content, config = _coded(np.dstack([self.alpha] * 3), self.codec)
            kind = full_box(b"auxC", b"urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0")
            items.append((self.codec, content, [config, _ispe(self.alpha), kind]))
            references += _reference(b"auxl", len(items), main)
        if self.exif:
            items.append(("Exif", b"\0\0\0\6Exif\0\0" + self.exif, []))
            references += _reference(b"cdsc", len(items), main)
        return _file(items, main, references)


def animated_avif(levels: list[int]) -> bytes:
    """Grey pictures of 64x48, four a second: the first is its still as well, all of them its track."""
    with ThreadPoolExecutor(1) as aside:  # see `_coded`
        return aside.submit(_animated, levels).result()


def _animated(levels: list[int]) -> bytes:
    file = BytesIO()
    with av.open(file, "w", format="avif") as movie:
        stream = movie.add_stream("libsvtav1", 4, options={"crf": "20"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for level in levels:
            picture = np.full((48, 64, 3), level, np.uint8)
            movie.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "bgr24")))
        movie.mux(stream.encode())
    return file.getvalue()


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(content), name) + content


def full_box(name: bytes, content: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(name, struct.pack(">I", version << 24 | flags) + content)


def turned(quarters: int) -> bytes:
    """Counter-clockwise."""
    return box(b"irot", bytes([quarters]))


def mirrored(*, left_right: bool) -> bytes:
    return box(b"imir", bytes([left_right]))


def cropped(width: int, height: int) -> bytes:
    """To the middle."""
    return box(b"clap", struct.pack(">8I", width, 1, height, 1, 0, 1, 0, 1))


def _file(items: list[tuple[str, bytes, list[bytes]]], main: int, references: bytes) -> bytes:
    brand = b"avif" if items[0][0] == "av01" else b"heic"
    start = box(b"ftyp", brand + b"\0\0\0\0" + brand + b"mif1")
    length = len(start) + len(_meta(items, main, references, 0)) + 8
    meta = _meta(items, main, references, length)
    return start + meta + box(b"mdat", b"".join(content for _, content, _ in items))


def _meta(items: list[tuple[str, bytes, list[bytes]]], main: int, references: bytes, offset: int) -> bytes:
    entries, places, properties, used = b"", b"", [], b""
    for number, (kind, content, own) in enumerate(items, 1):
        entries += full_box(b"infe", struct.pack(">HH4s", number, 0, kind.encode()) + b"\0", 2)
        places += struct.pack(">HHHII", number, 0, 1, offset, len(content))
        offset += len(content)
        first = len(properties) + 1
        properties += own
        used += struct.pack(">HB", number, len(own)) + bytes(range(first, first + len(own)))
    return full_box(
        b"meta",
        full_box(b"hdlr", b"\0\0\0\0pict" + b"\0" * 13)
        + full_box(b"pitm", struct.pack(">H", main))
        + full_box(b"iinf", struct.pack(">H", len(items)) + entries)
        + (full_box(b"iref", references) if references else b"")
        + box(
            b"iprp",
            box(b"ipco", b"".join(properties)) + full_box(b"ipma", struct.pack(">I", len(items)) + used),
        )
        + full_box(b"iloc", struct.pack(">BBH", 0x44, 0, len(items)) + places),
    )


def _reference(name: bytes, item: int, *others: int) -> bytes:
    return box(name, struct.pack(f">HH{len(others)}H", item, len(others), *others))


def _ispe(image: np.ndarray) -> bytes:
    return full_box(b"ispe", struct.pack(">II", image.shape[1], image.shape[0]))


def _coded(image: np.ndarray, codec: str) -> tuple[bytes, bytes]:
    """The picture as one packet, and the box that says how it is coded."""
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(image), "bgr24").reformat(format="yuv420p")
    frame.pts = 0
    if codec == "hvc1":
        return _as_hevc(frame)
    # SVT-AV1 makes the thread that opens it a real-time one, for good (findings/svt-av1-real-time.sh).
    with ThreadPoolExecutor(1) as aside:
        return aside.submit(_as_av1, frame).result()


def _as_hevc(frame: av.VideoFrame) -> tuple[bytes, bytes]:
    encoder = av.CodecContext.create("libx265", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, "yuv420p"
    encoder.time_base, encoder.framerate = Fraction(1), Fraction(1)
    encoder.options = {"x265-params": "log-level=none:crf=2"}
    stream = b"".join(bytes(packet) for packet in (*encoder.encode(frame), *encoder.encode()))
    units = [unit for unit in re.split(b"\0*\0\0\1", stream) if unit]
    heads = {kind: unit for unit in units if (kind := unit[0] >> 1) in (32, 33, 34)}
    told = b"".join(struct.pack(">BHH", kind, 1, len(unit)) + unit for kind, unit in heads.items())
    configuration = b"\1" + b"\0" * 20 + b"\3" + bytes([len(heads)]) + told
    coded = b"".join(struct.pack(">I", len(unit)) + unit for unit in units if unit[0] >> 1 < 32)
    return coded, box(b"hvcC", configuration)


def _as_av1(frame: av.VideoFrame) -> tuple[bytes, bytes]:
    file = BytesIO()
    with av.open(file, "w", format="mp4") as movie:
        stream = movie.add_stream("libsvtav1", 1, options={"crf": "5"})
        stream.width, stream.height, stream.pix_fmt = frame.width, frame.height, "yuv420p"
        movie.mux(stream.encode(frame))
        movie.mux(stream.encode())
    data = file.getvalue()
    with av.open(BytesIO(data)) as movie:
        packet = next(bytes(packet) for packet in movie.demux() if packet.size)
    place = data.index(b"av1C") - 4
    (length,) = struct.unpack_from(">I", data, place)
    return packet, data[place : place + length]
