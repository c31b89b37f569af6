"""Looks through a film, before it is read, for black bars that it brings along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction

import av
import numpy as np
from av.container import InputContainer
from av.error import FFmpegError
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from streamdepth.ffmpeg.containers import demuxed, length_of, open_container
from streamdepth.ffmpeg.cropping import Cropper
from streamdepth.ffmpeg.cut_short import is_cut_short
from streamdepth.ffmpeg.errors import cannot_read_on
from streamdepth.ffmpeg.lost import is_lost
from streamdepth.ffmpeg.picture_from_frame import PictureMaker
from streamdepth.imaging.film_bars import Box, inside_bars, is_unbarred, lit_box, lit_pixels
from streamdepth.pixels import Rectangle
from streamdepth.sources.video.media import Media

_LOOKS = 24
"""Pictures that are looked at, spread over the film, while bars are still likely."""

_FEW = 8
"""Key frames of a film that say too little about it."""
_BETWEEN = 0.5
"""Seconds between pictures that are looked at where there are few key frames."""


def film_bars(media: Media, size: tuple[int, int]) -> Rectangle | None:
    """What is inside the bars of a film whose pictures have that size (width, height), upright; None without bars.

    What is lit in any of them is inside: a film whose bars come and go has the thinnest of them, and one that is
    dark at its begin those that it has later. It stays the same from the first picture to the last, so that depth is
    steady. Mostly one picture is enough to know that there are none.
    """
    lit: NDArray[np.bool_] | None = None
    box: Box | None = None
    for frame in map(Cropper(media.cropping).crop, _spread(media)):
        picture = PictureMaker(frame).make(frame)
        if (picture.width, picture.height) != size:
            return None
        here = lit_pixels(picture)
        lit = here if lit is None else lit | here
        box = lit_box(lit)
        if box is not None and is_unbarred(box, *size):
            return None
    return None if box is None else inside_bars(box, *size)


def _spread(media: Media) -> Iterator[VideoFrame]:
    """Pictures from all over the film, those in the middle first; fewer where it is short or cannot be searched."""
    with _damage_suppressed(media), open_container(media.address) as container:
        stream = container.streams[media.stream.index]
        length = length_of(container)
        if not isinstance(stream, av.VideoStream) or not length:
            return
        stream.codec_context.thread_type = "SLICE"  # others would want more pictures before they give one
        start, seen = container.start_time or 0, set[int | None]()
        for share in _shares():
            frame = None
            with _damage_suppressed(media):  # here alone: FFmpeg may just say that it cannot seek
                frame = _key_at(container, stream, start + round(share * length * av.time_base))
            if frame is not None and frame.pts not in seen:
                seen.add(frame.pts)
                yield frame
        if len(seen) < _FEW:
            yield from _from_the_begin(container, stream, start)


@contextmanager
def _damage_suppressed(media: Media) -> Iterator[None]:
    """Within it damage ends the looking; a disk that fails for a moment must not make it another film."""
    try:
        yield
    except FFmpegError as error:
        if is_lost(error, media.container) and media.path is not None and not is_cut_short(media.path):
            raise cannot_read_on(error, media.name) from error


def _shares() -> Iterator[Fraction]:
    """Places in a film, 0 to 1, first far from each other: 1/2, 1/4, 3/4, 1/8 ..."""
    for number in range(1, _LOOKS + 1):
        level = 1 << number.bit_length()
        yield Fraction(2 * (number - level // 2) + 1, level)


def _key_at(container: InputContainer, stream: av.VideoStream, time: int) -> VideoFrame | None:
    """The key frame before a time, in FFmpeg's unit, alone: nothing after it is decoded."""
    container.seek(time)
    key = next((packet for packet in demuxed(container, stream) if packet.is_keyframe and packet.size), None)
    if key is None:
        return None
    frames = [*stream.decode(key), *stream.decode(None)]
    return frames[0] if frames else None


def _from_the_begin(container: InputContainer, stream: av.VideoStream, start: int) -> Iterator[VideoFrame]:
    """Two pictures of each second at the begin of a film that has few key frames, of which the first may be black."""
    container.seek(start)
    due = None
    for frame in (frame for packet in demuxed(container, stream) for frame in stream.decode(packet)):
        time = frame.time
        if time is None or due is None or time >= due:
            due = (time or 0.0) + _BETWEEN
            yield frame
            if time is not None and time > _LOOKS * _BETWEEN:
                return
