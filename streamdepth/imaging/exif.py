"""The part of a photo's Exif that is as true of its depth: when and where, title, author and rights.

No orientation, as pictures come upright, and no thumbnail, as it shows another picture.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Container

from streamdepth.imaging.png import PNG_START

_TEXTS = frozenset({270, 315, 33432})
"""Description, artist, copyright (Exif 2.32, table 4)."""
_TIMES = frozenset({0x9000, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292})
"""The version, and when it was taken and digitised, with zones and fractions of seconds (table 8)."""
_PARTS = ((0x8769, _TIMES), (0x8825, range(32)))
"""By which tag the directories of the camera and of the place are found, and what is kept of each."""
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}
_PAIRS = (5, 10)
"""Types of two numbers each."""
_TIFF = b"II*\0"
_MOST_BYTES = 1000
"""Of one value: all of them together have room in a segment of a JPEG."""
_PNG_HEAD = 33
_WEBP_HEAD = 12
_WEBP_HAS_EXIF = 8

_Entries = dict[int, tuple[int, int, bytes]]
"""Type, count and content by tag."""


def kept_exif(exif: bytes) -> bytes:
    """What is kept of `exif`, or of the directories of a TIFF, as Exif; empty where there is nothing."""
    data = exif.removeprefix(b"Exif\0\0")
    order = {_TIFF: "<", b"MM\0*": ">"}.get(data[:4])
    if order is None:
        return b""
    main, parts = _directories(data, order)
    if not main and not parts:
        return b""
    body, place = _laid(main, parts, 8)
    return _TIFF + struct.pack("<I", place) + body


def with_exif(picture: bytes, exif: bytes) -> bytes:
    """A JPEG, PNG, WebP without alpha or TIFF with `exif` in it; other kinds, and where there is none, as they are."""
    if exif and picture.startswith(b"\xff\xd8"):
        content = b"Exif\0\0" + exif
        segment = b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content
        at = behind_jfif(picture)
        return picture[:at] + segment + picture[at:]
    if exif and picture.startswith(PNG_START):
        chunk = b"eXIf" + exif
        framed = struct.pack(">I", len(exif)) + chunk + struct.pack(">I", zlib.crc32(chunk))
        return picture[:_PNG_HEAD] + framed + picture[_PNG_HEAD:]
    if exif and (size := _size_of_webp(picture)):
        # What is more than a picture begins with its size (RFC 9649, 2.7).
        head = struct.pack("<I", _WEBP_HAS_EXIF) + b"".join(struct.pack("<I", side - 1)[:3] for side in size)
        chunks = _webp_chunk(b"VP8X", head) + picture[_WEBP_HEAD:] + _webp_chunk(b"EXIF", exif)
        return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WEBP" + chunks
    if exif and picture.startswith(_TIFF):
        return _tiff_with(picture, exif)
    return picture


def _tiff_with(picture: bytes, exif: bytes) -> bytes:
    """A TIFF whose own directory, and that of `exif`, lie behind it as one."""
    picture += bytes(len(picture) % 2)
    own = _entries(picture, "<", _number(picture[4:8], "<"), range(1 << 16), len(picture))
    main, parts = _directories(exif, "<")
    body, place = _laid(own | main, parts, len(picture))
    return _TIFF + struct.pack("<I", place) + picture[8:] + body


def _size_of_webp(picture: bytes) -> tuple[int, int] | None:
    """Width and height of a WebP that is a picture alone, lossy or lossless; None of any other file."""
    kind, frame = picture[_WEBP_HEAD : _WEBP_HEAD + 4], picture[_WEBP_HEAD + 8 : _WEBP_HEAD + 18]
    if picture[:4] != b"RIFF" or picture[8:_WEBP_HEAD] != b"WEBP":
        return None
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", frame, 6)
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", frame, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return None


def _webp_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def behind_jfif(jpeg: bytes) -> int:
    """Where segments may be put in: behind the start, and behind JFIF's own, which must come first."""
    if jpeg[2:4] != b"\xff\xe0":
        return 2
    return 4 + int.from_bytes(jpeg[4:6], "big")


def _number(content: bytes, order: str) -> int:
    return int.from_bytes(content, "little" if order == "<" else "big")


def _directories(data: bytes, order: str) -> tuple[_Entries, dict[int, _Entries]]:
    """What is kept of the first directory, and of those that it leads to, by its tags."""
    begin = _number(data[4:8], order)
    leads = _entries(data, order, begin, [tag for tag, _wanted in _PARTS])
    parts = {
        tag: _entries(data, order, _number(leads[tag][2], "<"), wanted)
        for tag, wanted in _PARTS
        if tag in leads
    }
    return _entries(data, order, begin, _TEXTS), {tag: part for tag, part in parts.items() if part}


def _entries(
    data: bytes, order: str, begin: int, wanted: Container[int], most: int = _MOST_BYTES
) -> _Entries:
    """Those `wanted` of the directory at `begin`, as far as they make sense, with the lower byte first."""
    found: _Entries = {}
    count = _number(data[begin : begin + 2], order)
    for at in range(begin + 2, min(begin + 2 + 12 * count, len(data) - 11), 12):
        tag, kind, length = struct.unpack_from(f"{order}HHI", data, at)
        size = length * _SIZES.get(kind, 0)
        place = at + 8 if size <= 4 else _number(data[at + 8 : at + 12], order)
        if tag in wanted and 0 < size <= min(most, len(data) - place):
            found[tag] = kind, length, _little(data[place : place + size], kind, order)
    return found


def _little(content: bytes, kind: int, order: str) -> bytes:
    size = _SIZES[kind] // (2 if kind in _PAIRS else 1)
    if order == "<" or size == 1:
        return content
    return b"".join(content[at : at + size][::-1] for at in range(0, len(content), size))


def _laid(main: _Entries, parts: dict[int, _Entries], begin: int) -> tuple[bytes, int]:
    """Directories as they lie from `begin` on, and where the first of them is."""
    body, leads = b"", _Entries()
    for tag, part in parts.items():
        leads[tag] = 4, 1, struct.pack("<I", begin + len(body))
        body += _directory(part, begin + len(body))
    return body + _directory(main | leads, begin + len(body)), begin + len(body)


def _directory(entries: _Entries, begin: int) -> bytes:
    """A directory that lies at `begin`, and behind it the values that are too long for it."""
    rows, more = struct.pack("<H", len(entries)), b""
    end = begin + 2 + 12 * len(entries) + 4
    for tag, (kind, length, content) in sorted(entries.items()):
        value = content if len(content) <= 4 else struct.pack("<I", end + len(more))
        rows += struct.pack("<HHI", tag, kind, length) + value.ljust(4, b"\0")
        more += content + bytes(len(content) % 2) if len(content) > 4 else b""
    return rows + bytes(4) + more
