"""Colours by their code points (ITU-T H.273) and in FFmpeg's words: matrices, ranges, tags."""

from __future__ import annotations

from typing import NamedTuple

from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Colorspace

from streamdepth.frames import Colours
from streamdepth.pixels import I420, ColourMatrix

UNSPECIFIED = 2
_MATRICES = {
    1: ColourMatrix.BT709,
    4: ColourMatrix.BT601,
    5: ColourMatrix.BT601,
    6: ColourMatrix.BT601,
    7: ColourMatrix.BT709,
    9: ColourMatrix.BT2020,
    10: ColourMatrix.BT2020,
}
"""Table 4. SMPTE 240M (7) is near BT.709; FCC (4) is near BT.601."""
_USUAL = {
    ColourMatrix.BT601: Colours(6, 6, 6),
    ColourMatrix.BT709: Colours(1, 1, 1),
    ColourMatrix.BT2020: Colours(9, 14, 9),
}
SWSCALE = {
    ColourMatrix.BT601: Colorspace.SMPTE170M,
    ColourMatrix.BT709: Colorspace.ITU709,
    ColourMatrix.BT2020: Colorspace.BT2020,
}
"""The matrices by the names of PyAV's scaler."""
_SAME_MATRIX = {5: 6, 10: 9}
_SAME_TRANSFER = {1, 6, 14, 15}
"""Functionally the same as that of BT.709 (table 3)."""
_HDR_TRANSFERS = {16: "PQ", 18: "HLG"}


class ColourTags(NamedTuple):
    """How a player must read the samples: code points of ITU-T H.273, and FFmpeg's number for the range."""

    primaries: int
    transfer: int
    matrix: int
    range: int
    """1 limited, 2 full."""

    def mark(self, target: VideoFrame | VideoCodecContext) -> None:
        """Write them onto a frame, or onto an encoder that is not open yet."""
        target.color_primaries, target.color_trc, target.colorspace, target.color_range = self

    @property
    def of_prores(self) -> ColourTags:
        """The same in limited range and by the few numbers that SMPTE RDD 36 has for it, which mean the same."""
        matrix = _SAME_MATRIX.get(self.matrix, self.matrix)
        transfer = self.transfer if self.transfer in _HDR_TRANSFERS else UNSPECIFIED
        transfer = 1 if self.transfer in _SAME_TRANSFER else transfer
        return self._replace(transfer=transfer, matrix=matrix, range=ColorRange.MPEG.value)


def colour_tags(planes: I420, stated: Colours | None = None) -> ColourTags:
    """The tags that make a player show the planes in their colours: as the source states them, or the usual ones."""
    colours = stated
    if colours is None or matrix_numbered(colours.matrix) is not planes.matrix:
        colours = usual_colours(planes.matrix)
    return ColourTags(
        colours.primaries, colours.transfer, colours.matrix, range_numbered(full=planes.full_range).value
    )


def range_numbered(*, full: bool) -> ColorRange:
    """FFmpeg's name for a range: JPEG is full, MPEG limited."""
    return ColorRange.JPEG if full else ColorRange.MPEG


def matrix_numbered(code: int) -> ColourMatrix | None:
    """The matrix with this number; None for those that are none of ours, and for RGB."""
    return _MATRICES.get(code)


def usual_colours(matrix: ColourMatrix) -> Colours:
    """What goes with a matrix where nothing else is said."""
    return _USUAL[matrix]


def hdr_name(transfer: int) -> str | None:
    """`PQ` or `HLG` where values with this transfer are HDR, else None."""
    return _HDR_TRANSFERS.get(transfer)
