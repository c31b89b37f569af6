"""Motion JPEG over HTTP whose parts are written in a way that FFmpeg's reader of them refuses, and browsers do not.

Cameras leave out the boundary before the first part (ESP32-CAM, Tasmota) or write it twice (Foscam), call a JPEG
`image/jpg` or nothing at all, and send parts that are no pictures between those that are.
"""

from __future__ import annotations

import re

import av.error

from streamdepth.addresses import scheme_of
from streamdepth.errors import SourceError
from streamdepth.ffmpeg.containers import open_container

IN_PARTS = "mpjpeg"
"""FFmpeg's reader of parts. A part that is no picture ends its reading; read on, it looks for the next boundary."""
BETWEEN_PARTS = "mjpeg"
"""FFmpeg's demuxer that looks for JPEGs by their markers. It gives each as the next one begins: a picture late."""
AT_ONCE = {"analyzeduration": "1"}
"""Microseconds of the stream that are read to find its rate, which such a stream does not state: it takes seconds."""
_BYTES = "data"
"""FFmpeg's demuxer that gives the bytes as they come."""
_BEGINS = re.compile(rb"\s*(?:--\S|[a-z][a-z-]*:)", re.I)
"""A boundary (RFC 2046, section 5.1), or the name of a field in a part's head."""


def come_instead(refused: SourceError, url: str, timeout: tuple[float, float]) -> bool:
    """Whether an address that FFmpeg made nothing of sends what begins as such parts do: one more request to it.

    `timeout` is in seconds, for opening and for each reading.
    """
    made_nothing = isinstance(refused.__cause__, av.error.InvalidDataError)
    if not made_nothing or scheme_of(url) not in ("http", "https"):
        return False
    try:
        with open_container(url, timeout, demuxer=_BYTES) as container:
            return _BEGINS.match(bytes(next(container.demux()))) is not None
    except (av.error.FFmpegError, StopIteration):
        return False
