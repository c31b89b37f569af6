"""ICC profiles of screens: three primaries, and one curve for all."""

from __future__ import annotations

import struct
from collections.abc import Sequence

DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407))
ADOBE_RGB = ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457))
SRGB = ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410))
"""XYZ under D50 of red, green and blue."""
_D50 = (0.9642, 1.0, 0.8249)


def _fixed(*numbers: float) -> bytes:
    return struct.pack(f">{len(numbers)}i", *(round(number * 65536) for number in numbers))


def parametric(kind: int, *numbers: float) -> bytes:
    """A curve by its formula."""
    return b"para" + bytes(4) + struct.pack(">HH", kind, 0) + _fixed(*numbers)


def table(levels: Sequence[int]) -> bytes:
    """A curve by its points, of 16 bits; one of them is an exponent, 256 times as large."""
    return b"curv" + bytes(4) + struct.pack(f">I{len(levels)}H", len(levels), *levels)


OF_SRGB = parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
GAMMA = table([round(2.2 * 256)])


def icc_profile(
    primaries: Sequence[Sequence[float]], curve: bytes, *, padding: int = 0, **others: bytes
) -> bytes:
    """A profile with further tags, and with so many bytes that say nothing."""
    tags = {
        b"wtpt": b"XYZ " + bytes(4) + _fixed(*_D50),
        **{name.encode(): tag for name, tag in others.items()},
    }
    tags |= {b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"Test\0" + bytes(90 + padding)}
    for letter, primary in zip("rgb", primaries, strict=True):
        tags[f"{letter}XYZ".encode()] = b"XYZ " + bytes(4) + _fixed(*primary)
        tags[f"{letter}TRC".encode()] = curve
    offset, entries, content = 132 + 12 * len(tags), b"", b""
    for name, tag in tags.items():
        entries += struct.pack(">4sII", name, offset + len(content), len(tag))
        content += tag + bytes(-len(tag) % 4)
    version = 0x02100000 if curve.startswith(b"curv") else 0x04000000
    size = offset + len(content)
    head = struct.pack(">I4sI12s", size, b"lcms", version, b"mntrRGB XYZ ") + bytes(12) + b"acsp" + bytes(28)
    return (head + _fixed(*_D50)).ljust(128, b"\0") + struct.pack(">I", len(tags)) + entries + content
