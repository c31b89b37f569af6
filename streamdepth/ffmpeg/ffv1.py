"""Whether a packet of FFV1 is as it was written: FFmpeg fills what is not from the picture before, and says nothing."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

_SIZE, _WITH_SUM = 3, 8
"""Bytes behind a slice: how long it is; and with a check sum (RFC 9043, 4.8)."""
_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_ONES = 0xFFFFFFFF


def is_whole(packet: bytes) -> bool:
    """Whether all slices of a packet of version 3 are there and as their check sums say, where they have any."""
    slices = list(_slices(packet, _WITH_SUM))
    if slices:
        return all(_is_sound(part) for part in slices)
    return bool(list(_slices(packet, _SIZE)))


def _slices(packet: bytes, footer: int) -> Iterator[bytes]:
    """From the last to the first; none where they do not fill the packet."""
    found, end = [], len(packet)
    while end >= footer:
        place = end - footer
        begin = place - int.from_bytes(packet[place : place + _SIZE], "big")
        if begin < 0:
            break
        found.append(packet[begin:end])
        end = begin
    return iter(found if end == 0 else [])


def _is_sound(part: bytes) -> bool:
    # The sum goes from the highest bit to the lowest, zlib's the other way; and begins at 0, zlib's at ones.
    return zlib.crc32(part.translate(_REVERSED), _ONES) == _ONES
