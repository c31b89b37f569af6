"""The ICC profile that a photo brings along, as its file holds it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from streamdepth.imaging.tiff_directory import ICC_PROFILE, content_of
from streamdepth.sources.images.image_head import ImageHead, png_chunks

_MOST_BYTES = 4_000_000
"""Of a profile: those of screens have some thousand, and a PNG may say a small one that becomes gigabytes."""
_JPEG_MARK = b"ICC_PROFILE\0"
_BARE_MARKERS = {0x01, *range(0xD0, 0xD9)}


def profile_of(data: bytes, head: ImageHead) -> bytes:
    """The profile of a JPEG, PNG, WebP, TIFF, HEIC or AVIF file; empty where it has none, or a damaged one."""
    if head.heif is not None:
        return head.heif.profile[:_MOST_BYTES]
    reader = {"JPEG": _of_jpeg, "PNG": _of_png, "WebP": _of_webp, "TIFF": _of_tiff}.get(head.kind)
    try:
        return b"" if reader is None else reader(data)
    except (struct.error, IndexError, ValueError, zlib.error):
        return b""


def _of_jpeg(data: bytes) -> bytes:
    """The pieces of it in their order (ICC.1:2022, annex B.4)."""
    pieces = sorted((piece[0], piece[2:]) for piece in _jpeg_pieces(data) if len(piece) > 2)
    return b"".join(piece for _number, piece in pieces)[:_MOST_BYTES]


def _jpeg_pieces(data: bytes) -> Iterator[bytes]:
    offset = 2
    while offset + 4 <= len(data) and data[offset] == 0xFF:
        marker = data[offset + 1]
        if marker in (0xDA, 0xD9):
            return
        if marker == 0xFF or marker in _BARE_MARKERS:
            offset += 1 if marker == 0xFF else 2
            continue
        (length,) = struct.unpack_from(">H", data, offset + 2)
        content = data[offset + 4 : offset + 2 + length]
        if marker == 0xE2 and content.startswith(_JPEG_MARK):
            yield content[len(_JPEG_MARK) :]
        offset += 2 + length


def _of_png(data: bytes) -> bytes:
    """After the name of the profile and the method, of which there is one."""
    for kind, begin, end in png_chunks(data):
        if kind == b"iCCP":
            packed = data[begin:end].split(b"\0", 1)[1][1:]
            return zlib.decompressobj().decompress(packed, _MOST_BYTES)
        if kind in (b"sRGB", b"IDAT"):
            break
    return b""


def _of_webp(data: bytes) -> bytes:
    """It comes first, behind what says that there is one."""
    offset = 12
    while offset + 8 <= len(data):
        kind, length = struct.unpack_from("<4sI", data, offset)
        if kind == b"ICCP":
            return data[offset + 8 : offset + 8 + min(length, _MOST_BYTES)]
        if kind != b"VP8X":
            return b""
        offset += 8 + length + length % 2
    return b""


def _of_tiff(data: bytes) -> bytes:
    """That of the first page."""
    return content_of(data, ICC_PROFILE)[:_MOST_BYTES]
