"""What a container says to leave out of each picture: the clean aperture of MOV and MP4, the cropping of Matroska.

FFmpeg's decoders leave that to whoever shows the pictures. Phones write it where a picture has a margin for
steadying (the film of a Live Photo), and so do recorders of analogue video.
"""

from __future__ import annotations

import io
import itertools
from fractions import Fraction

import av
from av.error import FFmpegError
from av.filter import Graph
from av.filter.context import FilterContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from streamdepth.ffmpeg.ebml import CLUSTER, SEGMENT, vint, vint_bytes
from streamdepth.ffmpeg.rationals import fraction_of
from streamdepth.frames import CLOCK_TICK
from streamdepth.values import dataclass

_SAY_IT = ("mov,", "matroska,")
"""How the names of formats begin that may."""
_TRACKS, _TRACK, _VIDEO = b"\x16\x54\xae\x6b", b"\xae", b"\xe0"
_BOTTOM, _TOP, _LEFT, _RIGHT = b"\x54\xaa", b"\x54\xbb", b"\x54\xcc", b"\x54\xdd"
"""RFC 9559, 5.1.4.1.28.8 to 11."""


@dataclass(frozen=True)
class Cropping:
    """Pixels at each edge that are not shown, of pictures as they are stored."""

    left: int
    top: int
    right: int
    bottom: int


def cropping_of(stream: VideoStream) -> Cropping | None:
    """What the container of a stream says; None where it is nothing.

    PyAV hands this out nowhere, but hands it on: FFmpeg writes it into the head of a Matroska file, made in memory.
    """
    if not stream.container.format.name.startswith(_SAY_IT):
        return None
    head = io.BytesIO()
    try:
        with av.open(head, "w", format="matroska") as container:
            container.add_stream_from_template(stream, opaque=True)
            container.start_encoding()
            said = _numbers_in(head.getvalue())
    except (FFmpegError, ValueError):  # a codec that has no place there
        return None
    sides = [said.get(name, 0) for name in (_LEFT, _TOP, _RIGHT, _BOTTOM)]
    return Cropping(*sides) if any(sides) else None


def _numbers_in(data: bytes) -> dict[bytes, int]:
    """The numbers that say how a picture is cropped, by their elements, in what a Matroska file begins with."""
    found: dict[bytes, int] = {}
    at = 0
    while (name_bytes := vint_bytes(data, at)) and not data.startswith(CLUSTER, at):
        name, at = data[at : at + name_bytes], at + name_bytes
        size_bytes = vint_bytes(data, at)
        size, at = vint(data[at : at + size_bytes]), at + size_bytes
        if name in (SEGMENT, _TRACKS, _TRACK, _VIDEO):  # what is in it comes next
            continue
        if name in (_BOTTOM, _TOP, _LEFT, _RIGHT):
            found[name] = int.from_bytes(data[at : at + size])
        at += size
    return found


class Cropper:
    """Frames of one stream without what is not shown of them; each as it came where that is nothing."""

    def __init__(self, cropping: Cropping | None) -> None:
        self._cropping = cropping
        self._graph: Graph | None = None
        self._kind: tuple[int, int, str] | None = None

    def crop(self, frame: VideoFrame) -> VideoFrame:
        """The frame with its own times; it shares the pixels of the one that came."""
        edges = self._cropping
        if (
            edges is None
            or frame.width <= edges.left + edges.right
            or frame.height <= edges.top + edges.bottom
        ):
            return frame
        kind = (frame.width, frame.height, frame.format.name)
        if self._graph is None or kind != self._kind:
            self._graph, self._kind = _graph_for(frame, edges), kind
        self._graph.push(frame)
        cropped = self._graph.pull()
        assert isinstance(cropped, VideoFrame)
        cropped.pts, cropped.dts, cropped.duration = frame.pts, frame.dts, frame.duration
        cropped.time_base = _unit(frame)
        return cropped


def _unit(frame: VideoFrame) -> Fraction:
    return fraction_of(frame.time_base) or CLOCK_TICK


def _graph_for(frame: VideoFrame, edges: Cropping) -> Graph:
    width, height = frame.width - edges.left - edges.right, frame.height - edges.top - edges.bottom
    graph = Graph()
    source: FilterContext = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=_unit(frame)
    )
    crop = graph.add("crop", f"{width}:{height}:{edges.left}:{edges.top}")
    filters = [source, crop, graph.add("buffersink")]
    for one, following in itertools.pairwise(filters):
        one.link_to(following)
    graph.configure()
    return graph
