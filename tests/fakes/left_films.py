"""What a film that is being made leaves behind."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from streamdepth.frames import LeftOff
from streamdepth.resuming.journal import Border
from streamdepth.resuming.room import Room
from streamdepth.sinks.movie.borders import Segment, Stamp


def border(number: int, every: int = 250, seconds: float = 10.0, total: int = 7) -> Border:
    """The `number`th border, from 1, of a film of 25 pictures a second."""
    first = (number - 1) * every
    stamps = tuple(Stamp(512 * n, 512 * (n - 2), 512) for n in range(first, first + every))
    left_off = LeftOff(number * every - 1, Fraction(number * every - 1, 25), 99, number * every, Fraction(0))
    return Border(left_off, seconds * number, Segment(b"\x01\xff", Fraction(1, 12800), stamps, total))


def room(path: Path) -> Room:
    """Of a disk on which nobody has to wait."""
    return Room(path, lambda: False, lambda _line: None)
