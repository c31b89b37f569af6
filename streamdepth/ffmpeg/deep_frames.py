"""Pictures of 10 bits, out of FFmpeg's frames and into them."""

from __future__ import annotations

from fractions import Fraction

from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter

from streamdepth.ffmpeg.colours import ColourTags, range_numbered, usual_colours
from streamdepth.ffmpeg.frame_from_picture import even, put_padded, without_samples
from streamdepth.ffmpeg.planes import words_of
from streamdepth.frames import Colours
from streamdepth.imaging.deep import deep_of
from streamdepth.imaging.letterbox import letterbox
from streamdepth.pixels import ColourMatrix, DeepPlanes, Picture

DEEP = "yuv420p10le"
"""The layout of `DeepPlanes`, by FFmpeg's name."""


def is_deep(frame: VideoFrame) -> bool:
    """Whether its samples are luma and chroma of more than 8 bits."""
    kind = frame.format
    return not kind.is_rgb and len(kind.components) == 3 and max(one.bits for one in kind.components) > 8


def deep_planes(
    frame: VideoFrame, scaler: VideoReformatter, matrix: ColourMatrix, colours: Colours, *, full_range: bool
) -> DeepPlanes:
    """Its planes in 10 bits of 4:2:0, copied, to be read with this matrix, range and `colours`."""
    if frame.format.name != DEEP:
        range_ = range_numbered(full=full_range)
        frame = scaler.reformat(frame, format=DEEP, src_color_range=range_, dst_color_range=range_, threads=1)
    y, u, v = (words_of(plane).copy() for plane in frame.planes[:3])
    return DeepPlanes(y, u, v, matrix, full_range, colours.primaries, colours.transfer)


class DeepFrame:
    """As `ReusedFrame`, of 10 bits: one frame that is filled again and again, in the size and colours of the first.

    A picture that has none is brought into them: SDR in HDR is as bright as captions are.
    """

    def __init__(self, first: DeepPlanes, *, odd: bool = False) -> None:
        self.height, self.width = (size if odd else even(size) for size in first.y.shape)
        self.tags = ColourTags(
            first.primaries,
            first.transfer,
            usual_colours(first.matrix).matrix,
            range_numbered(full=first.full_range).value,
        )
        self._like = without_samples(first)
        self._frame = VideoFrame(self.width, self.height, DEEP)
        self.tags.mark(self._frame)
        self._lines = [words_of(plane) for plane in self._frame.planes]

    def fill(self, picture: Picture, pts: int, time_base: Fraction) -> VideoFrame:
        """The frame with this picture, at `pts` ticks of `time_base` seconds; valid until the next call."""
        planes = self._in_size_and_colours(picture)
        for target, values in zip(self._lines, (planes.y, planes.u, planes.v), strict=True):
            put_padded(target, values)
        self._frame.pts = pts
        self._frame.time_base = time_base
        return self._frame

    def _in_size_and_colours(self, picture: Picture) -> DeepPlanes:
        height, width = self._like.y.shape
        deep = picture.deep
        if deep is not None and deep.y.shape == (height, width) and _read_alike(deep, self._like):
            return deep
        return deep_of(letterbox(picture, (width, height)).bgr, self._like)


def _read_alike(one: DeepPlanes, other: DeepPlanes) -> bool:
    return (one.matrix, one.full_range, one.transfer) == (other.matrix, other.full_range, other.transfer)
