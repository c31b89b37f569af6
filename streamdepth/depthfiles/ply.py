"""A picture and its depth as points in space, for MeshLab, CloudCompare, Open3D and Blender (PLY, binary)."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import BEYOND
from streamdepth.pixels import BGRImage

ACROSS = 60.0
"""Degrees that the picture is taken to be wide, as of a common lens: nothing says what it was."""
MOST_POINTS = 1_000_000
JUMP = 0.06
"""Of the distance: where neighbours are farther apart, a point would hang between two things."""
_WITHOUT_END = 0.999 * BEYOND
"""Metres; values between those of a map are rounded."""

_POINT = np.dtype([("xyz", "<f4", 3), ("rgb", "u1", 3)])


def ply_of(image: BGRImage, distance: NDArray[np.float32], note: str, across: float = ACROSS) -> bytes:
    """The file content: a point for each pixel of (H, W, 3) `image`, `distance` (h, w) along the axis of the lens.

    It is `across` degrees wide; x goes right, y up, and the camera looks along -z, as in OpenGL. Points at the edges of
    things, and those at `BEYOND`, are left out.
    """
    image = _bounded(image)
    height, width = image.shape[:2]
    z = np.asarray(cv2.resize(distance, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    focal = width / 2 / math.tan(math.radians(across / 2))
    x = (np.arange(width, dtype=np.float32) + 0.5 - width / 2) / focal
    y = (np.arange(height, dtype=np.float32) + 0.5 - height / 2)[:, None] / focal
    kept = _is_surface(z)
    points = np.empty(int(kept.sum()), _POINT)
    points["xyz"] = np.stack([x * z, -y * z, -z], axis=-1)[kept]
    points["rgb"] = image[..., ::-1][kept]
    return _head(len(points), note).encode("ascii") + points.tobytes()


def _bounded(image: BGRImage) -> BGRImage:
    height, width = image.shape[:2]
    scale = math.sqrt(MOST_POINTS / (width * height))
    if scale >= 1:
        return image
    size = max(1, int(width * scale)), max(1, int(height * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _is_surface(z: NDArray[np.float32]) -> NDArray[np.bool_]:
    around = np.ones((3, 3), np.uint8)
    far, near = cv2.dilate(z, around), cv2.erode(z, around)
    return np.asarray((far - near <= JUMP * z) & (far < _WITHOUT_END))


def _head(count: int, note: str) -> str:
    axes = "".join(f"property float {axis}\n" for axis in "xyz")
    colours = "".join(f"property uchar {colour}\n" for colour in ("red", "green", "blue"))
    plain = note.encode("ascii", "replace").decode()
    return f"ply\nformat binary_little_endian 1.0\ncomment {plain}\nelement vertex {count}\n{axes}{colours}end_header\n"
