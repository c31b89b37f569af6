"""The sum of decoded pictures: the same for the same pixels, whatever pads their lines."""

from __future__ import annotations

import hashlib

import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from streamdepth.ffmpeg.planes import lines_of


class PictureHash:
    """Takes pictures one after the other."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()

    def add(self, frame: VideoFrame) -> None:
        """Take one more, with its format and its size."""
        self._sum.update(f"{frame.format.name} {frame.width}x{frame.height}\n".encode())
        for number, plane in enumerate(frame.planes):
            lines = lines_of(plane, bytes_of_pixel(frame.format, number))
            self._sum.update(np.ascontiguousarray(lines).data)

    def hexdigest(self) -> str:
        """SHA-256 of all so far."""
        return self._sum.hexdigest()


def bytes_of_pixel(form: VideoFormat, plane: int) -> int:
    """How many bytes a pixel has in a plane: 1 in those of yuv420p, 2 of gray16le, 4 of bgr0."""
    planes = {component.plane for component in form.components}
    if len(planes) == 1:
        return max(1, form.padded_bits_per_pixel // 8)
    return sum((component.bits + 7) // 8 for component in form.components if component.plane == plane) or 1
