"""Frames of 16 bits of grey, from arrays and to arrays: the same numbers, whatever FFmpeg thinks of colours."""

from __future__ import annotations

import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from streamdepth.ffmpeg.planes import lines_of

GREY16 = "gray16le"
"""FFmpeg's name of the pixels."""


def grey16_frame(pixels: NDArray[np.uint16]) -> VideoFrame:
    """A frame of (H, W) pixels, tagged as full range: 0 is black and 65535 white, and nothing is spread."""
    height, width = pixels.shape
    frame = VideoFrame(width, height, GREY16)
    lines_of(frame.planes[0], 2)[:] = np.ascontiguousarray(pixels, "<u2").view(np.uint8)
    frame.color_range = ColorRange.JPEG
    return frame


def mark_grey16(context: VideoCodecContext, size: tuple[int, int]) -> None:
    """Set an encoder up for such frames of `size` = (W, H)."""
    context.width, context.height = size
    context.pix_fmt = GREY16
    context.color_range = ColorRange.JPEG


def grey16_of(frame: VideoFrame) -> NDArray[np.uint16] | None:
    """(H, W) pixels of a frame; None where it has others."""
    if frame.format.name != GREY16:
        return None
    return np.ascontiguousarray(lines_of(frame.planes[0], 2)).view("<u2")
