"""Depth in OpenEXR: one channel of one part in scan lines, as Blender writes it (OpenEXR 3.3, file layout)."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.values import Plane
from streamdepth.errors import SourceError
from streamdepth.values import dataclass

_MAGIC = b"\x76\x2f\x31\x01"
_TILED, _DEEP, _PARTS = 0x200, 0x800, 0x1000
_TYPES = ("<u4", "<f2", "<f4")
_COMPRESSIONS = ("none", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44", "B44A", "DWAA", "DWAB")
_LINES = {0: 1, 1: 1, 2: 1, 3: 16}
"""Of the compressions that are read: scan lines in one block."""
_HALF, _FLOAT, _ZIP = 1, 2, 3
_NOTHING = 1e9
"""Blender writes 1e10 where it sees nothing."""


@dataclass(frozen=True)
class _Channel:
    name: str
    dtype: str


@dataclass(frozen=True)
class _Header:
    channels: tuple[_Channel, ...]
    compression: int
    left: int
    top: int
    width: int
    height: int
    end: int
    """Where the table of blocks begins."""

    @property
    def line_bytes(self) -> int:
        return self.width * sum(np.dtype(channel.dtype).itemsize for channel in self.channels)


def read_exr(path: Path, data: bytes) -> NDArray[np.float32]:
    """(H, W) float32 of the channel that holds depth, 0 where nothing is seen.

    That is the only channel, or the one called Z, V, depth, Y or R, in a layer or in none. Raises SourceError for
    anything else, for tiles, several parts, and a compression other than none, RLE, ZIP and ZIPS.
    """
    try:
        header = _header(path, data)
        values = _channel(path, header, data).astype(np.float32)
    except (struct.error, IndexError, zlib.error, ValueError) as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError(f"{path} is cut short or damaged", "copy or render it again") from error
    return np.where(np.abs(values) < _NOTHING, values, np.float32(0))


def _header(path: Path, data: bytes) -> _Header:
    version = struct.unpack_from("<I", data, 4)[0] if data.startswith(_MAGIC) else None
    if version is None or version & (_TILED | _DEEP | _PARTS):
        kind = "no OpenEXR" if version is None else "OpenEXR in tiles or several parts"
        raise SourceError(f"{path} is {kind}", "save depth as one part in scan lines")
    facts, end = _attributes(data, 8)
    left, top, right, bottom = struct.unpack("<4i", facts["dataWindow"])
    compression = facts["compression"][0]
    if compression not in _LINES:
        name = _COMPRESSIONS[compression]
        raise SourceError(f"{path} is compressed with {name}", "save it with ZIP, which is as exact")
    channels = tuple(_channels(facts["channels"]))
    return _Header(channels, compression, left, top, right - left + 1, bottom - top + 1, end)


def _attributes(data: bytes, offset: int) -> tuple[dict[str, bytes], int]:
    found: dict[str, bytes] = {}
    while data[offset]:
        name, offset = _word(data, offset)
        _, offset = _word(data, offset)
        (length,) = struct.unpack_from("<I", data, offset)
        found[name] = data[offset + 4 : offset + 4 + length]
        offset += 4 + length
    if not {"channels", "compression", "dataWindow"} <= found.keys():
        raise ValueError(found.keys())
    return found, offset + 1


def _word(data: bytes, offset: int) -> tuple[str, int]:
    end = data.index(b"\0", offset)
    return data[offset:end].decode("latin-1"), end + 1


def _channels(data: bytes) -> Iterator[_Channel]:
    offset = 0
    while data[offset]:
        name, offset = _word(data, offset)
        yield _Channel(name, _TYPES[struct.unpack_from("<I", data, offset)[0]])
        offset += 16


def _channel(path: Path, header: _Header, data: bytes) -> NDArray[np.generic]:
    """(H, W) numbers of the channel of depth, as stored."""
    wanted = _depth_channel(path, header.channels)
    before = header.channels[: header.channels.index(wanted)]
    begin = header.width * sum(np.dtype(channel.dtype).itemsize for channel in before)
    length = header.width * np.dtype(wanted.dtype).itemsize
    lines = np.zeros((header.height, length), np.uint8)
    for top, block in _blocks(header, data):
        part = block.reshape(-1, header.line_bytes)[:, begin : begin + length]
        lines[top : top + len(part)] = part
    return lines.view(wanted.dtype)


def _depth_channel(path: Path, channels: tuple[_Channel, ...]) -> _Channel:
    if len(channels) == 1:
        return channels[0]
    for name in ("z", "v", "depth", "y", "r"):
        for channel in channels:
            if channel.name.lower().rpartition(".")[2] == name:
                return channel
    names = ", ".join(channel.name for channel in channels)
    raise SourceError(f"{path} has no channel of depth: it has {names}", "call it Z")


def _blocks(header: _Header, data: bytes) -> Iterator[tuple[int, NDArray[np.uint8]]]:
    """First line, from 0, and bytes of each block of lines."""
    at_once = _LINES[header.compression]
    count = -(-header.height // at_once)
    for number, place in enumerate(struct.unpack_from(f"<{count}Q", data, header.end)):
        line, length = struct.unpack_from("<iI", data, place)
        top = number * at_once
        if line - header.top != top:  # lines that no block has would come as 0, where nothing is seen
            raise ValueError(line)
        size = min(at_once, header.height - top) * header.line_bytes
        yield top, _unpacked(data[place + 8 : place + 8 + length], header.compression, size)


def _unpacked(packed: bytes, compression: int, size: int) -> NDArray[np.uint8]:
    if len(packed) == size:  # what does not get smaller is stored as it is
        return np.frombuffer(packed, np.uint8)
    if compression == 0:
        raise ValueError(len(packed))
    coded = np.frombuffer(_run_lengths(packed) if compression == 1 else zlib.decompress(packed), np.uint8)
    if len(coded) != size:
        raise ValueError(len(coded))
    # Each byte is the difference to the one before, and bytes of even and odd number stand apart.
    steps = coded.astype(np.int64)
    steps[1:] -= 128
    apart = np.cumsum(steps).astype(np.uint8)
    whole = np.empty(size, np.uint8)
    middle = (size + 1) // 2
    whole[0::2], whole[1::2] = apart[:middle], apart[middle:]
    return whole


def _run_lengths(packed: bytes) -> bytes:
    found, offset = bytearray(), 0
    while offset < len(packed):
        (count,) = struct.unpack_from("b", packed, offset)
        if count < 0:
            found += packed[offset + 1 : offset + 1 - count]
            offset += 1 - count
        else:
            found += packed[offset + 1 : offset + 2] * (count + 1)
            offset += 2
    return bytes(found)


def write_exr(plane: Plane) -> bytes:
    """The values as float32 in `Z`, and in R, G and B a copy for the eye: half floats from 0 to 1, near is 1."""
    shown = np.clip(
        (plane.values - plane.scale.offset) / ((plane.scale.high - plane.scale.offset) or 1.0), 0, 1
    )
    if plane.facts.get("nearer") == "smaller":
        shown = 1.0 - shown
    grey = shown.astype("<f2")
    channels = {"B": grey, "G": grey, "R": grey, "Z": plane.values.astype("<f4")}
    lines = np.concatenate([np.ascontiguousarray(part).view(np.uint8) for part in channels.values()], axis=1)
    height, width = plane.values.shape
    head = _head(width, height, [(name, _FLOAT if name == "Z" else _HALF) for name in channels], plane)
    blocks = [_block(top, lines[top : top + _LINES[_ZIP]]) for top in range(0, height, _LINES[_ZIP])]
    place, table = len(head) + 8 * len(blocks), b""
    for block in blocks:
        table += struct.pack("<Q", place)
        place += len(block)
    return head + table + b"".join(blocks)


def _head(width: int, height: int, channels: list[tuple[str, int]], plane: Plane) -> bytes:
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    listed = b"".join(name.encode() + b"\0" + struct.pack("<i4x2i", kind, 1, 1) for name, kind in channels)
    attributes = (
        ("channels", "chlist", listed + b"\0"),
        ("compression", "compression", bytes([_ZIP])),
        ("dataWindow", "box2i", window),
        ("displayWindow", "box2i", window),
        ("lineOrder", "lineOrder", b"\0"),
        ("pixelAspectRatio", "float", struct.pack("<f", 1.0)),
        ("screenWindowCenter", "v2f", struct.pack("<2f", 0.0, 0.0)),
        ("screenWindowWidth", "float", struct.pack("<f", 1.0)),
        ("streamdepth", "string", json.dumps(plane.facts).encode()),
    )
    packed = b"".join(
        name.encode() + b"\0" + kind.encode() + b"\0" + struct.pack("<I", len(value)) + value
        for name, kind, value in attributes
    )
    return _MAGIC + struct.pack("<I", 2) + packed + b"\0"


def _block(top: int, lines: NDArray[np.uint8]) -> bytes:
    whole = lines.reshape(-1)
    apart = np.concatenate([whole[0::2], whole[1::2]])
    steps = apart.copy()
    steps[1:] = apart[1:] - apart[:-1] + np.uint8(128)  # modulo 256, as it is read
    packed = zlib.compress(steps.tobytes(), 4)
    if len(packed) >= whole.size:
        packed = whole.tobytes()
    return struct.pack("<iI", top, len(packed)) + packed
