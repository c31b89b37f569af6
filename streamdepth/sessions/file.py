"""One file of a session: Matroska with a track of pictures, one of depth, and one of lines, which players ignore.

Each cluster of half a second is on disk when the next one begins, so a killed process leaves what plays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.container import InputContainer, OutputContainer
from av.error import FFmpegError
from av.packet import Packet
from av.stream import Disposition, Stream
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream
from numpy.typing import NDArray

from streamdepth.ffmpeg.containers import file_address, open_container
from streamdepth.ffmpeg.frame_from_picture import ReusedFrame
from streamdepth.ffmpeg.grey16 import grey16_frame, mark_grey16
from streamdepth.ffmpeg.header_template import template_of
from streamdepth.ffmpeg.matroska import GROWING, TICK, PlainFile
from streamdepth.files import OutputFile
from streamdepth.frames import SentPacket
from streamdepth.pixels import I420, Picture
from streamdepth.sessions.form import Form, Planes
from streamdepth.sessions.lines import Line, text_of

TAG = "STREAMDEPTH_SESSION"
"""Of the file: the version of its form, which distinguishes it from an ordinary film."""
VERSION = 1
ABOUT = "session.json"
"""The attachment with what is known before the first picture."""
_OPTIONS = GROWING | {"max_interleave_delta": "1"}  # microseconds: nothing waits for a track that is silent
_DEPTH = {"level": "3", "slicecrc": "1", "slices": "4", "g": "1"}
# Without loss in half the time of FFV1; the muxer takes none that is quicker.
_LOSSLESS = {"qp": "0", "preset": "ultrafast", "tune": "zerolatency", "g": "30"}


class SessionFile:
    """Writes one file, all by one thread; passes on errors of PyAV and of the operating system.

    `file` is under its final name from the start, and what is written of it plays.
    """

    def __init__(
        self,
        file: OutputFile,
        form: Form,
        size: tuple[int, int],
        first: Sequence[SentPacket],
        about: Mapping[str, Any],
    ) -> None:
        """`size` is that of a picture, `first` what the first was decoded from; `about` is JSON for the reader."""
        self.form = form
        self._file = file
        self._raw = PlainFile(file.open_raw())
        self._container: OutputContainer = av.open(self._raw, "w", format="matroska", options=dict(_OPTIONS))
        self._frame: ReusedFrame | None = None
        self._last: dict[int, int] = {}
        try:
            self._begin(size, first, about)
        except BaseException:
            self._end_quietly()
            raise

    def _begin(self, size: tuple[int, int], first: Sequence[SentPacket], about: Mapping[str, Any]) -> None:
        form = self.form
        self._container.metadata[TAG] = str(VERSION)
        self._container.metadata["title"] = "streamdepth session"
        self._container.add_attachment(ABOUT, "application/json", json.dumps(about).encode())
        template = template_of(form.codec, form.header + b"".join(one.data for one in first))
        try:
            self._pictures = self._add_pictures(template, size)
            self._depth = self._add_depth(form.depth)
            self._lines = self._add_lines()
            self._container.start_encoding()
        finally:
            if template is not None:
                template.close()

    def add_sent(self, at: float, packets: Sequence[SentPacket]) -> None:
        """Encoded pictures of the session's codec, decoded at `at` seconds."""
        for one in packets:
            packet: Packet[Any] = Packet(one.data)
            packet.is_keyframe = one.is_key
            self._mux(self._pictures, packet, at, one.delay)

    def add_picture(self, at: float, picture: Picture) -> None:
        """One that did not come encoded."""
        context = self._pictures.codec_context
        native = picture.native
        if isinstance(native, I420):
            self._frame = self._frame or ReusedFrame(native)
            frame = self._frame.fill(native, 0, TICK)
        else:
            frame = av.VideoFrame.from_ndarray(native, "bgr24").reformat(format="bgr0", threads=1)
        frame.pts, frame.time_base = self._tick(self._pictures, at), TICK
        for packet in context.encode(frame):
            self._mux(self._pictures, packet, at)

    def add_depth(self, at: float, pixels: NDArray[Any]) -> None:
        """(H, W) uint16 of a map."""
        frame = grey16_frame(pixels)
        frame.pts, frame.time_base = self._tick(self._depth, at), TICK
        for packet in self._depth.codec_context.encode(frame):
            self._mux(self._depth, packet, at)

    def add_line(self, line: Line) -> None:
        """What happened."""
        packet: Packet[Any] = Packet(text_of(line))
        packet.duration = 1
        self._mux(self._lines, packet, line.at)

    def close(self) -> None:
        """Complete it."""
        try:
            self._container.close()
        finally:
            self._raw.close()
            self._file.release()

    def give_up(self) -> None:
        """Leave what is on disk, without another word to a disk that is full or gone; nothing where no picture is."""
        self._end_quietly()
        if _has_picture(self._file.at):
            self._file.release()
        else:
            self._file.discard()

    def _end_quietly(self) -> None:
        self._raw.give_up()
        with suppress(FFmpegError, OSError):
            self._container.close()
        self._raw.close()

    def _mux(self, stream: Stream, packet: Packet[Any], at: float, delay: Fraction = Fraction(0)) -> None:
        dts = max(self._tick(stream, at), self._last.get(stream.index, -1) + 1)
        self._last[stream.index] = dts
        packet.stream, packet.time_base = stream, TICK
        packet.dts, packet.pts = dts, dts + round(delay / TICK)
        self._container.mux(packet)

    def _tick(self, stream: Stream, at: float) -> int:
        return max(0, round(at / TICK), self._last.get(stream.index, -1) + 1)

    def _add_pictures(self, template: InputContainer | None, size: tuple[int, int]) -> Any:
        form = self.form
        if template is not None:
            stream: Any = self._container.add_stream_from_template(template.streams.video[0], opaque=True)
        elif form.planes is None:
            stream = self._container.add_mux_stream(form.codec, width=size[0], height=size[1])
        else:
            stream = self._lossless(form.planes)
        stream.time_base = TICK
        stream.disposition = Disposition.default
        stream.metadata["title"] = "pictures"
        return stream

    def _lossless(self, planes: Planes) -> VideoStream:
        is_bgr = planes.matrix is None
        encoder: Any = "libx264rgb" if is_bgr else "libx264"
        stream: VideoStream = self._container.add_stream(encoder, options=dict(_LOSSLESS))
        context = stream.codec_context
        context.width, context.height = (side + (0 if is_bgr else side % 2) for side in planes.size)
        context.pix_fmt = "bgr0" if is_bgr else "yuv420p"
        context.thread_count = 1
        context.time_base = TICK
        if planes.tags is not None:
            planes.tags.mark(context)
        return stream

    def _add_depth(self, size: tuple[int, int]) -> VideoStream:
        stream = self._container.add_stream("ffv1", options=dict(_DEPTH))
        mark_grey16(stream.codec_context, size)
        stream.codec_context.time_base = TICK
        stream.codec_context.thread_count = 1
        stream.disposition = Disposition(0)
        stream.metadata["title"] = "depth"
        return stream

    def _add_lines(self) -> SubtitleStream:
        stream = self._container.add_mux_stream("text", time_base=TICK)
        stream.disposition = Disposition(0)
        stream.metadata["title"] = "session"
        return stream  # type: ignore[return-value]  # PyAV says no more than Stream


def _has_picture(path: Path) -> bool:
    """Whether a file that was broken off holds one that was written; raises nothing."""
    try:
        with open_container(file_address(path)) as container:
            return any(packet.size for packet in container.demux(video=0))
    except (FFmpegError, OSError, IndexError):
        return False
