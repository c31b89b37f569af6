"""Whether the pieces that a recording is made of follow each other up to its end.

FFmpeg looks for the next piece that it knows and goes on there, without a word; the pictures between are lost. Only the
outer structure is read: Matroska, RIFF (AVI), FLV, Ogg (with its check sums), MXF, DV, ASF (WMV), MPEG program streams.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from streamdepth.ffmpeg.ebml import CLUSTER, EBML, SEGMENT, vint, vint_bytes

_BUFFER = 1 << 18
_DV = b"\x1f\x07\0"
_DV_KIND = 5 * 80 + 51
"""Where a picture says how it was recorded: in the block of facts on video, the pack that tells the source."""
_DV_TRACKS = {0: 1, 4: 2}
"""How many times the usual length it has: DV, and DVCPRO 50."""
_MXF = b"\x06\x0e\x2b\x34"
_ASF = bytes.fromhex("3026b2758e66cf11a6d900aa0062ce6c")
_ASF_DATA = bytes.fromhex("3626b2758e66cf11a6d900aa0062ce6c")
_ASF_PROPERTIES = bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365")
_ASF_PACKET = b"\x82\0\0"
_PACK, _PACKS_END = b"\0\0\1\xba", b"\0\0\1\xb9"
_RIFF_NAME = re.compile(rb"\d\d\w\w|ix\d\d|idx1|LIST|JUNK|RIFF")
"""Of a chunk behind another; with any byte before it, it is none."""
_FLV_TAGS = (8, 9, 15, 18)
"""Sound, picture, and two kinds of text."""
_FIRST_PAGE = 2
_SECTOR = 2352
"""Bytes of a disc's sector, the rest of which may be zeros in a program stream."""
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class Pieces(Enum):
    """How the pieces of a file follow each other."""

    WHOLE = "whole"
    """As far as can be said."""
    TORN = "torn"
    """Something that is no piece lies between them."""
    SHORT = "short"
    """The file ends within one."""


def pieces_of(path: Path) -> Pieces:
    """What is found in the file at `path`; of Matroska and AVI `cut_short` knows better whether they are short."""
    try:
        with path.open("rb", buffering=_BUFFER) as file:
            head, size = file.read(16), path.stat().st_size
            looks = (look for start, look in _LOOKS.items() if head.startswith(start))
            return next((look(file, size) for look in looks), Pieces.WHOLE)
    except OSError:  # a file that went away meanwhile says nothing
        return Pieces.WHOLE


def is_torn_within(path: Path) -> bool:
    """True where something surely is missing within the file at `path`; False where nothing can be said."""
    return pieces_of(path) is Pieces.TORN


def _up_to(end: int, size: int) -> Pieces:
    return Pieces.SHORT if end > size else Pieces.WHOLE


def _at(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(count)


def _matroska(file: BinaryIO, size: int) -> Pieces:
    """Follow the elements (RFC 8794) into segments and clusters, as far as these say where they end."""
    start, ends = 0, [size]
    while start < size:
        while start >= ends[-1]:
            ends.pop()
        header = _at(file, start, 12)
        name_bytes = vint_bytes(header, 0)
        size_bytes = vint_bytes(header, name_bytes)
        if not 1 <= name_bytes <= 4 or size_bytes == 0 or name_bytes + size_bytes > len(header):
            return Pieces.TORN if len(ends) > 1 else Pieces.WHOLE
        start += name_bytes + size_bytes
        end = start + vint(header[name_bytes : name_bytes + size_bytes])
        if end > ends[-1]:
            return Pieces.TORN if len(ends) > 1 else Pieces.WHOLE
        if header[:name_bytes] not in (SEGMENT, CLUSTER):
            start = end
        elif end > start:
            ends.append(end)
    return Pieces.WHOLE


def _riff(file: BinaryIO, size: int) -> Pieces:
    """Follow the chunks, also those of a film's pictures. Where lengths are not yet filled in, names alone tell."""
    start, padding, end = 0, 0, size
    while start + 8 <= size:
        if padding:  # which some writers leave out
            start -= _RIFF_NAME.match(_at(file, start - 1, 4)) is not None
            padding = 0
        kind, length, form = struct.unpack("<4sI4s", _at(file, start, 12).ljust(12, b"\0"))
        if kind == b"RIFF":
            end = size + 1 if length in (0, 0xFFFFFFFF) else start + 8 + length
        elif start >= end:
            return Pieces.WHOLE
        if kind == b"RIFF" or (kind == b"LIST" and form in (b"movi", b"rec ")):
            start += 12
        elif all(32 <= letter < 127 for letter in kind):
            padding = length % 2
            start += 8 + length + padding
            if start > end + padding:
                return Pieces.TORN if end <= size else Pieces.WHOLE
        else:
            return Pieces.TORN
    return Pieces.WHOLE


def _flv(file: BinaryIO, size: int) -> Pieces:
    """Follow the tags, behind each of which its length is written once more."""
    start = int.from_bytes(_at(file, 5, 4), "big") + 4
    while start + 11 <= size:
        head = _at(file, start, 4)
        if head[0] & ~0x20 not in _FLV_TAGS:
            return Pieces.TORN
        start += 15 + int.from_bytes(head[1:], "big")
    return _up_to(start - 4, size)


def _ogg(file: BinaryIO, size: int) -> Pieces:
    """Follow the pages (RFC 3533), which are numbered; FFmpeg leaves out each whose check sum is another."""
    start, numbers = 0, dict[bytes, int]()
    while start + 27 <= size:
        head = _at(file, start, 27)
        lengths = file.read(head[26])
        body = file.read(sum(lengths))
        page, number = head[14:18], _little(head[18:22])
        start += 27 + len(lengths) + sum(lengths)
        if not head.startswith(b"OggS"):
            return Pieces.TORN
        if start > size:
            return Pieces.SHORT
        if number != numbers.get(page) and not head[5] & _FIRST_PAGE:
            return Pieces.TORN
        if _ogg_sum(head[:22] + bytes(4) + head[26:] + lengths + body) != head[22:26]:
            return Pieces.TORN
        numbers[page] = (number + 1) % (1 << 32)
    return _up_to(start, size)


def _ogg_sum(data: bytes) -> bytes:
    """That of zlib, but with the bits of each byte the other way round, and from zero."""
    reflected = zlib.crc32(data.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return reflected.to_bytes(4, "big").translate(_REVERSED)


def _dv(file: BinaryIO, size: int) -> Pieces:
    """Look at the begin of each picture (IEC 61834): all are of one length, which alone tells where one is."""
    head = _at(file, 0, 480)
    tracks = _DV_TRACKS.get(head[_DV_KIND] % 32) if len(head) == 480 else None
    if tracks is None:
        return Pieces.WHOLE
    length = tracks * (144_000 if head[3] & 0x80 else 120_000)
    torn = any(_at(file, picture, 3) != _DV for picture in range(0, size, length))
    return Pieces.TORN if torn else _up_to(-(-size // length) * length, size)


def _mxf(file: BinaryIO, size: int) -> Pieces:
    """Follow keys and lengths (SMPTE 336)."""
    start = 0
    while start + 17 <= size:
        head = _at(file, start, 25)
        more = head[16] & 0x7F if head[16] & 0x80 else 0
        if not head.startswith(_MXF) or more > 8:
            return Pieces.TORN
        start += 17 + more + (int.from_bytes(head[17 : 17 + more], "big") if more else head[16])
    return _up_to(start, size)


def _asf(file: BinaryIO, size: int) -> Pieces:
    """Look at the begin of each packet: they are of one length, and all begin alike."""
    head = _at(file, 0, 1 << 16)
    at, start = head.find(_ASF_PROPERTIES) + 92, _little(head[16:24])
    length, data = _little(head[at : at + 4]), _at(file, start, 53)
    if at < 92 or not length or data[:16] != _ASF_DATA or data[50:] != _ASF_PACKET:
        return Pieces.WHOLE
    stated = _little(data[16:24])  # nothing while it is live
    end = start + stated if stated else size
    whole = range(start + 50, min(end, size) - length + 1, length)
    torn = any(_at(file, packet, 3) != _ASF_PACKET for packet in whole)
    return Pieces.TORN if torn else _up_to(end, size)


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _program_stream(file: BinaryIO, size: int) -> Pieces:
    """Follow packs and packets (ISO/IEC 13818-1, 2.5.3)."""
    start = 0
    while start + 14 <= size:
        head = _at(file, start, 14)
        if head.startswith(_PACK):
            start += 14 + (head[13] & 7) if head[4] & 0xC0 == 0x40 else 12
        elif head.startswith(_PACKS_END):
            start += 4
        elif head.startswith(b"\0\0\1") and head[3] > _PACK[3]:
            start += 6 + int.from_bytes(head[4:6], "big")
        elif zeros := _zeros(head + file.read(_SECTOR)):
            start += zeros
        else:
            return Pieces.TORN
    return _up_to(start, size)


def _zeros(data: bytes) -> int:
    """How many zeros come before the next start code, or the end of the file; 0 where neither does."""
    rest = data.lstrip(b"\0")
    if not rest:
        return len(data) if len(data) <= _SECTOR else 0
    zeros = len(data) - len(rest) - 2
    return zeros if 0 < zeros <= _SECTOR and rest[0] == 1 else 0


_LOOKS: dict[bytes, Callable[[BinaryIO, int], Pieces]] = {
    EBML: _matroska,
    b"RIFF": _riff,
    b"FLV": _flv,
    b"OggS": _ogg,
    _MXF: _mxf,
    _DV: _dv,
    _ASF: _asf,
    _PACK: _program_stream,
}
"""By how a file begins."""
