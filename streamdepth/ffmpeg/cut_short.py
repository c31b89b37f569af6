"""Whether a recording was cut short: its container promises more bytes than the file has.

Only the outer structure is read: ISO base media (MP4, MOV), Matroska, RIFF (AVI), MPEG transport streams, and what
`torn` knows.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from streamdepth.ffmpeg.ebml import EBML, vint, vint_bytes
from streamdepth.ffmpeg.torn import Pieces, is_torn_within, pieces_of

_ISO_FIRST_BOXES = {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"wide", b"skip"}
_TS_SYNC = 0x47
_HEAD = 208
_TS_LAYOUTS = ((188, 0), (192, 4), (204, 0))
"""Bytes of a packet and where its sync byte is: plain, with time codes (M2TS), with error correction."""


def is_cut_short(path: Path) -> bool:
    """True where the file at `path` surely ends too early; False where it is whole or nothing can be said."""
    try:
        with path.open("rb") as file:
            overruns = _overruns(file, path.stat().st_size)
    except OSError:  # a file that went away meanwhile says nothing
        return False
    return overruns or pieces_of(path) is Pieces.SHORT


def what_is_broken(path: Path) -> str | None:
    """A sentence on what is wrong with a file as a whole; None where nothing is, or nothing can be said."""
    if is_cut_short(path):
        return "the file was cut short"
    return "the file is damaged within; what could not be read is missing" if is_torn_within(path) else None


def lacks_index(path: Path) -> bool:
    """True for an MP4 or MOV file with no `moov` box, without which nothing in it can be found."""
    with path.open("rb") as file:
        if file.read(8)[4:] not in _ISO_FIRST_BOXES:
            return False
        return all(kind != b"moov" for kind, _ in _boxes(file, path.stat().st_size))


def readable_length(path: Path) -> int:
    """The bytes of a file that FFmpeg can read: without a torn head of a fragment, for which it would refuse all."""
    size = path.stat().st_size
    with path.open("rb") as file:
        if file.read(8)[4:] not in _ISO_FIRST_BOXES:
            return size
        whole = 0
        for kind, end in _boxes(file, size):
            if end > size:
                return size if kind == b"mdat" else whole
            whole = end
    return size


def _overruns(file: BinaryIO, size: int) -> bool:
    head = file.read(_HEAD)
    if head[4:8] in _ISO_FIRST_BOXES:
        return any(end > size for _, end in _boxes(file, size))
    if head.startswith(EBML):
        return _matroska_overruns(file, size)
    if head.startswith(b"RIFF"):
        return any(end > size for end in _riff_ends(file, size))
    packet = _ts_packet_size(head)
    return packet is not None and size % packet != 0


def _boxes(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int]]:
    """(kind, end) of the top-level boxes (ISO/IEC 14496-12, 4.2); the end of a torn header is past the file's."""
    start = 0
    while start < size:
        file.seek(start)
        header = file.read(16)
        if len(header) < 8:
            yield b"", size + 1
            return
        length, kind = struct.unpack(">I4s", header[:8])
        if length == 1 and len(header) == 16:
            (length,) = struct.unpack(">Q", header[8:])
        if length < 8:  # 0 reaches to the end of the file; the rest is no box
            return
        start += length
        yield kind, start


def _riff_ends(file: BinaryIO, size: int) -> Iterator[int]:
    start = 0
    while start + 12 <= size:
        file.seek(start)
        kind, length = struct.unpack("<4sI", file.read(8))
        if kind != b"RIFF" or length in (0, 0xFFFFFFFF):  # being written, or not finished
            return
        start += 8 + length + length % 2
        yield start - length % 2


def _matroska_overruns(file: BinaryIO, size: int) -> bool:
    """Follow the elements (RFC 8794); those of unknown size, a live segment or cluster, are entered."""
    start = 0
    while start < size:
        file.seek(start)
        header = file.read(12)
        name_bytes = vint_bytes(header, 0)
        if not 1 <= name_bytes <= 4:
            return False
        size_bytes = vint_bytes(header, name_bytes)
        if name_bytes + size_bytes > len(header) or size_bytes == 0:
            return name_bytes >= len(header) or size_bytes > 0
        start += name_bytes + size_bytes + vint(header[name_bytes : name_bytes + size_bytes])
    return start > size


def _ts_packet_size(head: bytes) -> int | None:
    for packet, sync in _TS_LAYOUTS:
        if len(head) > packet + sync and head[sync] == head[packet + sync] == _TS_SYNC:
            return packet
    return None
