"""The observer of a fine-tuning run."""

from __future__ import annotations

from typing import Protocol

from streamdepth.evaluation.metrics import Scores
from streamdepth.training.loop import Progress


class Observer(Protocol):
    """Shows a run to its user."""

    def say(self, line: str) -> None:
        """A sentence for the user."""

    def examined(self, done: int, total: int) -> None:
        """So many of the pairs were read and checked."""

    def stepped(self, progress: Progress, total: int) -> None:
        """A step of `total` was taken."""

    def judged(self, step: int, total: int, scores: Scores) -> None:
        """The averaged weights after `step` were judged by the held-out pictures."""
