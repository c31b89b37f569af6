"""Pixels that change their shape midway, as those of a broadcast do between a film and an older one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from av.video.frame import VideoFrame

from streamdepth.imaging.scaling import believed

_SQUARE = Fraction(1)


class PixelShapes:
    """What the decoder of one stream says of the width of a pixel over its height."""

    def __init__(self) -> None:
        self._met: dict[Fraction, None] = {}
        """The first one first."""
        self._current = _SQUARE

    def note(self, frame: VideoFrame, said: Fraction | None) -> None:
        """Mark a frame, in the order in which they are shown, with its shape; `said` may be that of some later one.

        A new shape comes with a key frame, and is said as soon as that is decoded: what is shown before it has the old
        one, but for a key frame among the last of it.
        """
        if frame.key_frame or not self._met:
            self._current = believed(said or _SQUARE)
            self._met[self._current] = None
        stretch = self._current / next(iter(self._met))
        if stretch != 1:
            frame.opaque = stretch

    def remarks(self) -> Iterator[str]:
        """A sentence where the shape has changed."""
        if len(self._met) > 1:
            first, *others = (f"{shape.numerator}:{shape.denominator}" for shape in self._met)
            changes = f"the shape of pixels changes from {first} to {' and '.join(others)}"
            yield f"{changes}; pictures are fitted into that of the first"


def stretch_of(frame: VideoFrame) -> Fraction:
    """The shape of a frame's pixels over that of the first one's."""
    stretch = frame.opaque
    return stretch if isinstance(stretch, Fraction) else _SQUARE
