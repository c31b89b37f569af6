"""Whether far more is asked of lanes than they can do, so that a long line makes all wait and gets no more done."""

from __future__ import annotations

WATCHED = 16
"""From a refusal until it is judged, in times that a piece of work takes: a burst is over by then."""
BUSY = 0.9
"""Share of that time in which lanes must have worked on requests. Else the clients pause together, which a queue
bridges, or live pictures go first, and in a short queue nobody waits long enough for a turn."""


class Crowding:
    """Judges a time at a time, which begins with a refusal and, once it is crowded, with the end of the one before."""

    def __init__(self, lanes: int) -> None:
        self._lanes = lanes
        self._is_crowded = False
        self._began: float | None = None
        self._worked_before = 0.0
        self._more_refused = 0
        self._running = 0
        self._ends_less_begins = 0.0

    def is_crowded(self, now: float, usual: float) -> bool:
        """Whether more are refused than answered while lanes work on requests all the same.

        `usual` is the seconds that a piece of work takes.
        """
        if self._began is not None and now - self._began >= WATCHED * usual:
            worked = (self._worked(now) - self._worked_before) / (self._lanes * (now - self._began))
            self._is_crowded = self._more_refused > 0 and worked >= BUSY
            self._began = None
            if self._is_crowded:
                self._begin(now)
        return self._is_crowded

    def note(self, now: float, *, refused: bool) -> None:
        """Count a request that was refused, or accepted."""
        if self._began is None and refused:
            self._begin(now)
        self._more_refused += 1 if refused else -1

    def work_begins(self, now: float) -> None:
        """A lane works on a request."""
        self._running += 1
        self._ends_less_begins -= now

    def work_ends(self, now: float) -> None:
        """That lane is done with it."""
        self._running -= 1
        self._ends_less_begins += now

    def _begin(self, now: float) -> None:
        self._began, self._worked_before, self._more_refused = now, self._worked(now), 0

    def _worked(self, now: float) -> float:
        """Seconds so far of all lanes on requests, with those of what is not done yet."""
        return self._ends_less_begins + self._running * now
