"""Packets of pictures as their encoder gave them, whatever a container makes of them."""

from __future__ import annotations

from collections.abc import Iterator

from av.video.stream import VideoStream

from streamdepth.ffmpeg.nal_units import START_CODE, nal_units

_IN_UNITS = frozenset({"h264", "hevc"})
"""Codecs whose units stand behind start codes where an encoder gives them, and behind their lengths in most files."""
_PARAMETER_SETS = range(32, 35)
"""Kinds of units of H.265 (ITU-T H.265, table 7-1)."""
_TEMPORAL_DELIMITER = b"\x12\x00"
"""Of AV1: it begins each picture of a stream, and files leave it out."""


def has_lengths(stream: VideoStream) -> bool:
    """Whether the units in packets of a stream that is read stand behind their lengths (`avcC`, `hvcC`)."""
    context = stream.codec_context
    header = context.extradata
    return context.codec.canonical_name in _IN_UNITS and header is not None and bytes(header[:1]) == b"\x01"


def as_encoded(packet: bytes, codec: str, *, lengths: bool = False) -> bytes:
    """One form for a packet of `codec`, FFmpeg's name of it: equal for the encoder's and for what a file gives back.

    `lengths` says that its units stand behind lengths of four bytes. What comes out can be handed to a muxer.
    """
    if codec in _IN_UNITS:
        units = _behind_lengths(packet) if lengths else nal_units(packet)
        return b"".join(b"\x00" + START_CODE + unit for unit in units)
    return packet.removeprefix(_TEMPORAL_DELIMITER) if codec == "av1" else packet


def without_parameter_sets(packet: bytes) -> bytes:
    """A packet of an encoder of H.265 in the form of `as_encoded`, without what its header says as well."""
    units = (unit for unit in nal_units(packet) if unit[0] >> 1 not in _PARAMETER_SETS)
    return b"".join(b"\x00" + START_CODE + unit for unit in units)


def _behind_lengths(packet: bytes) -> Iterator[bytes]:
    at = 0
    while at + 4 < len(packet):
        size = int.from_bytes(packet[at : at + 4])
        unit = packet[at + 4 : at + 4 + size].rstrip(b"\x00")
        if unit:
            yield unit
        at += 4 + size
