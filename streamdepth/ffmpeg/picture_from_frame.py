"""From a decoded frame of any pixel format to an upright picture of one size."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

import cv2
import numpy as np
from av.video.format import VideoFormat
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

from streamdepth.ffmpeg.colours import (
    SWSCALE,
    UNSPECIFIED,
    hdr_name,
    matrix_numbered,
    range_numbered,
    usual_colours,
)
from streamdepth.ffmpeg.deep_frames import deep_planes, is_deep
from streamdepth.ffmpeg.mastering import mastering_of
from streamdepth.ffmpeg.orientation import Orientation
from streamdepth.ffmpeg.planes import array_of
from streamdepth.ffmpeg.side_data import display_matrix
from streamdepth.ffmpeg.tone_map import SDR, ToneMapper, kind_of
from streamdepth.frames import Colours
from streamdepth.imaging.letterbox import letterbox
from streamdepth.pixels import I420, NEUTRAL, BGRImage, ColourMatrix, DeepPlanes, Picture

_HD_HEIGHT = 720
_I420_FORMATS = {"yuv420p", "yuvj420p"}


class PictureMaker:
    """Makes the pictures of one stream; the first frame fixes their size.

    8-bit 4:2:0 planes are handed on as they are; other ones are brought to that, grey with neutral chroma. RGB and
    what is transparent, which is laid over black, become BGR. A frame of another size or shape than the first is scaled
    into it with black borders. HDR (PQ, HLG) is mapped to SDR. With `keeps_bits`, pictures that come in 10 bits or more
    have these as well, HDR as it is.
    """

    def __init__(self, first: VideoFrame, *, keeps_bits: bool = False) -> None:
        self.is_deep = keeps_bits and is_deep(first)
        """Whether pictures have their 10 bits."""
        self.stored_size = (first.width, first.height)
        """(width, height) of the first frame, as it was coded."""
        self.orientation = orientation_of(first)
        """How the pictures are laid, as of the last one made."""
        self.size = self.orientation.size(first.width, first.height)
        """(width, height) of every picture, as shown."""
        self.colours = colours_of(first)
        """What the first frame says of its colours."""
        self._mastering = mastering_of(first) if self.is_deep else None
        self._rotation = first.rotation
        self._scaler = VideoReformatter()
        self._mapper: ToneMapper | None = None

    def make(self, frame: VideoFrame, stretch: Fraction = Fraction(1)) -> Picture:
        """The upright picture of a frame; it may share memory with it.

        `stretch` is the shape of its pixels (width over height) over that of the first one's, as they are stored.
        """
        self._follow_rotation(frame)
        deep = self._deep(frame) if self.is_deep and is_deep(frame) else None
        frame = self._as_sdr(frame)
        planes = self._planes(frame)
        if planes is None:
            picture = Picture.of_bgr(self.orientation.apply(self._bgr(frame)))
        else:
            picture = Picture.of_i420(_turned(planes, self.orientation))
        stretch = 1 / stretch if self.orientation.transpose else stretch
        return letterbox(picture if deep is None else replace(picture, deep=deep), self.size, stretch)

    def _deep(self, frame: VideoFrame) -> DeepPlanes:
        matrix, colours, mastering = matrix_of(frame), self.colours, None
        if hdr_transfer(frame) is not None:
            matrix = matrix_numbered(frame.colorspace) or ColourMatrix.BT2020
            primaries, mastering = int(frame.color_primaries), self._mastering
            wide = usual_colours(ColourMatrix.BT2020).primaries
            colours = replace(
                colours,
                primaries=wide if primaries == UNSPECIFIED else primaries,
                transfer=int(frame.color_trc),
            )
        planes = deep_planes(frame, self._scaler, matrix, colours, full_range=is_full_range(frame))
        y, u, v = (self.orientation.apply(plane) for plane in (planes.y, planes.u, planes.v))
        return replace(planes, y=y, u=u, v=v, mastering=mastering)

    def _follow_rotation(self, frame: VideoFrame) -> None:
        # The matrix itself is read only when the angle changes, which is cheaper to ask for.
        if frame.rotation != self._rotation:
            self.orientation, self._rotation = orientation_of(frame), frame.rotation

    def _as_sdr(self, frame: VideoFrame) -> VideoFrame:
        if hdr_transfer(frame) is None:
            return frame
        if self._mapper is None or self._mapper.kind != kind_of(frame):
            self._mapper = ToneMapper(frame)
        return self._mapper.map(frame)

    def _planes(self, frame: VideoFrame) -> I420 | None:
        name = frame.format.name
        if name.startswith("gray"):
            return _grey_planes(self._convert(frame, "gray"))
        if name not in _I420_FORMATS:
            if frame.format.is_rgb or has_alpha(frame):
                return None
            frame = self._convert(frame, "yuv420p")
        y, u, v = (array_of(plane) for plane in frame.planes[:3])
        return I420(y, u, v, matrix_of(frame), is_full_range(frame))

    def _bgr(self, frame: VideoFrame) -> BGRImage:
        if not has_alpha(frame):
            return array_of(self._convert(frame, "bgr24").planes[0], 3)
        return over_black(array_of(self._convert(frame, "bgra").planes[0], 4))

    def _convert(self, frame: VideoFrame, to: str) -> VideoFrame:
        if frame.format.name == to:
            return frame
        if frame.format.is_rgb:
            return self._scaler.reformat(frame, format=to, threads=1)
        matrix = SWSCALE[matrix_of(frame)]
        range_ = range_numbered(full=is_full_range(frame))
        return self._scaler.reformat(
            frame,
            format=to,
            src_colorspace=matrix,
            dst_colorspace=matrix,
            src_color_range=range_,
            dst_color_range=ColorRange.JPEG if to.startswith("bgr") else range_,
            threads=1,
        )


def orientation_of(frame: VideoFrame) -> Orientation:
    """How the frame is to be laid; upright where it says nothing."""
    matrix = display_matrix(frame)
    return Orientation() if matrix is None else Orientation.from_matrix(matrix)


def matrix_of(frame: VideoFrame) -> ColourMatrix:
    """The frame's colour matrix; where it says none, BT.709 from 720 lines on and BT.601 below."""
    by_size = ColourMatrix.BT709 if frame.height >= _HD_HEIGHT else ColourMatrix.BT601
    return matrix_numbered(frame.colorspace) or by_size


def colours_of(frame: VideoFrame) -> Colours:
    """What the frame says of its colours; what goes with its matrix where it says nothing at all, as for most cameras.

    HDR is mapped to SDR, and becomes what that is.
    """
    if hdr_transfer(frame) is not None:
        return Colours(*SDR[:3])
    usual = usual_colours(matrix_of(frame))
    primaries, transfer, matrix = int(frame.color_primaries), int(frame.color_trc), int(frame.colorspace)
    if {primaries, transfer, matrix} == {UNSPECIFIED}:
        return usual
    return Colours(primaries, transfer, usual.matrix if matrix_numbered(matrix) is None else matrix)


def is_full_range(frame: VideoFrame) -> bool:
    """Whether luma fills 0..255; untagged YUV is limited, untagged grey and RGB are full."""
    if frame.color_range != ColorRange.UNSPECIFIED:
        return bool(frame.color_range == ColorRange.JPEG)
    return frame.format.name.startswith(("yuvj", "gray", "ya")) or frame.format.is_rgb


def hdr_transfer(frame: VideoFrame) -> str | None:
    """`PQ` or `HLG` where the frame is HDR, else None; what may be transparent is not taken for it."""
    return None if has_alpha(frame) else hdr_name(frame.color_trc)


def has_alpha(frame: VideoFrame) -> bool:
    """Whether a pixel may be transparent; a palette may hold transparent colours."""
    return _has_alpha(frame.format.name)


@lru_cache
def _has_alpha(name: str) -> bool:
    layout = VideoFormat(name)
    return layout.has_palette or any(component.is_alpha for component in layout.components)


def over_black(image: NDArray[np.uint8]) -> BGRImage:
    """Lay an (H, W, 4) uint8 BGRA image, not premultiplied, over black."""
    colour, alpha = image[..., :3], image[..., 3]
    if bool((alpha == 255).all()):
        return np.ascontiguousarray(colour)
    return np.asarray(cv2.multiply(colour, cv2.merge([alpha] * 3), scale=1 / 255), dtype=np.uint8)


def _grey_planes(frame: VideoFrame) -> I420:
    y = array_of(frame.planes[0])
    neutral = np.full(((y.shape[0] + 1) // 2, (y.shape[1] + 1) // 2), NEUTRAL, np.uint8)
    return I420(y, neutral, neutral, full_range=is_full_range(frame))


def _turned(planes: I420, orientation: Orientation) -> I420:
    # At odd sizes a mirrored chroma sample moves by one luma pixel, which cannot be seen.
    y, u, v = (orientation.apply(plane) for plane in (planes.y, planes.u, planes.v))
    return I420(y, u, v, planes.matrix, planes.full_range)
