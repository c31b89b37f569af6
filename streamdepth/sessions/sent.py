"""Encoded pictures as they came, made ready for Matroska without a decoder."""

from __future__ import annotations

from dataclasses import replace

from streamdepth.ffmpeg.header_template import NEED_HEADER
from streamdepth.ffmpeg.nal_units import START_CODE, parameters_in_front, with_start_codes
from streamdepth.frames import Sent

_SELF_CONTAINED = frozenset({"mjpeg", "vp8", "vp9"})
"""Codecs whose packets say all."""


def can_be_kept(sent: Sent) -> bool:
    """Whether Matroska takes packets of this codec as they come here; else the pictures are encoded anew."""
    if sent.codec in _SELF_CONTAINED:
        return True
    if sent.codec not in NEED_HEADER:
        return False
    return not sent.header or sent.header.startswith((START_CODE, b"\0" + START_CODE)) or _is_avcc(sent)


def as_annex_b(sent: Sent) -> Sent:
    """The same with start codes, where its units had their lengths before them, as RTMP sends H.264."""
    if not _is_avcc(sent):
        return sent
    size = (sent.header[4] & 3) + 1
    packets = tuple(replace(one, data=with_start_codes(one.data, size)) for one in sent.packets)
    return replace(sent, header=parameters_in_front(sent.header) or b"", packets=packets)


def _is_avcc(sent: Sent) -> bool:
    return sent.codec == "h264" and parameters_in_front(sent.header) is not None
