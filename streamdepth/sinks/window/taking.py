"""Distances that a viewer gives in the window: points are clicked, and their metres typed. No text field is needed."""

from __future__ import annotations

import math
from dataclasses import replace
from textwrap import wrap

from streamdepth.errors import UsageError
from streamdepth.frames import Rendered
from streamdepth.sinks.window.protocols import Distances
from streamdepth.values import dataclass

Shares = tuple[float, float]
DIGITS = frozenset("0123456789.,")
LONGEST = 7
"""Characters of a number."""
LINE = 60
"""Characters of a line: longer ones would be in small letters."""
ENTER = frozenset("\r\n")
BACKSPACE = "\b"
ESCAPE = "\x1b"
BEGIN = "distances: click something that stands still (Esc: leave, Backspace: forget those known)"
NONE_THERE = "there is no depth of the picture"
NO_NUMBER = "type metres above 0, as in 2.5"
FORGOTTEN = "distances that were taken here are forgotten"
ONE_LAYOUT = "the layout stays as it is while points are clicked"
ONE_INPUT = "the input stays as it is while points are clicked: they are of one camera"
KEPT = {"l": ONE_LAYOUT, "n": ONE_INPUT}
"""Keys that would change where or of what the points are."""


@dataclass(frozen=True)
class Taken:
    """A point that was clicked."""

    at: Shares
    """In the source's picture."""
    shown: Shares
    """In the picture as it is shown."""
    typed: str = ""
    is_done: bool = False

    @property
    def metres(self) -> float | None:
        """What was typed, where that is a distance."""
        try:
            metres = float(self.typed)
        except ValueError:
            return None
        return metres if metres > 0 and math.isfinite(metres) else None


class Taking:
    """What was clicked and typed so far, and what comes next.

    It takes the keys that it needs while it goes on (`press` returns whether it did), so that all others do as ever.
    """

    def __init__(self, distances: Distances) -> None:
        self._distances = distances
        self._points: tuple[Taken, ...] = ()
        self._trouble = ""
        self.is_on = False
        """Whether distances are being taken."""
        self.result = ""
        """What became of those that were taken last; empty where nothing did."""

    @property
    def lines(self) -> tuple[str, ...]:
        """What to do next, and what was wrong."""
        if not self.is_on:
            return ()
        return tuple(line for part in (self._next(), self._trouble) for line in wrap(part, LINE))

    @property
    def marks(self) -> tuple[tuple[Shares, str], ...]:
        """Each point as it is shown, with its words."""
        if not self.is_on:
            return ()
        return tuple(
            (point.shown, f"{number}: {point.typed}{' m' if point.is_done else '_'}")
            for number, point in enumerate(self._points, start=1)
        )

    def toggle(self, rendered: Rendered) -> None:
        """Begin, or leave it with all that was clicked."""
        self.result = self._trouble = ""
        self._points = ()
        if self.is_on:
            self.is_on = False
            return
        try:
            self._distances.check(rendered)
        except UsageError as error:
            self.result = str(error)
        else:
            self.is_on = True

    def click(self, rendered: Rendered, shown: Shares) -> None:
        """Take a point of the shown picture, or another one for that whose distance is not yet typed."""
        at = self._distances.source_point(rendered, *shown)
        self._trouble = "" if at is not None else NONE_THERE
        if at is None:
            return
        if self._is_typing:
            self._change(replace(self._points[-1], at=at, shown=shown))
        else:
            self._points = (*self._points, Taken(at, shown))

    def press(self, key: str, rendered: Rendered) -> bool:
        """Do what a key says; whether it is one of these."""
        if key in DIGITS:
            self._type(key.replace(",", "."))
        elif key in ENTER:
            self._enter(rendered)
        elif key == BACKSPACE:
            self._back()
        elif key == ESCAPE:
            self._escape(rendered)
        elif (trouble := KEPT.get(key.lower())) is not None:
            self._trouble = trouble
        else:
            return False
        return True

    @property
    def _is_typing(self) -> bool:
        return bool(self._points) and not self._points[-1].is_done

    def _change(self, last: Taken) -> None:
        self._points = (*self._points[:-1], last)

    def _next(self) -> str:
        count = len(self._points)
        if self._is_typing:
            return f"metres to point {count}: {self._points[-1].typed}_ (Enter: done, Esc: drop it)"
        if not count:
            return BEGIN
        if count == 1:
            return "1 distance: click another point (Backspace: drop it, Esc: leave)"
        return f"{count} distances: Enter uses them, or click another point (Backspace: drop the last, Esc: leave)"

    def _type(self, character: str) -> None:
        self._trouble = ""
        if self._is_typing:
            typed = self._points[-1].typed
            if len(typed) < LONGEST and not (character == "." and "." in typed):
                self._change(replace(self._points[-1], typed=typed + character))

    def _enter(self, rendered: Rendered) -> None:
        self._trouble = ""
        if self._is_typing:
            if self._points[-1].metres is None:
                self._trouble = NO_NUMBER
            else:
                self._change(replace(self._points[-1], is_done=True))
        elif len(self._points) > 1:
            self._learn(rendered)

    def _learn(self, rendered: Rendered) -> None:
        known = [(*point.at, point.metres) for point in self._points if point.metres is not None]
        try:
            words = self._distances.learn(rendered, known)
        except UsageError as error:
            self._trouble = str(error)
        else:
            self.toggle(rendered)
            self.result = f"metres from {words} (k keeps them)"

    def _back(self) -> None:
        self._trouble = ""
        if self._is_typing and self._points[-1].typed:
            self._change(replace(self._points[-1], typed=self._points[-1].typed[:-1]))
        elif self._points:
            self._points = self._points[:-1]
        else:
            self._distances.forget()
            self.is_on, self.result = False, FORGOTTEN

    def _escape(self, rendered: Rendered) -> None:
        if self._is_typing:
            self._points = self._points[:-1]
            self._trouble = ""
        else:
            self.toggle(rendered)
