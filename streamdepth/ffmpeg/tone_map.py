"""Frames of HDR video as SDR ones: a table in three dimensions, applied by FFmpeg.

PyAV's FFmpeg has neither zscale nor libplacebo, which would do this. It has `lut3d`, which looks colours up in a table
of ours and interpolates between them, for 0.1 s of CPU a picture of 3840x2160. (`haldclut`, which would take the table
as a picture and need no file, mixes up the channels of planes of 16 bits in FFmpeg 8.1.)
"""

from __future__ import annotations

import itertools
import struct
import tempfile
from functools import lru_cache
from pathlib import Path

import numpy as np
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange

from streamdepth.ffmpeg.colours import ColourTags, hdr_name, matrix_numbered
from streamdepth.ffmpeg.side_data import side_data_of
from streamdepth.frames import CLOCK_TICK
from streamdepth.imaging.hdr import USUAL_PEAK, hlg_light, pq_light, sdr_signal
from streamdepth.pixels import ColourMatrix

SDR = ColourTags(1, 1, 1, 1)
"""How mapped frames are to be read: BT.709 in limited range."""
_STEPS = 33
"""Values of each colour in the table."""
_DARKEST_SCREEN, _BRIGHTEST_SCREEN = 200.0, 10_000.0
"""cd/m² that a screen on which a film was made may have; what is said beyond is a mistake."""
_MATRICES = {ColourMatrix.BT601: "bt601", ColourMatrix.BT709: "bt709", ColourMatrix.BT2020: "bt2020"}
"""By the names of FFmpeg's filter."""
_MASTERING = struct.Struct("=24i")
"""AVMasteringDisplayMetadata: primaries, white, least and greatest luminance as fractions, and which are there."""


class ToneMapper:
    """Maps the frames of one stream that are like the first (`kind_of`), whose screen counts."""

    def __init__(self, first: VideoFrame) -> None:
        self.kind = kind_of(first)
        self._graph = _graph_for(first)

    def map(self, frame: VideoFrame) -> VideoFrame:
        """The frame in 8-bit 4:2:0, to be read as `SDR` says."""
        self._graph.push(frame)
        mapped = self._graph.pull()
        assert isinstance(mapped, VideoFrame)
        SDR.mark(mapped)
        return mapped


def kind_of(frame: VideoFrame) -> tuple[object, ...]:
    """What frames must have in common to be mapped in one way."""
    return frame.width, frame.height, frame.format.name, int(frame.color_trc), int(frame.color_range)


def peak_of(frame: VideoFrame) -> float:
    """cd/m² of the screen on which the film was made, as the frame says, else the usual one."""
    data = side_data_of(frame, "MASTERING_DISPLAY_METADATA")
    if data is None or len(data) < _MASTERING.size:
        return USUAL_PEAK
    numerator, denominator, _, is_there = _MASTERING.unpack_from(data)[-4:]
    peak = numerator / denominator if denominator and is_there else 0.0
    return peak if _DARKEST_SCREEN <= peak <= _BRIGHTEST_SCREEN else USUAL_PEAK


@lru_cache(maxsize=4)
def table_for(transfer: str, peak: float) -> str:
    """The text of a .cube file, in which red runs fastest: the BT.709 signal of each signal of PQ or HLG."""
    values = np.linspace(0, 1, _STEPS)
    blue, green, red = np.meshgrid(values, values, values, indexing="ij")
    signal = np.stack([red, green, blue], axis=-1).reshape(-1, 3)
    # HLG says no screen: its brightest is that of the one for which it is shown.
    mapped = sdr_signal(pq_light(signal), peak) if transfer == "PQ" else sdr_signal(hlg_light(signal))
    lines = (f"{r:.5f} {g:.5f} {b:.5f}" for r, g, b in mapped.tolist())
    return "\n".join([f"LUT_3D_SIZE {_STEPS}", *lines, ""])


def _graph_for(frame: VideoFrame) -> Graph:
    transfer = hdr_name(frame.color_trc)
    assert transfer is not None
    matrix = _MATRICES.get(matrix_numbered(frame.colorspace) or ColourMatrix.BT2020)
    range_ = "pc" if frame.color_range == ColorRange.JPEG else "tv"
    graph = Graph()
    filters: list[FilterContext] = [
        graph.add_buffer(
            width=frame.width,
            height=frame.height,
            format=frame.format,
            time_base=frame.time_base or CLOCK_TICK,
        ),
        graph.add(
            "scale", f"in_color_matrix={matrix}:in_range={range_}:out_range=pc:flags=bilinear+accurate_rnd"
        ),
        graph.add("format", "gbrp16"),
        _look_up(graph, table_for(transfer, peak_of(frame))),
        graph.add("scale", "out_color_matrix=bt709:in_range=pc:out_range=tv:flags=bilinear+accurate_rnd"),
        graph.add("format", "yuv420p"),
        graph.add("buffersink"),
    ]
    for one, following in itertools.pairwise(filters):
        one.link_to(following)
    graph.configure()
    return graph


def _look_up(graph: Graph, table: str) -> FilterContext:
    """The filter, which reads its table when it is made and never again."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "table.cube"
        file.write_text(table, encoding="ascii")
        return graph.add("lut3d", file=str(file), interp="tetrahedral")
