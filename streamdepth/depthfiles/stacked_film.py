"""A live stream that carries depth as a file: its packets as they were sent, and the description of each picture.

Matroska with a track of pictures, which any player shows, and one of text: lines of JSON with what is other than it
was, each a tick before the first picture that it is of. So no order of tracks matters, and a file that is cut short is
whole up to there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from streamdepth.depthfiles.entry import Entry, Seen, Size
from streamdepth.depthfiles.index import Index, Listed, SetFacts
from streamdepth.depthfiles.stacked import DepthDescription, colour_of, is_of_size, metres_of, values_of
from streamdepth.errors import SourceError
from streamdepth.ffmpeg.codecs import VideoCodec
from streamdepth.ffmpeg.containers import open_file
from streamdepth.ffmpeg.header_template import template_of
from streamdepth.ffmpeg.matroska import GROWING, TICK
from streamdepth.ffmpeg.picture_from_frame import PictureMaker
from streamdepth.frames import DepthMap, Measured
from streamdepth.imaging.letterbox import letterbox
from streamdepth.pixels import Rectangle
from streamdepth.values import dataclass

TAG = "STREAMDEPTH"
"""Of the file: JSON of `SetFacts`, as in films of depth alone."""
_OPTIONS = (
    GROWING
    | {
        "cluster_time_limit": "1",  # a tick: a cluster is written when the next begins, and a page ends as it stands
        "max_interleave_delta": "1",  # microseconds: nothing waits for a track that is silent
    }
)
_WHOLE = "name the recording as it was written"


class StackedWriter:
    """Writes one file, all by one thread; passes on errors of PyAV and of the operating system."""

    def __init__(
        self,
        file: Any,
        codec: VideoCodec,
        first: bytes,
        description: DepthDescription,
        origin: Mapping[str, Any],
    ) -> None:
        """`file` has `write`. `first` is the first packet, yet to be added, and `description` that of its depth.

        `origin` is what is known of model and time, as JSON.
        """
        facts = SetFacts(description.meaning, "running", origin={"steadied": True, **origin}, is_stacked=True)
        self._container: OutputContainer = av.open(file, "w", format="matroska", options=dict(_OPTIONS))
        self._container.metadata[TAG] = json.dumps(facts.to_json())
        self._container.metadata["title"] = "picture above depth"
        template = template_of(codec.decoder, first)
        try:
            self._pictures = self._picture_track(codec, template, description)
            self._lines = self._container.add_mux_stream("text", time_base=TICK)
            self._lines.disposition = Disposition(0)
            self._container.start_encoding()
        finally:
            if template is not None:
                template.close()
        self._said: Mapping[str, Any] = {}
        self._first: float | None = None
        self._last = -1

    def add(
        self, data: bytes, at: float, description: DepthDescription, *, is_key: bool, lost: int = 0
    ) -> None:
        """The next picture, shown `at` seconds of any clock; `lost` counts those that are missing so far."""
        self._first = at if self._first is None else self._first
        tick = max(self._last + 2, round((at - self._first) / TICK))
        said = {**description.to_json(), "lost": lost}
        new = {name: value for name, value in said.items() if self._said.get(name, self) != value}
        if new:
            line: Packet[Any] = Packet(json.dumps(new).encode())
            line.duration = 1
            self._mux(self._lines, line, tick - 1)
        self._said, self._last = said, tick
        packet: Packet[Any] = Packet(data)
        packet.is_keyframe = is_key
        self._mux(self._pictures, packet, tick)

    def close(self) -> None:
        """Complete it."""
        self._container.close()

    def _picture_track(
        self, codec: VideoCodec, template: InputContainer | None, description: DepthDescription
    ) -> Stream:
        if template is None:
            width, height = description.place.colour[0], description.place.box[1] + description.place.box[3]
            stream: Stream = self._container.add_mux_stream(codec.decoder, width=width, height=height)
        else:
            stream = self._container.add_stream_from_template(template.streams.video[0], opaque=True)
        stream.time_base = TICK
        stream.disposition = Disposition.default
        return stream

    def _mux(self, stream: Stream, packet: Packet[Any], tick: int) -> None:
        packet.stream, packet.time_base = stream, TICK
        packet.dts = packet.pts = tick
        self._container.mux(packet)


@dataclass(frozen=True)
class _Of:
    """What is known of one picture."""

    description: DepthDescription
    lost: int


def is_stacked(container: InputContainer) -> bool:
    """Whether an open file is such a recording, and not something that was made of one."""
    try:
        facts = json.loads(container.metadata.get(TAG, "null"))
    except ValueError:
        return False
    is_ours = isinstance(facts, dict) and facts.get("stacked") is True
    return is_ours and bool(container.streams.video) and bool(container.streams.subtitles)


def completed(path: Path, index: Index) -> Index:
    """With the times of its pictures, their size and their mean rate; raises `SourceError`."""
    size, times = None, []
    with closing(open_file(path)) as container:
        for packet, known in _pictures(path, container):
            size = size or known.description.place.colour
            times.append((packet.pts or 0) * TICK)
    if size is None:
        return index
    listed = tuple(Listed("", number, pts - times[0], "") for number, pts in enumerate(times))
    source: dict[str, Any] = {"width": size[0], "height": size[1], "time_base": "1/1000"}
    if times[-1] > times[0]:
        source["rate"] = str(((len(times) - 1) / (times[-1] - times[0])).limit_denominator(100))
    facts = replace(index.facts, origin={**index.facts.origin, "source": source})
    return Index(facts, size, listed)


def stacked_entries(path: Path) -> Iterator[Entry]:
    """Each map with its picture, all in the size of the first, in order; raises `SourceError`.

    A damaged picture is left out, as it was for the viewers.
    """
    reading = _Reading(path)
    with closing(open_file(path)) as container:
        context = container.streams.video[0].codec_context
        context.thread_count = 1
        for packet, known in _pictures(path, container):
            reading.expect(packet, known)
            yield from map(reading.entry, _decoded(context, packet))
        yield from map(reading.entry, _decoded(context, None))


def _decoded(context: VideoCodecContext, packet: Packet[Any] | None) -> list[VideoFrame]:
    with suppress(FFmpegError):
        return context.decode(packet)
    return []


class _Reading:
    """What is the same for all pictures of one recording."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._expected: dict[int, tuple[int, _Of]] = {}
        self._count = 0
        self._maker: PictureMaker | None = None
        self._size: Size | None = None
        self._first = 0

    def expect(self, packet: Packet[Any], known: _Of) -> None:
        """The packet of a picture that is decoded now, or after some others."""
        self._expected[packet.pts or 0] = self._count, known
        self._count += 1

    def entry(self, frame: VideoFrame) -> Entry:
        """Of one decoded picture."""
        pts = frame.pts or 0
        if pts not in self._expected:
            raise SourceError(f"{self._path} is damaged", "copy it again")
        index, known = self._expected.pop(pts)
        description = known.description
        if self._maker is None or self._maker.stored_size != (frame.width, frame.height):
            self._maker = PictureMaker(frame)
        stacked, place = self._maker.make(frame).i420, description.place
        if not is_of_size(stacked, place):
            raise SourceError(f"{self._path} was resized, and its depth with it", _WHOLE)
        try:
            values, colour = values_of(stacked, description), colour_of(stacked, place)
        except ValueError as error:
            raise SourceError(f"{self._path} was cropped, and its depth with it", _WHOLE) from error
        if self._size is None:
            self._size, self._first = place.colour, pts
        picture = letterbox(replace(colour, inner=_inner_of(description)), self._size)
        seen = Seen(picture, description.span, _measured(values, description), known.lost)
        pts_in_seconds = (pts - self._first) * TICK
        return Entry(values, index, pts_in_seconds, self._size, inner=picture.inner, seen=seen)


def _pictures(path: Path, container: InputContainer) -> Iterator[tuple[Packet[Any], _Of]]:
    """The packets of pictures, each with its description."""
    video, lines = container.streams.video[0], container.streams.subtitles[0]
    said: dict[str, Any] = {}
    known: _Of | None = None
    early: list[Packet[Any]] = []  # a program that copied the tracks may have shifted their start
    for packet in _demuxed(container):
        if packet.stream_index == lines.index and packet.size:
            said, known = _heard(path, said, bytes(packet))
        elif packet.stream_index == video.index and packet.size:
            early.append(packet)
        if known is not None:
            yield from ((one, known) for one in early)
            early.clear()


def _demuxed(container: InputContainer) -> Iterator[Packet[Any]]:
    try:
        yield from container.demux()
    except FFmpegError:
        return  # cut short in the middle of a packet: what is before it counts


def _heard(path: Path, said: dict[str, Any], line: bytes) -> tuple[dict[str, Any], _Of]:
    try:
        said = {**said, **json.loads(line)}
        return said, _Of(DepthDescription.from_json(said), int(said.get("lost", 0)))
    except (ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{path} is damaged where it describes depth", "copy it again") from error


def _inner_of(description: DepthDescription) -> Rectangle | None:
    """What depth is of, in pixels of the colour picture; None: all of it."""
    x, y, share, part = description.place.inner
    if (x, y, share, part) == (0, 0, 1, 1):
        return None
    width, height = description.place.colour
    (left, right), (top, bottom) = _even(x, share, width), _even(y, part, height)
    return Rectangle(left, top, right - left, bottom - top)


def _even(start: float, share: float, whole: int) -> tuple[int, int]:
    """The two ends of a part, even or at the edge of what is `whole` pixels wide."""
    first = min(max(0, 2 * round(start * whole / 2)), whole - 2)
    last = 2 * round((start + share) * whole / 2)
    return first, whole if whole - last < 2 else max(first + 2, last)


def _measured(values: NDArray[np.float32], description: DepthDescription) -> Measured | None:
    depth = metres_of(DepthMap(values, description.meaning), description)
    if depth is None and not description.withheld:
        return None
    still = 0.0 if depth is None else 1.0
    return Measured(depth, still, description.withheld, description.metres, error=description.within)
