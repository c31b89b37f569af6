"""What a container must know of an encoded stream, found in how it begins."""

from __future__ import annotations

import io

import av
from av.container import InputContainer

NEED_HEADER = {"h264": "h264", "hevc": "hevc"}
"""Codecs whose header Matroska must have, and FFmpeg's name for a file that is nothing else."""


def template_of(codec: str, data: bytes) -> InputContainer | None:
    """A stream that says of H.264 and H.265 what a container must know; None where it needs no more than the name.

    `data` is what such a stream begins with. Raises `FFmpegError` where it does not say it.
    """
    if codec not in NEED_HEADER:
        return None
    return av.open(io.BytesIO(data), "r", format=NEED_HEADER[codec])
