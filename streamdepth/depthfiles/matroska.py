"""Depth of a clip as a film that loses nothing: FFV1 with 16 bits of grey in Matroska, with its index inside.

FFmpeg (5 and 8), PyAV and OpenCV were looked at: `gray16le` gives back the same numbers whatever its range tag, as long
as no colour conversion is asked for (OpenCV: `CAP_PROP_CONVERT_RGB` off; it gives 8 bits otherwise). It is tagged as
full range, which is what the pixels are, so that a player spreads nothing (VLC 3.0 shows 0 black and 65535 white),
and with no matrix, which grey has none of.
Every picture is a keyframe: one can seek to each. Matroska counts milliseconds, so exact timestamps are in the index,
which is an attachment.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
from av.error import FFmpegError
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from streamdepth.depthfiles.clip import Clip
from streamdepth.depthfiles.index import INDEX_NAME
from streamdepth.depthfiles.stacked_film import TAG, is_stacked
from streamdepth.depthfiles.values import DAMAGED, Values
from streamdepth.errors import SourceError
from streamdepth.ffmpeg.containers import open_file
from streamdepth.ffmpeg.ffv1 import is_whole
from streamdepth.ffmpeg.grey16 import GREY16, grey16_frame, grey16_of, mark_grey16
from streamdepth.ffmpeg.matroska import TICK
from streamdepth.times import USUAL_RATE


def write_mkv_clip(file: BinaryIO, clip: Clip) -> None:
    """Write all of it; passes on errors of PyAV and of the operating system."""
    options = {"level": "3", "slicecrc": "1", "slices": "4", "g": "1"}
    with av.open(file, "w", format="matroska") as container:
        container.metadata[TAG] = clip.facts.decode()
        container.metadata["title"] = "depth"
        container.add_attachment(INDEX_NAME, "application/json", clip.index)
        stream = container.add_stream("ffv1", rate=clip.rate or USUAL_RATE, options=options)
        mark_grey16(stream.codec_context, clip.size)
        stream.codec_context.time_base = TICK
        last = -1
        for entry in clip.entries:
            frame = grey16_frame(clip.scale.pixels(entry.values))
            last = frame.pts = max(last + 1, round(entry.pts / TICK))
            frame.time_base = TICK
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def read_mkv_clip(path: Path) -> Iterator[Values]:
    """(H, W) uint16 of each picture; raises `SourceError`, also where its check sum is another."""
    with open_file(path) as container:
        stream = container.streams.video[0]
        has_sums = stream.codec_context.name == "ffv1" and bool(stream.codec_context.extradata)
        try:
            for packet in container.demux(stream):
                if has_sums and packet.size and not is_whole(bytes(packet)):
                    raise SourceError(f"{path} is damaged at {_seconds(packet)}", DAMAGED)
                for frame in packet.decode():
                    assert isinstance(frame, VideoFrame)
                    pixels = grey16_of(frame)
                    if pixels is None:
                        raise SourceError(f"{path} has no 16 bits of grey", "name a film of --depth-output")
                    yield pixels
        except FFmpegError as error:
            raise SourceError(f"{path} is damaged", DAMAGED) from error


def read_mkv_index(path: Path) -> bytes | None:
    """The index in a film of depth, of its facts alone where that is all there is; None of any other film.

    A recording of a live stream that carries depth holds no more than its facts either.

    Raises `SourceError` where the file cannot be read.
    """
    with open_file(path) as container:
        facts = container.metadata.get(TAG)
        films = container.streams.video
        if facts is not None and is_stacked(container):
            return facts.encode()
        if facts is None or not films or films[0].codec_context.pix_fmt != GREY16:
            return None  # FFmpeg takes the tag along into whatever it makes of it
        for stream in container.streams.attachments:
            if stream.name == INDEX_NAME and stream.data:
                return bytes(stream.data)
        return facts.encode()


def mkv_times(path: Path) -> list[Fraction]:
    """Timestamps of all pictures, in seconds, as coarse as Matroska has them; raises `SourceError`."""
    with open_file(path) as container:
        stream = container.streams.video[0]
        ticks = (packet.pts for packet in container.demux(stream) if packet.pts is not None)
        return sorted(tick * (stream.time_base or TICK) for tick in ticks)


def _seconds(packet: Packet[VideoStream]) -> str:
    if packet.pts is None:
        return "a picture without a time"
    return f"{float(packet.pts * (packet.time_base or TICK)):.3f} s"
