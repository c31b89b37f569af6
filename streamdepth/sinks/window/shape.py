"""The size of a window on its screen: as it opens, with another layout, by the viewer's hand, over the whole screen."""

from __future__ import annotations

from typing import Protocol

Size = tuple[int, int]
"""(width, height) in pixels."""

SHARE = 0.85
"""Of a monitor that a window takes at most when it opens: bars, docks and its own frame need the rest."""
ENLARGED_TO = (640, 480)
"""Smaller pictures open enlarged into this, so that the words have room."""
USUAL_SCREEN = (1500, 940)
"""If the system does not report it."""
WIDEST, LOWEST = 16 / 9, 16 / 10
"""Shapes of one monitor: the system gives several side by side as one wide screen, on top of each other as one high."""
LETTERS_IN_HEIGHT = 56
LETTERS = (12, 40)


class Resizable(Protocol):
    """What of a window has to do with its size."""

    def screen(self) -> Size | None:
        """Size of all monitors together; None if the system does not report it."""

    def open(self, width: int, height: int) -> None:
        """Open it with a content of this size in pixels."""

    def resize(self, width: int, height: int) -> None:
        """Give the content another size."""

    def size(self) -> Size:
        """Size of the content as the viewer has it; not positive where it is not known."""

    def fill_screen(self, wanted: bool) -> None:
        """Take the whole screen, or become a window again."""


class WindowShape:
    """Keeps the size of one window."""

    def __init__(self, window: Resizable) -> None:
        self._window = window
        self._screen = one_monitor(window.screen() or USUAL_SCREEN)
        self._given: Size = (0, 0)
        self.fills_screen = False
        """Whether it takes the whole screen."""

    def open(self, width: float, height: float) -> None:
        """Open it for pictures of this shape."""
        self._given = first_size(width, height, self._screen)
        self._window.open(*self._given)

    def follow(self, width: float, height: float) -> None:
        """Make it fit pictures of another shape, unless the viewer chose its size."""
        if not self.fills_screen and self.size() == self._given:
            self._given = first_size(width, height, self._screen)
            self._window.resize(*self._given)

    def toggle_full_screen(self) -> bool:
        """Take the whole screen, or become a window again; returns which."""
        self.fills_screen = not self.fills_screen
        self._window.fill_screen(self.fills_screen)
        return self.fills_screen

    def size(self) -> Size:
        """Of the content now."""
        width, height = self._window.size()
        return (width, height) if width > 0 and height > 0 else self._given

    @property
    def letter(self) -> int:
        """Height of a letter that can be read on this screen, whatever the picture."""
        least, most = LETTERS
        return min(max(self._screen[1] // LETTERS_IN_HEIGHT, least), most)


def one_monitor(screen: Size) -> Size:
    """The size that one monitor of a screen has at least."""
    width, height = screen
    return min(width, round(height * WIDEST)), min(height, round(width / LOWEST))


def first_size(width: float, height: float, monitor: Size) -> Size:
    """The size in which a window for such pictures opens: theirs, smaller where it does not fit `monitor`."""
    largest = min(monitor[0] * SHARE / width, monitor[1] * SHARE / height)
    pleasant = max(1.0, min(ENLARGED_TO[0] / width, ENLARGED_TO[1] / height))
    scale = min(largest, pleasant)
    return max(1, round(width * scale)), max(1, round(height * scale))
