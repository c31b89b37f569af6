"""The display matrix of a video: how its pictures are turned and mirrored to stand upright."""

from __future__ import annotations

import struct
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.values import dataclass

Samples = TypeVar("Samples", np.uint8, np.uint16)
_MATRIX = struct.Struct("=9i")


@dataclass(frozen=True)
class Orientation:
    """One of the eight ways to lay a picture: transpose first, then mirror."""

    transpose: bool = False
    mirror_x: bool = False
    mirror_y: bool = False

    @classmethod
    def from_matrix(cls, matrix: bytes) -> Orientation:
        """Read nine native int32, row by row, that map a point (x, y, 1), y downwards, to where it is shown.

        The layout is that of ISO/IEC 14496-12, 8.3.2. Angles between the quarter turns go to the nearest one;
        anything but 36 bytes, and a matrix of zeros, leave the picture as it is.
        """
        if len(matrix) != _MATRIX.size:
            return cls()
        x_to_x, x_to_y, _, y_to_x, y_to_y, *_ = _MATRIX.unpack(matrix)
        if abs(x_to_y) + abs(y_to_x) > abs(x_to_x) + abs(y_to_y):
            return cls(transpose=True, mirror_x=y_to_x < 0, mirror_y=x_to_y < 0)
        return cls(mirror_x=x_to_x < 0, mirror_y=y_to_y < 0)

    @classmethod
    def from_exif(cls, value: int) -> Orientation:
        """Read the orientation of Exif 2.32, 4.6.4: 1 to 8; any other number leaves the picture as it is."""
        return _OF_EXIF.get(value, cls())

    def size(self, width: int, height: int) -> tuple[int, int]:
        """(width, height) as shown of a picture that is stored as `width` x `height`."""
        return (height, width) if self.transpose else (width, height)

    def then(self, other: Orientation) -> Orientation:
        """This one and after it another, in one."""
        x, y = (self.mirror_y, self.mirror_x) if other.transpose else (self.mirror_x, self.mirror_y)
        return Orientation(self.transpose ^ other.transpose, x ^ other.mirror_x, y ^ other.mirror_y)

    def apply(self, image: NDArray[Samples]) -> NDArray[Samples]:
        """Lay an (H, W) or (H, W, 3) array upright; the array itself where nothing is to be done."""
        if self.transpose:
            image = np.asarray(cv2.transpose(image), dtype=image.dtype)
        if self.mirror_x or self.mirror_y:
            image = np.asarray(cv2.flip(image, self._flip_code()), dtype=image.dtype)
        return image

    def _flip_code(self) -> int:
        if self.mirror_x and self.mirror_y:
            return -1
        return 1 if self.mirror_x else 0


UPRIGHT = Orientation()
"""As it is."""
_OF_EXIF = {
    2: Orientation(mirror_x=True),
    3: Orientation(mirror_x=True, mirror_y=True),
    4: Orientation(mirror_y=True),
    5: Orientation(transpose=True),
    6: Orientation(transpose=True, mirror_x=True),
    7: Orientation(transpose=True, mirror_x=True, mirror_y=True),
    8: Orientation(transpose=True, mirror_y=True),
}
