"""What HDR says anew of each scene: HDR10+ (SMPTE ST 2094-40) and Dolby Vision, as FFmpeg attaches them to frames."""

from __future__ import annotations

import struct

from av.video.frame import VideoFrame

from streamdepth.ffmpeg.side_data import side_data_of

_KINDS = {"DYNAMIC_HDR_PLUS": "HDR10+", "DOVI_METADATA": "Dolby Vision"}
_OFFSET = struct.Struct("@N")
"""Of the header within `AVDOVIMetadata`."""
_HEADER = struct.Struct("=BxH7B")
"""The begin of `AVDOVIRpuDataHeader`: type, format, profile, level, filter, coefficients' type and denominator,
normalisation, full range."""


def changing_hdr(frame: VideoFrame) -> list[str]:
    """The names of what the frame says of its scene."""
    return [name for kind, name in _KINDS.items() if side_data_of(frame, kind) is not None]


def is_in_dolby_colours(frame: VideoFrame) -> bool:
    """Whether its samples are colours that Dolby Vision alone has (profile 5), told as FFmpeg tells it."""
    data = side_data_of(frame, "DOVI_METADATA") or b""
    if len(data) < _OFFSET.size:
        return False
    (start,) = _OFFSET.unpack_from(data)
    if len(data) < start + _HEADER.size:
        return False
    _, _, profile, *_, full_range = _HEADER.unpack_from(data, start)
    return bool(profile == 0 and full_range == 1)
