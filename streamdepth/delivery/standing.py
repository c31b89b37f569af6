"""How delivery to one receiver goes: what is reported of it, and when it is retried."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from streamdepth.backoff import Backoff
from streamdepth.said_once import SaidOnce, Say

BACKOFF = Backoff((0.5, 1.0, 2.0, 5.0), 10.0, shorter=0.25, longer=0.25)


class NotDelivered(Exception):
    """A try came to nothing; the message has no address in it and no secret."""

    def __init__(
        self, reason: str, cure: str = "", *, is_final: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.cure = cure
        self.is_final = is_final
        """Whether the same would be refused however often it is sent."""
        self.retry_after = retry_after
        """Seconds that the receiver wants to be left alone."""


class Standing:
    """How it goes with one receiver: written by whoever delivers to it alone, read by any thread.

    `name` is its address without secrets. Times are in seconds of `clock`; `chance` draws from 0..1.
    """

    def __init__(
        self,
        name: str,
        say: Say,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self.delivered = self.refused = 0
        self._say = say
        self._clock = clock
        self._chance = chance
        self._failures = 0
        self._reason: str | None = None
        self._say_once = SaidOnce(say, clock)

    def works(self) -> None:
        """The receiver is there."""
        if self._failures:
            self._say_once(f"events reach {self.name} again", trouble=False)
        self._failures, self._reason = 0, None

    def got(self, count: int = 1) -> None:
        """It has so many more."""
        self.delivered += count
        self.works()

    def failed(self, why: NotDelivered) -> float:
        """A try came to nothing; returns the seconds to wait before the next one."""
        cure = f" ({why.cure})" if why.cure else ""
        if why.is_final:
            self.refused += 1
            self._say_once(f"{self.name} refuses an event: {why.reason}{cure}", trouble=True)
            return 0.0
        self._say_once(f"events do not reach {self.name}: {why.reason}; trying again{cure}", trouble=True)
        self._reason = why.reason
        delay = BACKOFF.delay(self._failures, self._chance())
        self._failures += 1
        return delay if why.retry_after is None else max(delay, why.retry_after)

    def full(self) -> None:
        """Something was dropped, since too much waits."""
        self._say_once(f"too many events wait for {self.name}: the oldest are dropped", trouble=True)

    def ended(self, waiting: int) -> None:
        """The run is over; `waiting` were not delivered."""
        if waiting:
            why = f": {self._reason}" if self._reason else ""
            events = "event" if waiting == 1 else "events"
            self._say(f"{waiting} {events} did not reach {self.name}{why}", True)

    def figures(self, waiting: int, dropped: int) -> dict[str, Any]:
        """As the report has them."""
        return {
            "to": self.name,
            "delivered": self.delivered,
            "waiting": waiting,
            "dropped": dropped,
            "refused": self.refused,
            "trouble": self._reason,
        }
