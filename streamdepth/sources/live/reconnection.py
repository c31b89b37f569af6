"""When a lost connection is tried again, and what is known of it meanwhile. Reads no clock and opens nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum

from streamdepth.backoff import Backoff
from streamdepth.errors import Trouble
from streamdepth.frames import Condition, Outages, SourceState
from streamdepth.threads.worker import Lock

BACKOFF = Backoff((1.0,) * 5 + (5.0,) * 5 + (10.0,) * 10, 60.0, shorter=0.2, longer=0.2)
"""A camera that restarts is back soon, one that is off costs little."""
AFTER_REFUSAL = Backoff((5.0,) + (60.0,) * 5, 300.0, shorter=0.2, longer=0.2)
"""Of user name or password: cameras lock an account after some wrong ones, and begin anew with each that comes then."""
GOOD_AFTER = 2.0
"""Seconds of pictures after which the next loss is tried again quickly; less, and it may be lost in a moment."""


class LinkState(Enum):
    """Where a connection that comes back is."""

    CONNECTING = "connecting"
    UP = "up"
    WAITING = "waiting"
    CLOSED = "closed"


MOVES: Mapping[LinkState, frozenset[LinkState]] = {
    LinkState.CONNECTING: frozenset({LinkState.UP, LinkState.WAITING, LinkState.CLOSED}),
    LinkState.UP: frozenset({LinkState.WAITING, LinkState.CLOSED}),
    LinkState.WAITING: frozenset({LinkState.CONNECTING, LinkState.CLOSED}),
    LinkState.CLOSED: frozenset(),
}
"""The moves that are allowed from each state."""


class Reconnection:
    """The states of one source that comes back; times are in seconds of one clock, `chance` draws from 0..1.

    It begins connecting. A method that does not suit the state raises RuntimeError. One thread at a time moves it, and
    any thread may ask how it is.
    """

    def __init__(self, chance: Callable[[], float]) -> None:
        self.state = LinkState.CONNECTING
        self.reason = ""
        """Why it was lost the last time, or could not be had."""
        self._lock = Lock()
        self._chance = chance
        self._failures = 0
        self._up_since = 0.0
        self._last_picture: float | None = None
        self._due = 0.0
        self._reconnects = 0
        self._seconds_away = 0.0

    def picture(self, now: float) -> bool:
        """A picture came; True when it is the first of a connection."""
        with self._lock:
            first = self.state is not LinkState.UP
            if first:
                self._move(LinkState.UP)
                self._up_since = now
                self._count_outage(now)
            elif now - self._up_since >= GOOD_AFTER:
                self._failures = 0
            self._last_picture = now
        return first

    def lost(self, now: float, reason: str) -> float:
        """The connection, or the try, failed; returns the seconds until the next try."""
        with self._lock:
            self._move(LinkState.WAITING)
            self.reason = reason
            backoff = AFTER_REFUSAL if reason == Trouble.AUTHENTICATION.value else BACKOFF
            pause = backoff.delay(self._failures, self._chance())
            self._failures += 1
            self._due = now + pause
        return pause

    def retry(self) -> None:
        """The next try begins."""
        with self._lock:
            self._move(LinkState.CONNECTING)

    def close(self, now: float) -> None:
        """Nothing is tried any more, and an outage that goes on ends; may be called again."""
        with self._lock:
            if self.state is not LinkState.CLOSED:
                self._seconds_away = self._outages(now).seconds
                self._move(LinkState.CLOSED)

    def wait_left(self, now: float) -> float:
        """Seconds until the next try is due, 0 when it is."""
        return max(0.0, self._due - now)

    @property
    def condition(self) -> Condition:
        """Live, or away with the reason and the time of the last picture."""
        with self._lock:
            return self._condition()

    def outages(self, now: float) -> Outages:
        """How often it came back, and how long it was away; an outage that goes on counts up to `now`."""
        with self._lock:
            return self._outages(now)

    def _condition(self) -> Condition:
        tried = self.state in (LinkState.CONNECTING, LinkState.WAITING)
        if not tried or self._last_picture is None:
            return Condition()
        return Condition(SourceState.AWAY, self.reason, self._last_picture)

    def _outages(self, now: float) -> Outages:
        condition = self._condition()
        going_on = now - condition.since if condition.state is SourceState.AWAY else 0.0
        return Outages(self._reconnects, self._seconds_away + going_on)

    def _count_outage(self, now: float) -> None:
        if self._last_picture is not None:
            self._reconnects += 1
            self._seconds_away += now - self._last_picture

    def _move(self, to: LinkState) -> None:
        if to not in MOVES[self.state]:
            raise RuntimeError(f"a connection that is {self.state.value} cannot become {to.value}")
        self.state = to
