"""What HDR says of the screen it was made on and of its light, as FFmpeg attaches it to decoded frames."""

from __future__ import annotations

import struct

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
    below = parts[1::2]
    if not (has_colours and has_light and all(part > 0 for part in below)):
        return None
    units = [Mastering.COLOUR_UNITS] * _COLOURS + [Mastering.LIGHT_UNITS] * 2
    values = [
        (2 * above * unit + part) // (2 * part)
        for above, part, unit in zip(parts[::2], below, units, strict=True)
    ]
    largest = [_LARGEST_COLOUR] * _COLOURS + [_LARGEST_LIGHT] * 2
    fit = all(0 <= value <= most for value, most in zip(values, largest, strict=True))
    return tuple(values) if fit else None


def _light(data: bytes) -> tuple[int, int] | None:
    if len(data) < _LIGHT.size:
        return None
    brightest, mean = _LIGHT.unpack_from(data)
    known = (brightest or mean) and max(brightest, mean) <= _LARGEST_COLOUR
    return (brightest, mean) if known else None
