"""Whether what a strip or tile of a TIFF holds can be unpacked: the libtiff inside OpenCV leaves black what cannot."""

from __future__ import annotations

import zlib
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

_SLICE = 1 << 16
_AT_ONCE = 1 << 22
_CLEAR, _END, _FIRST = 256, 257, 258
_MOST_CODES = 4862
"""Between two clearings of the table: libtiff bears with 1024 more than its 12 bits can name."""
_FEW = 32
_BYTES_A_TABLE = 64
"""No writer clears its table more often than this; each time costs us as much as thousands of codes."""
_START, _STOP = b"\xff\xd8", b"\xff\xd9"


def unpacks(packed: bytes, compression: int, needed: int) -> bool:
    """Whether `packed` gives at least `needed` bytes by a compression's number; True of one that is not known here.

    Of deflate the check sum counts as well.
    """
    check = _CHECKS.get(compression)
    return check is None or check(packed, needed)


def _inflates(packed: bytes, needed: int) -> bool:
    unpacker, got = zlib.decompressobj(), 0
    try:
        for begin in range(0, len(packed), _SLICE):
            rest = packed[begin : begin + _SLICE]
            while rest and got <= needed:  # one more than needed, or the check sum behind it stays unread
                got += len(unpacker.decompress(rest, _AT_ONCE))
                rest = unpacker.unconsumed_tail
            if unpacker.eof or got > needed:
                break
    except zlib.error:
        return False
    return got >= needed


def _unpacks_bits(packed: bytes, needed: int) -> bool:
    """Each row is packed by itself (TIFF 6.0, section 9), so that no run goes beyond the end of the last one."""
    place = got = 0
    while got < needed and place < len(packed):
        head = packed[place]
        if head < 128:
            place += head + 2
            got += head + 1 if place <= len(packed) else 0
        else:
            got += 257 - head if head > 128 and place + 1 < len(packed) else 0
            place += 2 if head > 128 else 1
    return got == needed


def _unpacks_words(packed: bytes, needed: int) -> bool:
    """LZW as of TIFF 6.0, section 13. Its codes lie at known places between two clearings of the table."""
    if packed[:1] == b"\0" and packed[1:2] and packed[1] & 1:
        return True  # written in an older way, which libtiff recognises by this
    data = np.frombuffer(packed + b"\0\0\0", np.uint8)
    begin = got = tables = 0
    while got < needed:
        tables += 1
        codes, at_end = _codes(data, begin, 8 * len(packed) - begin)
        if tables > 2 + len(packed) // _BYTES_A_TABLE or not _is_sound(codes):
            return False
        got += int(_lengths(codes).sum())
        if at_end or len(codes) == _MOST_CODES:
            break
        begin += int(_PLACES[len(codes)] + _WIDTHS[len(codes)])
    return got >= needed


def _codes(data: NDArray[np.uint8], begin: int, bits: int) -> tuple[NDArray[np.int64], bool]:
    """The codes from a bit on up to where the table is cleared, and whether the data end there."""
    whole = int(np.searchsorted(_PLACES + _WIDTHS, bits, side="right"))
    for count in (min(_FEW, whole), whole):  # a table that is cleared at once should cost little
        codes = _codes_at(data, begin + _PLACES[:count], _WIDTHS[:count])
        stops = np.flatnonzero((codes == _CLEAR) | (codes == _END))
        if len(stops):
            return codes[: stops[0]], bool(codes[stops[0]] == _END)
    return codes, True


def _codes_at(
    data: NDArray[np.uint8], places: NDArray[np.int64], widths: NDArray[np.int64]
) -> NDArray[np.int64]:
    byte = places >> 3
    words = data[byte].astype(np.int64) << 16 | data[byte + 1].astype(np.int64) << 8 | data[byte + 2]
    codes: NDArray[np.int64] = words >> (24 - (places & 7) - widths) & (1 << widths) - 1
    return codes


def _is_sound(codes: NDArray[np.int64]) -> bool:
    """Whether each code is in the table by then, or the one that comes next."""
    known = _FIRST + np.arange(len(codes))
    known[:1] = _CLEAR
    return bool((codes < known).all())


def _lengths(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many bytes each code stands for: one more than the code that its word begins with."""
    before = np.where(codes < _FIRST, len(codes), codes - _FIRST)
    before = np.append(before, len(codes))
    lengths = np.append(np.ones(len(codes), np.int64), 0)
    while (before[:-1] < len(codes)).any():  # each turn doubles how far back is counted
        lengths = lengths + lengths[before]
        before = before[before]
    return lengths[:-1]


def _is_jpeg(packed: bytes, _needed: int) -> bool:
    return packed.startswith(_START) and _STOP in packed


def _widths() -> NDArray[np.int64]:
    """Bits of each code after a clearing: one more as soon as the table has grown that far, less one."""
    number = np.arange(_MOST_CODES)
    sizes = [2**bits - _CLEAR - 2 for bits in (9, 10, 11)]
    return 9 + np.searchsorted(sizes, number, side="right").astype(np.int64)


_WIDTHS = _widths()
_PLACES = np.cumsum(_WIDTHS) - _WIDTHS
_CHECKS: dict[int, Callable[[bytes, int], bool]] = {
    1: lambda packed, needed: len(packed) >= needed,
    5: _unpacks_words,
    7: _is_jpeg,
    8: _inflates,
    32773: _unpacks_bits,
    32946: _inflates,
}
