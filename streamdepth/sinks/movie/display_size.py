"""The size at which Matroska shows pictures whose pixels are not square.

FFmpeg's muxer writes it from a field of the stream that PyAV cannot set, and H.264 and H.265 alone say it themselves.
For a film of two views it writes half of a side, though: so it is asked for one, and what it wrote is set right on its
way to the file, byte for byte (RFC 9559, 5.1.4.1.28).
"""

from __future__ import annotations

from fractions import Fraction

from streamdepth.values import dataclass

_STEREO, _WIDTH, _HEIGHT = b"\x53\xb8\x81", b"\x54\xb0", b"\x54\xba"
"""StereoMode of one byte, DisplayWidth, DisplayHeight."""
_VOID = b"\xec\x82\0\0"
"""What is skipped, as long as StereoMode."""


@dataclass(frozen=True)
class DisplaySize:
    """What is shown, and what the muxer is asked for so that it leaves room to say so."""

    width: int
    height: int
    mode: str
    """FFmpeg's name of the arrangement of two views."""

    def set_in(self, data: bytes) -> bytes:
        """A part of a file, with this size in it where its place is in that part."""
        at = data.find(_STEREO)
        while at >= 0:
            fields = at + len(_STEREO) + 1
            if data[fields : fields + 2] == _WIDTH:
                made = bytearray(data)
                made[at:fields] = _VOID
                following = _set(made, fields, self.width)
                if data[following : following + 2] == _HEIGHT:
                    _set(made, following, self.height)
                    return bytes(made)
            at = data.find(_STEREO, at + 1)
        return data


def _set(data: bytearray, place: int, value: int) -> int:
    """Set the number in an element with a name of two bytes; where the next one is."""
    count = data[place + 2] & 0x7F
    data[place + 3 : place + 3 + count] = value.to_bytes(count)
    return place + 3 + count


def display_size(size: tuple[int, int], aspect: Fraction) -> DisplaySize | None:
    """The size for pictures of `size` = (width, height) with pixels of that width over height; None for square ones.

    Where a number has no room both are made smaller in proportion.
    """
    if aspect == 1:
        return None
    width, height = size
    shown = (round(width * aspect), height) if aspect > 1 else (width, round(height / aspect))
    rooms = {
        "left_right": (_most(width // 2), _most(height)),
        "top_bottom": (_most(width), _most(height // 2)),
    }
    scales = {
        mode: min(Fraction(1), Fraction(room[0], shown[0]), Fraction(room[1], shown[1]))
        for mode, room in rooms.items()
    }
    mode = max(scales, key=lambda name: scales[name])
    scaled = [max(1, round(side * scales[mode])) for side in shown]
    return DisplaySize(scaled[0], scaled[1], mode)


def _most(value: int) -> int:
    """The largest number that takes as many bytes."""
    return int((1 << 8 * max(1, (value.bit_length() + 7) // 8)) - 1)
