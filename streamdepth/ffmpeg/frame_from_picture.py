"""Pictures as FFmpeg frames for an encoder: even size, one colour description, no allocation per frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TypeVar

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange
from numpy.typing import NDArray

from streamdepth.ffmpeg.colours import SWSCALE, ColourTags, colour_tags, matrix_numbered, range_numbered
from streamdepth.ffmpeg.planes import lines_of
from streamdepth.frames import Colours
from streamdepth.pixels import I420, NEUTRAL, ColourMatrix, DeepPlanes, Picture, bgr_to_i420

Samples = TypeVar("Samples", np.uint8, np.uint16)
Planes = TypeVar("Planes", I420, DeepPlanes)


def planes_of(picture: Picture, stated: Colours | None) -> I420:
    """The planes to encode: what comes as BGR gets the matrix that its source states, BT.601 where there is none."""
    matrix = None if stated is None else matrix_numbered(stated.matrix)
    if isinstance(picture.native, I420) or matrix in (None, ColourMatrix.BT601):
        return picture.i420
    return bgr_to_i420(picture.bgr, matrix)


def even(size: int) -> int:
    """`size` or one more: 4:2:0 video has an even number of rows and columns."""
    return size + size % 2


class ReusedFrame:
    """One yuv420p frame that is filled again and again, in the size and colours of the first picture.

    An odd size is padded by repeating the last row or column, unless the encoder takes it (`odd`). A picture of
    another size is fitted in with black bars, one of other colours is converted: a stream cannot change either on its
    way. The encoder must copy its input before it returns, as libx264 does; that makes filling 8 times cheaper than a
    new frame each time.
    """

    def __init__(self, first: I420, stated: Colours | None = None, *, odd: bool = False) -> None:
        self.height, self.width = (size if odd else even(size) for size in first.y.shape)
        self.tags = colour_tags(first, stated)
        self._stated = stated
        self._like = without_samples(first)  # for as long as there is a frame
        self._frame = _frame_for((self.width, self.height), self.tags)
        self._lines = [lines_of(plane) for plane in self._frame.planes]

    def fill(self, planes: I420, pts: int, time_base: Fraction) -> VideoFrame:
        """The frame with these planes, at `pts` ticks of `time_base` seconds; valid until the next call."""
        fits = planes.y.shape == self._like.y.shape and colour_tags(planes, self._stated) == self.tags
        _put(self._lines, planes if fits else _fitted(planes, self._like))
        self._frame.pts = pts
        self._frame.time_base = time_base
        return self._frame


def without_samples(planes: Planes) -> Planes:
    """Planes of that size and of those colours that hold nothing: each has one sample, which is 0 everywhere."""
    y, u, v = (np.broadcast_to(plane.dtype.type(0), plane.shape) for plane in (planes.y, planes.u, planes.v))
    return replace(planes, y=y, u=u, v=v)


def relaid(frame: VideoFrame, layout: str, tags: ColourTags) -> VideoFrame:
    """A frame of 4:2:0 with these tags in another layout of YUV, as ProRes has it."""
    made = frame.reformat(
        format=layout, src_color_range=tags.range, dst_color_range=ColorRange.MPEG, threads=1
    )
    tags.of_prores.mark(made)
    return made


def _frame_for(size: tuple[int, int], tags: ColourTags) -> VideoFrame:
    frame = VideoFrame(*size, "yuv420p")
    tags.mark(frame)
    return frame


def _put(lines: Sequence[NDArray[np.uint8]], planes: I420) -> None:
    for target, values in zip(lines, (planes.y, planes.u, planes.v), strict=True):
        put_padded(target, values)


def put_padded(target: NDArray[Samples], values: NDArray[Samples]) -> None:
    """Fill `target` with `values`, whose last row and column are repeated where there is more room."""
    if target.shape == values.shape:
        target[:] = values
        return
    height, width = values.shape
    target[:height, :width] = values
    target[:height, width:] = values[:, -1:]
    target[height:] = target[height - 1]


def _fitted(planes: I420, like: I420) -> I420:
    """`planes` in the size and colours of `like`: scaled to fit, centred, black around (black is black anywhere)."""
    canvas = black_like(like)
    frame = _scaled(planes, like)
    top = (canvas.y.shape[0] - frame.height) // 4 * 2
    left = (canvas.y.shape[1] - frame.width) // 4 * 2
    for plane, values, halves in zip(frame.planes, (canvas.y, canvas.u, canvas.v), (1, 2, 2), strict=True):
        row, column = top // halves, left // halves
        values[row : row + plane.height, column : column + plane.width] = lines_of(plane)
    return canvas


def _scaled(planes: I420, like: I420) -> VideoFrame:
    height, width = planes.y.shape
    frame = _frame_for((even(width), even(height)), colour_tags(planes))
    _put([lines_of(plane) for plane in frame.planes], planes)
    scale = min(Fraction(like.y.shape[0], height), Fraction(like.y.shape[1], width))
    return frame.reformat(
        width=max(2, int(width * scale) // 2 * 2),
        height=max(2, int(height * scale) // 2 * 2),
        src_colorspace=SWSCALE[planes.matrix],
        dst_colorspace=SWSCALE[like.matrix],
        src_color_range=range_numbered(full=planes.full_range),
        dst_color_range=range_numbered(full=like.full_range),
        threads=1,
    )


def black_like(like: I420) -> I420:
    """Black planes in the size and colours of others."""
    grey = np.full(like.u.shape, NEUTRAL, np.uint8)
    return I420(np.full(like.y.shape, like.black, np.uint8), grey, grey.copy(), like.matrix, like.full_range)
