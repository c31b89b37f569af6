"""Whether the other side of a connection over UDP still listens, by what it reports. Reads no clock."""

from __future__ import annotations

from collections import deque

MOST_SILENCE = 20.0
"""Seconds without a report after which nobody is there, however seldom it reports."""
LEAST_SILENCE = 2.5
GAPS = 3.0
"""So many times as long as between two reports: most servers report once a second, and are missed after three."""
REPORTS_TO_KNOW = 4


class Liveness:
    """Hears reports and counts what is sent; all times are in seconds of one clock.

    Only what was sent can be answered: while nothing is, silence means nothing.
    """

    def __init__(self) -> None:
        self._heard_at: float | None = None
        self._gaps: deque[float] = deque(maxlen=16)
        self._unanswered_since: float | None = None

    def sent(self, now: float) -> None:
        """Something went out."""
        if self._unanswered_since is None:
            self._unanswered_since = now

    def note_report(self, now: float) -> None:
        """A report came in."""
        if self._heard_at is not None:
            self._gaps.append(now - self._heard_at)
        self._heard_at = now
        self._unanswered_since = None

    def excuse(self, seconds: float) -> None:
        """Exclude `seconds` in which this process did not run and could receive no report."""
        if self._unanswered_since is not None:
            self._unanswered_since += seconds

    @property
    def patience(self) -> float:
        """Seconds of silence that say that nobody is there."""
        if len(self._gaps) < REPORTS_TO_KNOW - 1:
            return MOST_SILENCE
        return min(MOST_SILENCE, max(LEAST_SILENCE, GAPS * max(self._gaps)))

    def is_lost(self, now: float) -> bool:
        """Whether what was sent has been without an answer for too long."""
        return self._unanswered_since is not None and now - self._unanswered_since > self.patience
