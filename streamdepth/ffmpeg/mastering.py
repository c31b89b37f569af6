"""What HDR says of the screen it was made on and of its light, as FFmpeg attaches it to decoded frames."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from av.video.frame import VideoFrame

from streamdepth.ffmpeg.side_data import side_data_of
from streamdepth.pixels import Mastering

_DISPLAY = struct.Struct("=20i2i")
"""`AVMasteringDisplayMetadata`: ten fractions, then whether colours and light are known."""
_LIGHT = struct.Struct("=2I")
"""`AVContentLightMetadata`."""
_COLOURS = 8
"""So many of the fractions are x and y of a colour."""
_LARGEST_COLOUR, _LARGEST_LIGHT = (1 << 16) - 1, (1 << 32) - 1


def mastering_of(frame: VideoFrame) -> Mastering | None:
    """What the frame says, in its stream or in its container; None where that is nothing."""
    display = _display(side_data_of(frame, "MASTERING_DISPLAY_METADATA") or b"")
    light = _light(side_data_of(frame, "CONTENT_LIGHT_LEVEL") or b"")
    return None if display is None and light is None else Mastering(display, light)


def _display(data: bytes) -> tuple[int, ...] | None:
    if len(data) < _DISPLAY.size:
        return None
    *parts, has_colours, has_light = _DISPLAY.unpack_from(data)
    colours = _whole(parts[: 2 * _COLOURS], Mastering.COLOUR_UNITS, _LARGEST_COLOUR) if has_colours else None
    light = _whole(parts[2 * _COLOURS :], Mastering.LIGHT_UNITS, _LARGEST_LIGHT) if has_light else None
    if colours is None and light is None:
        return None
    return (colours or (0,) * _COLOURS) + (light or (0, 0))


def _whole(parts: Sequence[int], unit: int, largest: int) -> tuple[int, ...] | None:
    """Fractions in whole units; None where one is none, or too large to be written."""
    above, below = parts[::2], parts[1::2]
    if min(below) <= 0:
        return None
    values = tuple((2 * a * unit + b) // (2 * b) for a, b in zip(above, below, strict=True))
    return values if all(0 <= value <= largest for value in values) else None


def _light(data: bytes) -> tuple[int, int] | None:
    if len(data) < _LIGHT.size:
        return None
    brightest, mean = _LIGHT.unpack_from(data)
    known = (brightest or mean) and max(brightest, mean) <= _LARGEST_COLOUR
    return (brightest, mean) if known else None
