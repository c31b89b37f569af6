"""Lines to a person that are not said again and again: what is away may come and go every second for a week."""

from __future__ import annotations

import time
from collections.abc import Callable

LATELY = 60.0
"""Seconds in which the same line is not said again."""

Warn = Callable[..., object]
"""Logs a line and what is put into it, as `Logger.warning` does."""
Say = Callable[[str, bool], None]
"""Tells a person one line; the flag is whether it is about a trouble."""


class SaidOnce:
    """Hands lines on to `say`, each once in `LATELY` seconds of `clock`; used by one thread."""

    def __init__(self, say: Say, clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._clock = clock
        self._said: dict[str, float] = {}

    def __call__(self, line: str, *, trouble: bool) -> None:
        """Say it, unless it was said lately."""
        now = self._clock()
        self._said = {said: at for said, at in self._said.items() if now - at < LATELY}
        if line not in self._said:
            self._said[line] = now
            self._say(line, trouble)


class SaidUntilBack:
    """Says that something is away once until it is back; used by one thread."""

    def __init__(self, warn: Warn) -> None:
        self._warn = warn
        self._is_away = False

    def away(self, line: str, *words: object) -> None:
        """It does not answer; `words` are put into the line where it is said."""
        if not self._is_away:
            self._is_away = True
            self._warn(line, *words)

    def back(self) -> bool:
        """It answers; returns whether it was away until now."""
        was_away, self._is_away = self._is_away, False
        return was_away
