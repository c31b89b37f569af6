"""Colours of an ICC profile of three primaries, with a curve each, as sRGB (ICC.1:2022).

Phones make photos in Display P3 and cameras in Adobe RGB: taken for sRGB they are pale. A profile of another kind, as
of a printer, is not followed.
"""

from __future__ import annotations

import struct

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.pixels import BGRImage
from streamdepth.values import dataclass

_TO_XYZ = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
"""From the light of sRGB to XYZ under D50, where profiles meet (IEC 61966-2-1, adapted by Bradford)."""
_COLUMNS, _CURVES = (b"rXYZ", b"gXYZ", b"bXYZ"), (b"rTRC", b"gTRC", b"bTRC")
_MOST_TAGS = 100
_FINE = 4095
"""Steps of light that are told apart on the way to 8 bits."""
_ROWS = 64
"""At a time: as light a picture takes six times its memory."""
_SEEN = 2
"""Levels of 256 by which a colour may be off before it is worth converting."""
_PARAMETERS = (1, 3, 4, 5, 7)
"""Of each kind of parametric curve (table 68)."""


@dataclass(frozen=True, eq=False)
class ToSrgb:
    """The way from the colours of a profile to those of sRGB."""

    light: NDArray[np.float32]
    """(256, 3): what each level of blue, green and red is as light."""
    matrix: NDArray[np.float32]
    """(3, 3): from that light to the light of sRGB."""

    def __call__(self, image: BGRImage) -> BGRImage:
        """(H, W, 3) uint8 BGR in sRGB; what lies outside of it becomes the nearest that it has."""
        done = np.empty(image.shape, np.uint8)
        for top in range(0, len(image), _ROWS):
            light = cv2.LUT(np.ascontiguousarray(image[top : top + _ROWS]), self.light[None])
            steps = np.clip(cv2.transform(light, self.matrix * _FINE), 0, _FINE)
            np.take(_LEVELS, (steps + 0.5).astype(np.uint16), out=done[top : top + _ROWS])
        return done


def to_srgb(profile: bytes) -> ToSrgb | None:
    """What brings colours of a profile to sRGB; None where they are that already, or as good as, or not understood."""
    try:
        with np.errstate(all="ignore"):  # what is not finite is refused below
            found = _conversion(profile)
    except (ArithmeticError, IndexError, KeyError, ValueError, struct.error, np.linalg.LinAlgError):
        return None
    if found is None or not (np.isfinite(found.light).all() and np.isfinite(found.matrix).all()):
        return None
    levels = np.array([0, 64, 128, 192, 255], np.uint8)
    colours = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(1, -1, 3)
    is_near = np.abs(found(colours).astype(int) - colours).max() <= _SEEN
    return None if is_near else found


def _conversion(profile: bytes) -> ToSrgb | None:
    (count,) = struct.unpack_from(">I", profile, 128)
    if profile[16:24] != b"RGB XYZ " or count > _MOST_TAGS:
        return None
    entries = (struct.unpack_from(">4sII", profile, 132 + 12 * number) for number in range(count))
    tags = {name: profile[begin : begin + size] for name, begin, size in entries}
    if b"A2B0" in tags:
        return None  # by tables, which come first
    columns = [[value / 65536 for value in struct.unpack_from(">3i", tags[name], 8)] for name in _COLUMNS]
    matrix = np.linalg.inv(_TO_XYZ) @ np.array(columns).T
    light = np.stack([_curve(tags[name]) for name in reversed(_CURVES)], axis=-1)
    return ToSrgb(light.astype(np.float32), matrix[::-1, ::-1].astype(np.float32))


def _curve(tag: bytes) -> NDArray[np.float64]:
    """(256,) light of each level, 0 to 1 (ICC.1:2022, 10.6 and 10.18)."""
    levels = np.linspace(0, 1, 256)
    if tag[:4] == b"para":
        (kind,) = struct.unpack_from(">H", tag, 8)
        return _parametric(levels, kind, struct.unpack_from(f">{_PARAMETERS[kind]}i", tag, 12))
    if tag[:4] != b"curv":
        raise ValueError(tag[:4])
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return levels
    if count == 1:
        return np.asarray(levels ** (struct.unpack_from(">H", tag, 12)[0] / 256), np.float64)
    table = np.frombuffer(tag, ">u2", count, 12) / 65535
    return np.interp(levels, np.linspace(0, 1, count), table)


def _parametric(levels: NDArray[np.float64], kind: int, fixed: tuple[int, ...]) -> NDArray[np.float64]:
    power, a, b, c, d, e, f = (*(value / 65536 for value in fixed), *(0.0,) * (7 - len(fixed)))
    if kind == 0:
        a = 1.0
    if kind in (1, 2):
        c, d, e, f = 0.0, -b / a, c, c
    curved = np.maximum(a * levels + b, 0) ** power + e
    return np.asarray(np.where(levels >= d, curved, c * levels + f), np.float64)


def _levels() -> NDArray[np.uint8]:
    light = np.linspace(0, 1, _FINE + 1)
    curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * curved), np.uint8)


_LEVELS = _levels()
"""The level of sRGB for each step of light."""
