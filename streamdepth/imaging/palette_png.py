"""PNG files of 256 colours, quickly: what a heat map is, and a third of the work of a PNG in full colour."""

from __future__ import annotations

import struct

import numpy as np
from isal import isal_zlib
from numpy.typing import NDArray

from streamdepth.imaging.png import PNG_START

_PALETTE = 3
_UP = 2
"""The filter that takes each row from the one above: of a smooth map little is left (PNG, 9.2)."""
_LEVEL = 1
"""Of ISA-L: 0 takes as long and leaves a third more, 3 takes three times as long and leaves as much."""


def palette_png(levels: NDArray[np.uint8], table: NDArray[np.uint8]) -> bytes:
    """A PNG of (H, W) uint8 `levels`, which a (256, 1, 3) uint8 BGR `table` gives their colours.

    Rows are filtered by their difference and compressed by ISA-L, in a quarter of the time that zlib takes for run
    lengths alone.
    """
    height, width = levels.shape
    rows = np.empty((height, width + 1), np.uint8)
    rows[:, 0] = _UP
    rows[0, 1:] = levels[0]
    np.subtract(levels[1:], levels[:-1], out=rows[1:, 1:])
    data = isal_zlib.compress(rows.data, _LEVEL)
    head = struct.pack(">IIBBBBB", width, height, 8, _PALETTE, 0, 0, 0)
    colours = np.ascontiguousarray(table.reshape(256, 3)[:, ::-1]).tobytes()
    chunks = ((b"IHDR", head), (b"PLTE", colours), (b"IDAT", data), (b"IEND", b""))
    parts = (part for kind, content in chunks for part in _chunk(kind, content))
    return b"".join((PNG_START, *parts))


def _chunk(kind: bytes, content: bytes) -> tuple[bytes, ...]:
    check = isal_zlib.crc32(content, isal_zlib.crc32(kind))
    return struct.pack(">I", len(content)), kind, content, struct.pack(">I", check)
