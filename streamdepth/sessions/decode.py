"""From what a session kept to the pictures that the live run worked on: the same decoder, the same fitting."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from av.codec.context import CodecContext, Flags
from av.error import FFmpegError
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from streamdepth.ffmpeg.deinterlace import Deinterlacer
from streamdepth.ffmpeg.picture_from_frame import PictureMaker
from streamdepth.ffmpeg.planes import array_of
from streamdepth.ffmpeg.sizes import decoder_options
from streamdepth.imaging.letterbox import letterbox
from streamdepth.pixel_limit import PixelLimit
from streamdepth.pixels import I420, ColourMatrix, Picture, sum_of
from streamdepth.sessions.form import Planes
from streamdepth.sessions.lines import Came

Decoded = tuple[Came, Picture | None]
"""A picture that came; None where the session does not have it."""


class PictureDecoder:
    """Decodes the pictures of a session in their order.

    What comes out of the decoder belongs to the oldest picture that waits for it, as it did live: some decoders hold
    pictures back.
    """

    def __init__(self, stream: VideoStream, about: Mapping[str, Any], limit: PixelLimit, name: str) -> None:
        """Raises ValueError, KeyError or TypeError where `about` is damaged."""
        self.differ = 0
        """Pictures that are others than they were live, of those that were looked at."""
        stored = about.get("planes")
        self._planes = None if stored is None else Planes.from_json(stored)
        self._sizes_change = about.get("source", {}).get("kind") == "browser"
        self._stream, self._limit, self._name = stream, limit, name
        self._waiting: deque[Came] = deque()
        self._frames: deque[VideoFrame] = deque()
        self._begin()

    def add(self, came: Came, packets: Sequence[Packet[Any]]) -> Iterator[Decoded]:
        """What is known once the next picture has come with its packets."""
        if came.is_fresh:
            yield from self.flush()
        self._waiting.append(came)
        for packet in packets:
            self._decode(packet)
        yield from self._matched()

    def flush(self) -> Iterator[Decoded]:
        """All that still waits; the decoder begins anew."""
        self._decode(None)
        self._frames.extend(self._deinterlacer.flush())
        yield from self._matched()
        yield from ((came, None) for came in self._waiting)
        self._waiting.clear()
        self._frames.clear()
        self._begin()

    def _begin(self) -> None:
        own = self._stream.codec_context
        context = CodecContext.create(own.codec.name, "r")
        assert isinstance(context, VideoCodecContext)
        context.extradata = own.extradata
        context.thread_type = "SLICE"
        context.options = decoder_options(self._limit.video)
        if not own.has_b_frames:
            context.flags |= Flags.low_delay
        self._context, self._deinterlacer = context, Deinterlacer()
        self._maker: PictureMaker | None = None

    def _decode(self, packet: Packet[Any] | None) -> None:
        with suppress(FFmpegError):  # as damaged as it was live
            for frame in self._context.decode(packet):
                self._limit.check_video(self._name, frame.width, frame.height)
                self._frames.extend(self._deinterlacer.push(frame))

    def _matched(self) -> Iterator[Decoded]:
        while self._waiting and (self._frames or not self._waiting[0].is_kept):
            came = self._waiting.popleft()
            yield came, self._picture(came, self._frames.popleft()) if came.is_kept else None

    def _picture(self, came: Came, frame: VideoFrame) -> Picture:
        if self._planes is not None:
            return replace(_cropped(frame, self._planes), inner=came.inner)
        if self._maker is None or (
            self._sizes_change and self._maker.stored_size != (frame.width, frame.height)
        ):
            self._maker = PictureMaker(frame)
        picture = letterbox(self._maker.make(frame), came.size, came.stretch)
        self.differ += came.sum is not None and sum_of(picture) != came.sum
        return picture


def _cropped(frame: VideoFrame, planes: Planes) -> Picture:
    """The samples as they were encoded; the encoder takes even sizes only."""
    width, height = planes.size
    if planes.matrix is None:
        return Picture.of_bgr(array_of(frame.reformat(format="bgr24", threads=1).planes[0], 3))
    y, u, v = (array_of(plane) for plane in frame.planes[:3])
    half = slice((height + 1) // 2), slice((width + 1) // 2)
    matrix = ColourMatrix[planes.matrix]
    return Picture.of_i420(I420(y[:height, :width], u[half], v[half], matrix, planes.full_range))
