"""A picture in the layouts that stages use, and the conversions between them.

OpenCV is imported when it is first needed, to keep the command line quick.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from enum import Enum
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from streamdepth.values import dataclass, field

if TYPE_CHECKING:
    import cv2

BGRImage = NDArray[np.uint8]
"""(H, W, 3) uint8, blue first, full range: what OpenCV calls a picture."""


class ColourMatrix(Enum):
    """How luma and chroma were made from RGB: the weights of red and blue in luma (ITU-T H.273, table 4)."""

    BT601 = (0.299, 0.114)
    BT709 = (0.2126, 0.0722)
    BT2020 = (0.2627, 0.0593)


NEUTRAL = 128
"""Chroma of what has no colour."""
DEEP_NEUTRAL = 512
"""The same of 10 bits."""


@dataclass(frozen=True, eq=False)
class I420:
    """Planar YUV 4:2:0, 8 bit: `y` (H, W), `u` and `v` (ceil(H/2), ceil(W/2)), all uint8."""

    y: NDArray[np.uint8]
    u: NDArray[np.uint8]
    v: NDArray[np.uint8]
    matrix: ColourMatrix = ColourMatrix.BT601
    full_range: bool = False

    @property
    def black(self) -> int:
        """The luma of black in this range; its chroma is `NEUTRAL`."""
        return 0 if self.full_range else 16


@dataclass(frozen=True)
class Mastering:
    """What HDR says of all its pictures (SMPTE ST 2086, CTA-861.3), in whole units as H.265 has them."""

    COLOUR_UNITS: ClassVar[int] = 50_000
    LIGHT_UNITS: ClassVar[int] = 10_000
    display: tuple[int, ...] | None
    """x and y of red, green, blue and white, in 1/50000; the darkest and the brightest, in 1/10000 cd/m².

    Colours or light that are not known are 0 (H.265, D.3.28: what is out of range is unknown)."""
    light: tuple[int, int] | None
    """Of the brightest pixel and of the brightest picture (MaxCLL, MaxFALL), cd/m²; 0 is unknown."""


@dataclass(frozen=True, eq=False)
class DeepPlanes:
    """Planar YUV 4:2:0 of 10 bits: `y` (H, W), `u` and `v` (ceil(H/2), ceil(W/2)), all uint16 of 0..1023."""

    y: NDArray[np.uint16]
    u: NDArray[np.uint16]
    v: NDArray[np.uint16]
    matrix: ColourMatrix
    full_range: bool = False
    primaries: int = 2
    """Code point of ITU-T H.273, as `transfer`; 2 is unspecified."""
    transfer: int = 2
    mastering: Mastering | None = None
    """Of HDR, where the source says it."""

    @property
    def black(self) -> int:
        """The luma of black in this range; its chroma is `DEEP_NEUTRAL`."""
        return 0 if self.full_range else 64


@dataclass(frozen=True)
class Rectangle:
    """A part of a picture, in its pixels. It begins at even numbers and ends at such or at the picture's edge."""

    left: int
    top: int
    width: int
    height: int

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Its (rows, columns)."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    @property
    def chroma(self) -> tuple[slice, slice]:
        """Its (rows, columns) in planes of half the size."""
        rows, columns = (slice(side.start // 2, (side.stop + 1) // 2) for side in self.pixels)
        return rows, columns


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture as it came, I420 planes or BGR; the other layout is made on first use and kept.

    Make one with `Picture.of_bgr` or `Picture.of_i420`. Arrays are shared, not copied: nobody writes to them.
    """

    width: int
    height: int
    native: BGRImage | I420 = field(repr=False)
    inner: Rectangle | None = None
    """What is not black bars, where a picture of another shape was fitted into this size; None: all of it."""
    deep: DeepPlanes | None = field(default=None, repr=False)
    """The same in 10 bits, HDR as it is, where the source has that and a sink wants it."""

    @classmethod
    def of_bgr(cls, image: BGRImage) -> Picture:
        """Wrap an (H, W, 3) uint8 image."""
        return cls(image.shape[1], image.shape[0], image)

    @classmethod
    def of_i420(cls, planes: I420) -> Picture:
        """Wrap decoded planes."""
        return cls(planes.y.shape[1], planes.y.shape[0], planes)

    @classmethod
    def of(cls, native: BGRImage | I420) -> Picture:
        """Wrap what is in either layout."""
        return cls.of_i420(native) if isinstance(native, I420) else cls.of_bgr(native)

    @property
    def content(self) -> Picture:
        """What is inside the bars, without a copy: what depth is of; the picture itself where it has none."""
        # Not kept where it is the picture itself: one that refers to itself would stay until the next collection.
        return self if self.inner is None else self._inside

    @cached_property
    def _inside(self) -> Picture:
        assert self.inner is not None
        native, box, half = self.native, self.inner.pixels, self.inner.chroma
        if not isinstance(native, I420):
            return Picture.of_bgr(native[box])
        return Picture.of_i420(replace(native, y=native.y[box], u=native.u[half], v=native.v[half]))

    @cached_property
    def bgr(self) -> BGRImage:
        """The picture as (H, W, 3) uint8 BGR, full range."""
        if isinstance(self.native, I420):
            return i420_to_bgr(self.native)
        return self.native

    @cached_property
    def i420(self) -> I420:
        """The picture as I420; made from BGR it is BT.601, limited range."""
        if isinstance(self.native, I420):
            return self.native
        return sampled_i420(self.native)


def sum_of(picture: Picture) -> int:
    """A check sum of the samples of a picture in its own layout (CRC-32): equal for two that are the same."""
    total = 0
    for plane in _samples(picture.native):
        total = zlib.crc32(np.ascontiguousarray(plane).data, total)
    return total


def are_same(first: Picture, second: Picture) -> bool:
    """Whether two pictures have the same samples, in the same layout and of the same colours."""
    one, other = first.native, second.native
    if _colours(one) != _colours(other):
        return False
    return all(map(_are_equal, _samples(one), _samples(other)))


def _samples(native: BGRImage | I420) -> tuple[NDArray[np.uint8], ...]:
    return (native.y, native.u, native.v) if isinstance(native, I420) else (native,)


def _colours(native: BGRImage | I420) -> tuple[ColourMatrix, bool] | None:
    return (native.matrix, native.full_range) if isinstance(native, I420) else None


def _are_equal(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> bool:
    if one.shape != other.shape:
        return False
    middle = len(one) // 2  # where most pictures differ already
    return np.array_equal(one[middle], other[middle]) and np.array_equal(one, other)


def i420_to_bgr(planes: I420) -> BGRImage:
    """(H, W, 3) uint8 BGR of 4:2:0 planes; the matrix and range of the planes are respected (ITU-T H.273)."""
    import cv2

    height, width = planes.y.shape
    even = height % 2 == 0 and width % 2 == 0
    if planes.matrix is ColourMatrix.BT601 and not planes.full_range and even:
        chroma = [plane.reshape(-1, width // 2) for plane in (planes.u, planes.v)]
        packed = np.concatenate([planes.y.reshape(-1), *(plane.reshape(-1) for plane in chroma)])
        return _uint8(cv2.cvtColor(packed.reshape(height * 3 // 2, width), cv2.COLOR_YUV2BGR_I420))
    u, v = (doubled(plane, planes.y) for plane in (planes.u, planes.v))
    return yuv_to_bgr(_uint8(cv2.merge([planes.y, u, v])), planes.matrix, planes.full_range)


def bgr_to_i420(
    image: BGRImage, matrix: ColourMatrix = ColourMatrix.BT601, *, full_range: bool = False
) -> I420:
    """Planes of an (H, W, 3) uint8 BGR image in a matrix and range; chroma is the mean of each four pixels.

    An odd size repeats its last row or column.
    """
    import cv2

    y, u, v = (_uint8(plane) for plane in cv2.split(bgr_to_yuv(image, matrix, full_range=full_range)))
    return I420(y, halved(u), halved(v), matrix, full_range)


def sampled_i420(image: BGRImage) -> I420:
    """`bgr_to_i420` in BT.601, limited range, many times as fast: chroma is that of one pixel of each four."""
    import cv2

    height, width = image.shape[:2]
    padded = _even(image)
    packed = _uint8(cv2.cvtColor(padded, cv2.COLOR_BGR2YUV_I420))
    rows, columns = padded.shape[0], padded.shape[1]
    chroma = packed[rows:].reshape(2, rows // 2, columns // 2)
    return I420(packed[:height, :width], chroma[0], chroma[1])


def yuv_to_bgr(image: cv2.typing.MatLike, matrix: ColourMatrix, full_range: bool) -> BGRImage:
    """(H, W, 3) uint8 BGR of an (H, W, 3) uint8 image of Y, U and V for every pixel."""
    import cv2

    return _uint8(cv2.transform(image, yuv_to_bgr_matrix(matrix, full_range)))


def bgr_to_yuv(image: BGRImage, matrix: ColourMatrix, *, full_range: bool) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 Y, U and V for every pixel of an (H, W, 3) uint8 BGR image; so tables become tables."""
    import cv2

    return _uint8(cv2.transform(image, _bgr_to_yuv(matrix, full_range)))


def halved(plane: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(ceil(H/2), ceil(W/2)) uint8: the mean of each four; an odd size repeats its last row or column."""
    import cv2

    whole = _even(plane)
    size = (whole.shape[1] // 2, whole.shape[0] // 2)
    return _uint8(cv2.resize(whole, size, interpolation=cv2.INTER_LINEAR))


def doubled(plane: NDArray[np.uint8], like: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A chroma plane, enlarged by two and cut to the (H, W) of the luma plane `like`."""
    import cv2

    height, width = like.shape
    size = (plane.shape[1] * 2, plane.shape[0] * 2)
    return _uint8(cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR))[:height, :width]


def _even(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import cv2

    height, width = image.shape[:2]
    if height % 2 == 0 and width % 2 == 0:
        return image
    return _uint8(cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE))


def bgr_to_unrounded_yuv(
    image: NDArray[np.float32], matrix: ColourMatrix, *, full_range: bool
) -> NDArray[np.float32]:
    """(H, W, 3) Y, U and V in 0..255 for every pixel of an (H, W, 3) BGR image in 0..255."""
    import cv2

    return np.asarray(cv2.transform(image, _bgr_to_yuv(matrix, full_range)), np.float32)


@lru_cache(maxsize=8)
def yuv_to_bgr_matrix(matrix: ColourMatrix, full_range: bool) -> NDArray[np.float64]:
    """The 3x4 affine map from (Y, U, V) in 0..255 to (B, G, R) in 0..255."""
    red, blue = matrix.value
    green = 1.0 - red - blue
    luma, chroma, black = (1.0, 1.0, 0.0) if full_range else (255 / 219, 255 / 224, 16.0)
    b_u = 2 * (1 - blue) * chroma
    r_v = 2 * (1 - red) * chroma
    g_u = -b_u * blue / green
    g_v = -r_v * red / green
    rows = np.array([[luma, b_u, 0.0], [luma, g_u, g_v], [luma, 0.0, r_v]])
    offset = -rows @ np.array([black, 128.0, 128.0])
    return np.hstack([rows, offset[:, None]])


@lru_cache(maxsize=8)
def _bgr_to_yuv(matrix: ColourMatrix, full_range: bool) -> NDArray[np.float64]:
    """The 3x4 affine map back, from (B, G, R) to (Y, U, V)."""
    there = yuv_to_bgr_matrix(matrix, full_range)
    back = np.linalg.inv(there[:, :3])
    return np.hstack([back, -back @ there[:, 3:]])


def _uint8(array: object) -> NDArray[np.uint8]:
    return np.asarray(array, dtype=np.uint8)
