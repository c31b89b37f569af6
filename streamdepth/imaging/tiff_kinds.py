"""Which TIFF files OpenCV reads, and what the others hold: of some it gives black or mixed-up pixels."""

from __future__ import annotations

from streamdepth.imaging.tiff_directory import (
    BITS,
    COMPRESSION,
    PHOTOMETRIC,
    PLANES,
    SAMPLE_FORMAT,
    SAMPLES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Directory,
    directories,
)

_READ = frozenset({1, 2, 3, 4, 5, 6, 7, 8, 32766, 32771, 32773, 32809, 32946, 34676, 34677})
"""Compressions of the libtiff inside OpenCV: none, fax, LZW, JPEG, deflate, PackBits and odd ones."""
_COMPRESSIONS = {
    **dict.fromkeys((33003, 33004, 33005, 34712), "JPEG 2000"),
    **dict.fromkeys((50002, 52546), "JPEG XL"),
    **dict.fromkeys((22610, 34934), "JPEG XR"),
    **dict.fromkeys((34927, 50001), "WebP"),
    34887: "LERC",
    34925: "LZMA",
    34926: "Zstandard",
    34933: "PNG",
    50000: "Zstandard",
}
_COMPLEX = {5: "complex whole numbers", 6: "complex numbers"}
_FLOAT = 3
_WHITE_IS_ZERO, _PALETTE, _CMYK = 0, 3, 5
_IN_PLANES = 2
_TILES_IN = 1024
"""Bytes that the libtiff inside OpenCV rounds up to where it reads a tile of 8 bits as it is, and then refuses it."""


def unread_tiff(data: bytes) -> str:
    """Why OpenCV does not read the first page of a TIFF, as the end of `FILE ...`; empty of what it may read."""
    return unread_page(next(directories(data), {}))


def unread_page(page: Directory) -> str:
    """`unread_tiff` of the directory of a page."""
    what = _foreign(page)
    return f"{what}, which is not supported" if what else ""


def is_negative(page: Directory) -> bool:
    """Whether 0 is white, and OpenCV leaves it so: it turns samples of 8 bits and fewer around by itself."""
    return page.get(PHOTOMETRIC, (1,))[0] == _WHITE_IS_ZERO and page.get(BITS, (1,))[0] > 8


def _foreign(page: Directory) -> str:
    compression, bits = page.get(COMPRESSION, (1,))[0], page.get(BITS, (1,))
    samples, kind = page.get(SAMPLES, (1,))[0], page.get(SAMPLE_FORMAT, (1,))[0]
    if compression not in _READ:
        return f"is a TIFF compressed by {_COMPRESSIONS.get(compression, f'the method {compression}')}"
    if kind in _COMPLEX:
        return f"is a TIFF of {_COMPLEX[kind]}"
    if kind == _FLOAT and bits[0] not in (32, 64):
        return f"is a TIFF of floating-point numbers in {bits[0]} bits"
    if samples > 4:
        return f"is a TIFF of {samples} channels"
    return _foreign_samples(page, bits)


def _foreign_samples(page: Directory, bits: tuple[int, ...]) -> str:
    photometric = page.get(PHOTOMETRIC, (1,))[0]
    if len(set(bits)) > 1:
        return f"is a TIFF with channels of {', '.join(map(str, bits))} bits"
    if bits[0] not in (1, 8, 10, 12, 14, 16, 32, 64) and (bits[0], photometric) != (4, _PALETTE):
        return f"is a TIFF with {bits[0]} bits a sample"
    if photometric == _CMYK and bits[0] > 8:
        return f"is a TIFF of CMYK in {bits[0]} bits"
    if page.get(SAMPLES, (1,))[0] > 1 and page.get(PLANES, (1,))[0] == _IN_PLANES and bits[0] > 8:
        return f"is a TIFF with its channels one after the other (planar) in {bits[0]} bits"
    width, height = (page.get(side, (0,))[0] for side in (TILE_WIDTH, TILE_HEIGHT))
    if page.get(COMPRESSION, (1,))[0] == 1 and bits[0] == 8 and _byte_count(page, width * height) % _TILES_IN:
        return f"is an uncompressed TIFF in tiles of {width}x{height} pixels"
    return ""


def _byte_count(page: Directory, pixels: int) -> int:
    """How many bytes so many pixels of 8 bits have in one place."""
    return pixels if page.get(PLANES, (1,))[0] == _IN_PLANES else pixels * page.get(SAMPLES, (1,))[0]
