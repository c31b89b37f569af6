"""MP4 files that show a part of what they hold, some of it twice, or all of it later (ISO/IEC 14496-12, 8.6.6)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from mp4_boxes import box, boxes_in

Edit = tuple[Fraction | None, Fraction]
"""From which second of a track, None for nothing, and for how many seconds."""


def edit(path: Path, edits: Sequence[Edit]) -> Path:
    """Give all tracks of a file, whose index is behind all else, these edits in place of theirs."""
    path.write_bytes(_with_edits(path.read_bytes(), edits))
    return path


def _with_edits(data: bytes, edits: Sequence[Edit], film: int = 0) -> bytes:
    """`film` is how many units the film's clock has a second."""
    parts = []
    for kind, body in boxes_in(data):
        if kind == b"mvhd":
            film = int.from_bytes(body[12:16])
        elif kind == b"mdia":
            parts.append(box(b"edts", box(b"elst", _list_of(edits, film, _clock(body)))))
        if kind != b"edts":
            parts.append(box(kind, _with_edits(body, edits, film) if kind in (b"moov", b"trak") else body))
    return b"".join(parts)


def _list_of(edits: Sequence[Edit], film: int, track: int) -> bytes:
    rows = b"".join(
        round(lasts * film).to_bytes(4)
        + (-1 if begins is None else round(begins * track)).to_bytes(4, signed=True)
        + (1 << 16).to_bytes(4)
        for begins, lasts in edits
    )
    return bytes(4) + len(edits).to_bytes(4) + rows


def _clock(mdia: bytes) -> int:
    return int.from_bytes(dict(boxes_in(mdia))[b"mdhd"][12:16])
