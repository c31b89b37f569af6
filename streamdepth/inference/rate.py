"""How long a piece of work takes, from those that were done."""

from __future__ import annotations

WEIGHT = 0.1
"""Of the newest: the last twenty or so count."""


class Rate:
    """A moving mean of seconds; `seconds` is what is thought before any was measured."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._count = 0

    @property
    def is_measured(self) -> bool:
        """Whether one was done."""
        return self._count > 0

    def add(self, seconds: float) -> None:
        """One more was done, in so many seconds."""
        self._count += 1
        weight = max(WEIGHT, 1 / self._count)  # the first few count alike
        self.seconds += weight * (seconds - self.seconds)
