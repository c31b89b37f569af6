"""How long the picture of a movie lasts, corrected in the index that FFmpeg wrote.

Where FFmpeg begins a fragment between a picture and the B-frames before it, and nothing later follows, it takes the end
of the last B-frame for that of the track (seen in 8.1), and players would not show the last picture. The boxes are
those of ISO/IEC 14496-12.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction

from streamdepth.values import dataclass

HEADER = struct.Struct(">I4s")
"""Size and kind of a box."""


def correct_duration(index: bytearray, seconds: Fraction) -> None:
    """Let the video track in a `moov` box be shown for `seconds` from its first picture on."""
    movie = _Box(index, 0, HEADER.unpack_from(index)[0])
    tracks = movie.children(b"trak")
    picture = next(track for track in tracks if track.child(b"mdia").child(b"hdlr").bytes(8, 4) == b"vide")
    header, track, media = movie.child(b"mvhd"), picture.child(b"tkhd"), picture.child(b"mdia").child(b"mdhd")
    shown = round(seconds * header.ticks)
    late = 0
    for edits in picture.children(b"edts"):
        late = edits.child(b"elst").set_last_edit(shown)
    track.set_long(20 if track.is_short else 28, late + shown)
    media.set_duration(round(seconds * media.ticks))
    header.set_duration(max(header.duration, late + shown))


@dataclass(frozen=True)
class _Box:
    """A box of the index; places are counted from the end of its header."""

    index: bytearray
    begin: int
    end: int

    def children(self, kind: bytes) -> Iterator[_Box]:
        place = self.begin + HEADER.size
        while place < self.end:
            size, found = HEADER.unpack_from(self.index, place)
            if found == kind:
                yield _Box(self.index, place, place + size)
            place += max(size, HEADER.size)

    def child(self, kind: bytes) -> _Box:
        return next(self.children(kind))

    def bytes(self, place: int, count: int) -> bytes:
        begin = self.begin + HEADER.size + place
        return bytes(self.index[begin : begin + count])

    @property
    def is_short(self) -> bool:
        """Whether times take four bytes instead of eight."""
        return self.bytes(0, 1) == b"\0"

    @property
    def ticks(self) -> int:
        """A second, of a box that begins as `mvhd` does."""
        return int.from_bytes(self.bytes(12 if self.is_short else 20, 4))

    @property
    def duration(self) -> int:
        return self._long(16 if self.is_short else 24)

    def set_duration(self, ticks: int) -> None:
        self.set_long(16 if self.is_short else 24, ticks)

    def set_last_edit(self, ticks: int) -> int:
        """Set how long the last edit lasts; how long those before it do."""
        size = 12 if self.is_short else 20
        count = int.from_bytes(self.bytes(4, 4))
        self.set_long(8 + size * (count - 1), ticks)
        return sum(self._long(8 + size * number) for number in range(count - 1))

    def set_long(self, place: int, value: int) -> None:
        begin, size = self.begin + HEADER.size + place, 4 if self.is_short else 8
        self.index[begin : begin + size] = value.to_bytes(size)

    def _long(self, place: int) -> int:
        return int.from_bytes(self.bytes(place, 4 if self.is_short else 8))
