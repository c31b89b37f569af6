"""Encoded pictures as they came, made ready for Matroska without a decoder."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace

import av
from av.container import InputContainer

from streamdepth.ffmpeg.nal_units import START_CODE, parameters_in_front, with_start_codes
from streamdepth.frames import Sent, SentPacket

_RAW = {"h264": "h264", "hevc": "hevc"}
"""Codecs whose header Matroska must have, and FFmpeg's name for a file that is nothing else."""
_SELF_CONTAINED = frozenset({"mjpeg", "vp8", "vp9"})
"""Codecs whose packets say all."""


def can_be_kept(sent: Sent) -> bool:
    """Whether Matroska takes packets of this codec as they come here; else the pictures are encoded anew."""
    if sent.codec in _SELF_CONTAINED:
        return True
    if sent.codec not in _RAW:
        return False
    return not sent.header or sent.header.startswith((START_CODE, b"\0" + START_CODE)) or _is_avcc(sent)


def as_annex_b(sent: Sent) -> Sent:
    """The same with start codes, where its units had their lengths before them, as RTMP sends H.264."""
    if not _is_avcc(sent):
        return sent
    size = (sent.header[4] & 3) + 1
    packets = tuple(replace(one, data=with_start_codes(one.data, size)) for one in sent.packets)
    return replace(sent, header=parameters_in_front(sent.header) or b"", packets=packets)


def template_of(codec: str, header: bytes, packets: Sequence[SentPacket]) -> InputContainer | None:
    """A stream that says of H.264 and H.265 what a container must know; None where it needs no more than the name.

    Raises `FFmpegError` where the packets do not say it.
    """
    if codec not in _RAW:
        return None
    data = header + b"".join(one.data for one in packets)
    return av.open(io.BytesIO(data), "r", format=_RAW[codec])


def _is_avcc(sent: Sent) -> bool:
    return sent.codec == "h264" and parameters_in_front(sent.header) is not None
