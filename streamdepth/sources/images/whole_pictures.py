"""Which pictures of an animation are whole: FFmpeg draws on over what is damaged, and of GIF says nothing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import cv2
import numpy as np

from streamdepth.imaging.opencv import quiet_opencv
from streamdepth.imaging.png import PNG_START
from streamdepth.sources.images.image_head import gif_blocks, png_chunks

_CONTROL = b"!\xf9"
_PICTURE = ord(",")
_TRAILER = b";"
_PNG_DEPTH = 24
"""Where a PNG says how many bits a sample has; behind it stands its kind of colour."""
_WITH_ALPHA = (4, 6)
_OVER = b"\1"
_AT_A_TIME = 1 << 20
"""Bytes of pixels that are unpacked at a time, none of which is kept."""


class Damaged(Exception):
    """What comes next in an animation is damaged, or missing."""


class EndUnknown(Exception):
    """All pictures are whole; whether others followed is not known, since no end is marked."""


def whole_pictures(data: bytes) -> Iterator[None]:
    """Once for each picture of an animated GIF or PNG that is whole, in order; then raises `Damaged` where one is not.

    Or `EndUnknown`. Each is looked at when it is asked for.
    """
    return _of_png(data) if data.startswith(PNG_START) else _of_gif(data)


def is_blended_deep(data: bytes) -> bool:
    """Whether an animated PNG lays clear pictures of 16 bits over each other, which FFmpeg does not do."""
    if not data.startswith(PNG_START) or data[_PNG_DEPTH] != 16:
        return False
    kinds = [(kind, data[begin:end]) for kind, begin, end in png_chunks(data)]
    is_clear = data[_PNG_DEPTH + 1] in _WITH_ALPHA or any(kind == b"tRNS" for kind, _ in kinds)
    heads = [content for kind, content in kinds if kind == b"fcTL"]
    return is_clear and any(head[-1:] == _OVER for head in heads[1:])


def _of_gif(data: bytes) -> Iterator[None]:
    """GIF has no check sums; each picture is decoded by itself, so that it must at least fill its own rectangle."""
    end = first = next((begin for begin, _end in gif_blocks(data)), len(data))
    control = b""
    for begin, end in gif_blocks(data):
        if end > len(data):
            raise Damaged
        if data.startswith(_CONTROL, begin):
            control = data[begin:end]
        elif data[begin] == _PICTURE:
            size, rest = data[begin + 5 : begin + 9], data[begin + 9 : end]
            alone = b"".join((data[:6], size, data[10:first], control, b",\0\0\0\0", size, rest, _TRAILER))
            if _fits(size, data[6:10]) and not _is_decoded(alone):
                raise Damaged
            yield
            control = b""
    if end == len(data) and not control:
        raise EndUnknown
    if not data.startswith(_TRAILER, end):
        raise Damaged


def _fits(size: bytes, canvas: bytes) -> bool:
    """Whether a picture is no larger than the canvas, which is known to be of a size that may be decoded."""
    width, height, *sides = struct.unpack("<4H", size + canvas)
    return bool(0 < width <= sides[0] and 0 < height <= sides[1])


def _is_decoded(alone: bytes) -> bool:
    try:
        with quiet_opencv():
            return cv2.imdecode(np.frombuffer(alone, np.uint8), cv2.IMREAD_UNCHANGED) is not None
    except cv2.error:
        return False


def _of_png(data: bytes) -> Iterator[None]:
    """By check sums, and by numbers that go on (PNG, third edition, 11.3.6.2): none of its chunks may be missing."""
    pictures = wanted = number = 0
    is_begun = is_filled = False
    for kind, begin, end in png_chunks(data):
        is_last = kind == b"IEND"
        if is_last or kind == b"fcTL":
            if is_filled:
                pictures += 1
                yield
            is_begun, is_filled = True, False
        if is_last:
            break
        is_needed = is_begun or kind == b"acTL" or kind[:1].isupper()  # text before the first picture is not
        if is_needed and not _has_its_sum(data, begin, end):
            raise Damaged
        if kind == b"acTL":
            wanted = int.from_bytes(data[begin : begin + 4])
        elif kind in (b"fcTL", b"fdAT"):
            if int.from_bytes(data[begin : begin + 4]) != number:
                raise Damaged
            number += 1
        is_filled |= is_begun and kind in (b"IDAT", b"fdAT")
    if is_filled and pictures + 1 == wanted and _is_last_whole(data):  # and IEND is missing
        pictures += 1
        yield
    if pictures != wanted:
        raise Damaged


def _is_last_whole(data: bytes) -> bool:
    """Whether all of the last picture is there, as far as its own data say."""
    last = b""
    for kind, begin, end in png_chunks(data):
        if kind == b"fcTL":
            last = b""
        elif kind in (b"IDAT", b"fdAT"):
            last += data[begin + 4 * (kind == b"fdAT") : end]
    stream = zlib.decompressobj()
    try:
        while last and not stream.eof:
            stream.decompress(last, _AT_A_TIME)
            last = stream.unconsumed_tail
    except zlib.error:
        return False
    return stream.eof


def _has_its_sum(data: bytes, begin: int, end: int) -> bool:
    (length,) = struct.unpack_from(">I", data, begin - 8)
    return end - begin == length and data[end : end + 4] == zlib.crc32(data[begin - 4 : end]).to_bytes(4)
