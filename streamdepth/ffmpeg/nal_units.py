"""The units of H.264 between their start codes (ITU-T H.264, annex B)."""

from __future__ import annotations

from collections.abc import Iterator

IDR, SPS, PPS = 5, 7, 8
"""Kinds of units: a slice of a picture that stands for itself, and the two sets of parameters before it."""
_SLICES = range(1, 6)
START_CODE = b"\x00\x00\x01"


def kind_of(unit: bytes) -> int:
    """The kind of a unit, 0 to 31 (table 7-1)."""
    return unit[0] & 31


def nal_units(annex_b: bytes) -> list[bytes]:
    """The units of one encoded picture; zeros behind a unit belong to the next start code."""
    # No regular expression: over a run of zeros, which a sender may make as long as it likes, it takes the square.
    units = (unit.rstrip(b"\x00") for unit in annex_b.split(START_CODE))
    return [unit for unit in units if unit]


def parameters_in_front(header: bytes) -> bytes | None:
    """The parameter sets of a decoder's header in the form of annex B, where it has those of MP4 (ISO 14496-15, 5.3.3).

    None where it has them in annex B already, or is damaged.
    """
    if len(header) < 7 or header[0] != 1:
        return None
    sets, at = bytearray(), 5
    for mask in (0x1F, 0xFF):  # of their two counts: those of sequences, then those of pictures
        for _ in range(header[at] & mask if at < len(header) else 0):
            size = int.from_bytes(header[at + 1 : at + 3], "big")
            sets += START_CODE + header[at + 3 : at + 3 + size]
            at += 2 + size
        at += 1
    return bytes(sets) if at <= len(header) else None


def with_start_codes(packet: bytes, size: int) -> bytes:
    """An encoded picture in the form of annex B, whose units have their length of `size` bytes before them."""
    made, at = bytearray(), 0
    while at + size < len(packet):
        length = int.from_bytes(packet[at : at + size], "big")
        made += START_CODE + packet[at + size : at + size + length]
        at += size + length
    return bytes(made)


def begins_keyframe(annex_b: bytes) -> bool:
    """Whether an encoded picture stands for itself, from its very beginning.

    The first slice is then one of an IDR picture and begins at macroblock 0, for whose number the first bit is set
    (section 7.3.3).
    """
    for at in _starts(annex_b):
        kind = annex_b[at] & 31
        if kind in _SLICES:
            return kind == IDR and bool(annex_b[at + 1] & 0x80)
    return False


def _starts(annex_b: bytes) -> Iterator[int]:
    """Where each unit of two bytes or more begins; nothing is copied, for the answer mostly lies at the front."""
    at = annex_b.find(START_CODE)
    while 0 <= at < len(annex_b) - 4:
        yield at + 3
        at = annex_b.find(START_CODE, at + 3)
