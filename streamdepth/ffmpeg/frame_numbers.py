"""Whether pictures are missing from a film in H.264, by the numbers that it gives them (ITU-T H.264, 7.4.3).

FFmpeg shows what leans on a missing picture as if it leaned on the one before that, without a word.
"""

from __future__ import annotations

from contextlib import suppress

from streamdepth.ffmpeg.nal_units import (
    IDR,
    PPS,
    SPS,
    kind_of,
    nal_units,
    parameters_in_front,
    with_start_codes,
)
from streamdepth.values import dataclass

_FIRST_SLICES = (1, 2, IDR)
"""Kinds of units that begin a picture: slices, whole or the first part of one."""
_WITH_CHROMA = {44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244}
"""Profiles whose parameters say how colours are sampled and scaled."""
_IS_LEANED_ON = 0x60
"""Of the first byte of a unit: none of these bits where no picture leans on this one."""
_SLICE_HEAD = 32
"""Bytes of a slice in which its number is."""


class _Bits:
    """Reads bits from the first to the last; raises ValueError behind that."""

    def __init__(self, data: bytes) -> None:
        # The 3 only keeps what follows from looking like a start code.
        data = data.replace(b"\0\0\3", b"\0\0")
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise ValueError("too short")
        return self._value >> self._left & ((1 << count) - 1)

    def number(self) -> int:
        """One of variable length (9.1): as many zeros as it has bits behind its first one."""
        zeros = 0
        while not self.take(1):
            zeros += 1
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """0, 1, -1, 2, -2 ... (9.1.1)."""
        number = self.number()
        return (number + 1) // 2 if number % 2 else -(number // 2)


@dataclass(frozen=True)
class _Sequence:
    bits: int
    """Of a number."""
    has_planes: bool
    """Whether the colours are coded one by one, each slice with two more bits."""
    may_leave_out: bool
    """Whether numbers may be left out where nothing is missing."""


class FrameNumbers:
    """Counts what is missing between the pictures of one film, packet by packet in the order of decoding.

    Each picture that others lean on has the next number, and one that none leans on has that of the one behind it: of
    those nothing is known. `header` is what the container says of the codec.
    """

    def __init__(self, header: bytes) -> None:
        self.missing = 0
        """How many at least."""
        self._sequences: dict[int, _Sequence] = {}
        self._of_picture: dict[int, int] = {}
        """The sequence of each set of parameters of pictures."""
        self._last: int | None = None
        sets = parameters_in_front(header)
        self._length_size = 0 if sets is None else (header[4] & 3) + 1
        self._look_at(nal_units(header if sets is None else sets), is_key=False)

    def look(self, packet: bytes, *, is_key: bool) -> None:
        """Note a picture as it is in its container; with one that stands for itself counting begins anew."""
        if self._length_size:
            packet = with_start_codes(packet, self._length_size)
        self._look_at(nal_units(packet), is_key=is_key)

    def _look_at(self, units: list[bytes], *, is_key: bool) -> None:
        for unit in units:
            with suppress(ValueError):  # damage, which its decoder tells
                if kind_of(unit) == SPS:
                    self._note_sequence(unit)
                elif kind_of(unit) == PPS:
                    bits = _Bits(unit[1:_SLICE_HEAD])
                    name, sequence = bits.number(), bits.number()
                    self._of_picture[name] = sequence
                elif kind_of(unit) in _FIRST_SLICES:
                    self._note_picture(unit, is_key=is_key)
                    return

    def _note_sequence(self, unit: bytes) -> None:
        bits = _Bits(unit[1:])
        profile, _ = bits.take(8), bits.take(16)
        name, has_planes = bits.number(), False
        if profile in _WITH_CHROMA:
            has_planes = _pass_over_chroma(bits)
        number_bits = bits.number() + 4
        _pass_over_order(bits)
        bits.number()
        self._sequences[name] = _Sequence(number_bits, has_planes, bool(bits.take(1)))

    def _note_picture(self, unit: bytes, *, is_key: bool) -> None:
        bits = _Bits(unit[1:_SLICE_HEAD])
        _, _, name = bits.number(), bits.number(), bits.number()
        sequence = self._sequences.get(self._of_picture.get(name, -1))
        if sequence is None:
            return
        bits.take(2 if sequence.has_planes else 0)
        number, count = bits.take(sequence.bits), 1 << sequence.bits
        before = None if is_key else self._last
        if before is not None and number != before:
            self.missing += 0 if sequence.may_leave_out else (number - before - 1) % count
        is_last = unit[0] & _IS_LEANED_ON or number == before
        self._last = number if is_last else (number - 1) % count


def _pass_over_chroma(bits: _Bits) -> bool:
    """Go on behind what a sequence says of its colours; whether it has them one by one."""
    chroma = bits.number()
    has_planes = bool(bits.take(1)) if chroma == 3 else False
    _, _, _ = bits.number(), bits.number(), bits.take(1)
    if bits.take(1):
        for table in range(12 if chroma == 3 else 8):
            if bits.take(1):
                _pass_over_table(bits, 16 if table < 6 else 64)
    return has_planes


def _pass_over_table(bits: _Bits, size: int) -> None:
    """One of the factors of a scaling (7.3.2.1.1.1), which ends early where a factor would be 0."""
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def _pass_over_order(bits: _Bits) -> None:
    """What a sequence says of the order in which its pictures are shown."""
    kind = bits.number()
    if kind == 0:
        bits.number()
    elif kind == 1:
        bits.take(1)
        for _ in range(2):
            bits.number()
        for _ in range(bits.number()):
            bits.number()
