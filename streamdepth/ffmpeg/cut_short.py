"""Whether a recording was cut short: its container promises more bytes than the file has; or is damaged within.

Only the outer structure is read: ISO base media (MP4, MOV), Matroska, RIFF (AVI) and MPEG transport streams.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

_ISO_FIRST_BOXES = {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"free", b"wide", b"skip"}
_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT, _CLUSTER = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75"
_TS_SYNC = 0x47
_HEAD = 208
_TS_LAYOUTS = ((188, 0), (192, 4), (204, 0))
"""Bytes of a packet and where its sync byte is: plain, with time codes (M2TS), with error correction."""


def is_cut_short(path: Path) -> bool:
    """True where the file at `path` surely ends too early; False where it is whole or nothing can be said."""
    try:
        with path.open("rb") as file:
            return _overruns(file, path.stat().st_size)
    except OSError:  # a file that went away meanwhile says nothing
        return False


def is_torn_within(path: Path) -> bool:
    """True for a Matroska file whose elements do not fit into each other: FFmpeg passes over such a place in silence.

    That costs the pictures up to the next cluster. False where nothing can be said.
    """
    try:
        with path.open("rb") as file:
            return file.read(4) == _EBML and _matroska_is_torn(file, path.stat().st_size)
    except OSError:
        return False


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
    if head.startswith(_EBML):
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


def _matroska_is_torn(file: BinaryIO, size: int) -> bool:
    """Follow the elements (RFC 8794) into segments and clusters, as far as these say where they end."""
    start, ends = 0, [size]
    while start < size:
        while start >= ends[-1]:
            ends.pop()
        file.seek(start)
        header = file.read(12)
        name_bytes = _vint_bytes(header, 0)
        size_bytes = _vint_bytes(header, name_bytes)
        if not 1 <= name_bytes <= 4 or size_bytes == 0 or name_bytes + size_bytes > len(header):
            return len(ends) > 1
        start += name_bytes + size_bytes
        end = start + _vint(header[name_bytes : name_bytes + size_bytes])
        if end > ends[-1]:
            return len(ends) > 1
        if header[:name_bytes] not in (_SEGMENT, _CLUSTER):
            start = end
        elif end > start:
            ends.append(end)
    return False


def _matroska_overruns(file: BinaryIO, size: int) -> bool:
    """Follow the elements (RFC 8794); those of unknown size, a live segment or cluster, are entered."""
    start = 0
    while start < size:
        file.seek(start)
        header = file.read(12)
        name_bytes = _vint_bytes(header, 0)
        if not 1 <= name_bytes <= 4:
            return False
        size_bytes = _vint_bytes(header, name_bytes)
        if name_bytes + size_bytes > len(header) or size_bytes == 0:
            return name_bytes >= len(header) or size_bytes > 0
        start += name_bytes + size_bytes + _vint(header[name_bytes : name_bytes + size_bytes])
    return start > size


def _vint_bytes(data: bytes, at: int) -> int:
    """Length of the variable-size integer at `at`, 0 where there is none."""
    return 9 - data[at].bit_length() if at < len(data) and data[at] else 0


def _vint(data: bytes) -> int:
    """Value of a data size; 0 where it is unknown (all ones)."""
    bits = 7 * len(data)
    value = int.from_bytes(data, "big") & ((1 << bits) - 1)
    return 0 if value == (1 << bits) - 1 else value


def _ts_packet_size(head: bytes) -> int | None:
    for packet, sync in _TS_LAYOUTS:
        if len(head) > packet + sync and head[sync] == head[packet + sync] == _TS_SYNC:
            return packet
    return None
