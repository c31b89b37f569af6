"""The viewer's hand on the picture: what is read under the pointer, and distances that are clicked there."""

from __future__ import annotations

import math
from collections.abc import Callable

from streamdepth.frames import Rendered
from streamdepth.pixels import BGRImage, Rectangle
from streamdepth.sinks.window.marks import draw_mark, draw_tag
from streamdepth.sinks.window.protocols import Distances
from streamdepth.sinks.window.taking import Shares, Taking

POINTER_SECONDS = 5.0
"""For so long depth is read where the pointer rests: a window does not report when it leaves."""
NEAR = 0.03
"""Of the picture: words at the pointer would lie on those of a point that was clicked there."""
Marks = tuple[tuple[Shares, str, bool], ...]
"""Places in the shown picture, their words, and whether there is a ring around them."""


class Hand:
    """Points at the shown picture, in shares of its width and height."""

    def __init__(self, distances: Distances, clock: Callable[[], float]) -> None:
        self._distances = distances
        self._clock = clock
        self._taking = Taking(distances)
        self._at: Shares | None = None
        self._until = 0.0

    @property
    def lines(self) -> tuple[str, ...]:
        """What to do next where distances are taken."""
        return self._taking.lines

    def toggle(self, rendered: Rendered) -> str:
        """Begin to take distances, or leave it; returns why that is not possible."""
        self._taking.toggle(rendered)
        return self._taking.result

    def point(self, rendered: Rendered, at: Shares, *, is_click: bool) -> None:
        """The pointer is at a place, which may be outside of the picture."""
        is_inside = all(0 <= share <= 1 for share in at)
        self._at = at if is_inside else None
        self._until = self._clock() + POINTER_SECONDS
        if is_click and is_inside and self._taking.is_on:
            self._taking.click(rendered, at)

    def press(self, key: str, rendered: Rendered) -> str | None:
        """Do what a key says where distances are taken; None of other keys, else what is to be said."""
        if not self._taking.is_on or not self._taking.press(key, rendered):
            return None
        return self._taking.result

    def marks(self, rendered: Rendered) -> Marks:
        """All that is drawn at places of the picture."""
        rings = tuple((at, words, True) for at, words in self._taking.marks)
        at = self._at
        if at is None or self._clock() >= self._until or any(_is_near(at, ring) for ring, _, _ in rings):
            return rings
        words = self._distances.read(rendered, *at)
        return (*rings, (at, words, False)) if words else rings

    def archive(self) -> bytes | None:
        """What a file for `--metres` holds; None where no distances are known."""
        return self._distances.archive()


def _is_near(one: Shares, other: Shares) -> bool:
    return math.dist(one, other) < NEAR


def draw(image: BGRImage, place: Rectangle, marks: Marks, letter: float) -> None:
    """Draw marks on the picture that is at `place` in `image`."""
    for (x, y), words, has_ring in marks:
        at = round(place.left + x * (place.width - 1)), round(place.top + y * (place.height - 1))
        (draw_mark if has_ring else draw_tag)(image, at, words, letter)
