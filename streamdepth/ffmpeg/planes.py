"""The planes of a frame of FFmpeg as arrays."""

from __future__ import annotations

import numpy as np
from av.video.plane import VideoPlane
from numpy.typing import NDArray


def lines_of(plane: VideoPlane, channels: int = 1) -> NDArray[np.uint8]:
    """(H, W * channels) uint8: the plane's own memory, to read or to write, without the padding of its lines."""
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, abs(plane.line_size))
    if plane.line_size < 0:  # stored bottom line first
        lines = lines[::-1]
    return lines[:, : plane.width * channels]


def words_of(plane: VideoPlane) -> NDArray[np.uint16]:
    """(H, W) uint16: the plane's own memory, of samples of more than 8 bits, without the padding of its lines."""
    return lines_of(plane, 2).view(np.uint16)


def array_of(plane: VideoPlane, channels: int = 1) -> NDArray[np.uint8]:
    """(H, W) or (H, W, channels) uint8, contiguous; copied only where the lines are padded."""
    pixels = np.ascontiguousarray(lines_of(plane, channels))
    return pixels if channels == 1 else pixels.reshape(plane.height, plane.width, channels)
