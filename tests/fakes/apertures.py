"""Films whose container says to leave out what is at the edges of their pictures."""

from __future__ import annotations

from pathlib import Path

import av
from mp4_boxes import box, boxes_in

Edges = tuple[int, int, int, int]
"""Pixels left, above, right and below."""

_HEAD_OF_PICTURES = 78
"""Bytes of a sample entry for video (ISO/IEC 14496-12, 12.1.3.2) before what extends it."""


def with_aperture(path: Path, size: tuple[int, int], edges: Edges) -> Path:
    """Write a clean aperture (12.1.4) into an MP4 or MOV of that size, whose index is behind all else."""
    left, top, right, bottom = edges
    width, height = size[0] - left - right, size[1] - top - bottom
    # Halves: the centre of what is shown, as seen from that of the picture.
    numbers = (width, 1, height, 1, left - right, 2, top - bottom, 2)
    aperture = b"".join(number.to_bytes(4, signed=True) for number in numbers)
    path.write_bytes(_with(path.read_bytes(), box(b"clap", aperture)))
    return path


def as_matroska(path: Path, film: Path) -> Path:
    """The same in Matroska, where FFmpeg writes the same edges in another way."""
    with av.open(str(film)) as came, av.open(str(path), "w") as out:
        picture = came.streams.video[0]
        copied = out.add_stream_from_template(picture, opaque=True)
        for packet in came.demux(picture):
            if packet.size:
                packet.stream = copied
                out.mux(packet)
    return path


def _with(data: bytes, aperture: bytes) -> bytes:
    parts = []
    for kind, body in boxes_in(data):
        if kind in (b"moov", b"trak", b"mdia", b"minf", b"stbl"):
            body = _with(body, aperture)
        elif kind == b"stsd":
            ((codec, entry),) = boxes_in(body[8:])
            body = body[:8] + box(codec, entry[:_HEAD_OF_PICTURES] + aperture + entry[_HEAD_OF_PICTURES:])
        parts.append(box(kind, body))
    return b"".join(parts)
