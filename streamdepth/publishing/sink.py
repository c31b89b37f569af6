"""Publishing live depth to media servers: how each server is doing, and all of them as one sink."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from streamdepth.backoff import Backoff
from streamdepth.connecting import why_no_connection
from streamdepth.errors import SinkError
from streamdepth.frames import Rendered
from streamdepth.said_once import SaidOnce, Say

__all__ = ["NotPublished", "Publisher", "Publishing", "Standing", "cannot_connect"]

BACKOFF = Backoff((0.5, 1.0), 2.0, shorter=0.25, longer=0.0)
"""A server that returns has the picture back within five seconds."""
GOOD_AFTER = 5.0
"""Seconds of a connection after which the next loss is tried again quickly."""
CLOSE_PATIENCE = 1.0
"""Seconds for closing the connections to all servers together."""
ABORT_PATIENCE = 0.3
"""Seconds that those have further whose connection was cut off."""


class NotPublished(Exception):
    """A try to publish, or a connection, came to its end; the message has no address in it and no secret."""

    def __init__(self, reason: str, cure: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.cure = cure


_NO_ANSWER = NotPublished("it did not answer before the end", "check that it takes streams there")
_OVER_TOO_SOON = NotPublished("the run ended before it had the first picture", "give it a longer input")


def cannot_connect(error: OSError) -> NotPublished:
    """Why a server cannot be reached, and what to do."""
    return NotPublished(*why_no_connection(error))


class Standing:
    """How publishing to one server goes: written by its publisher alone, read by any thread.

    `name` is the address without secrets. Times are in seconds of `clock`; `chance` draws from 0..1.
    """

    def __init__(
        self,
        name: str,
        say: Say,
        *,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._name = name
        self._clock = clock
        self._chance = chance
        self._since: float | None = None
        self._is_over = False
        self._seconds = 0.0
        self._connections = 0
        self._failures = 0
        self._packets = 0
        self._dropped = self._dropped_now = self._left_out_before = 0
        self._why: NotPublished | None = None
        self._say_once = SaidOnce(say, clock)

    def connected(self, *, left_out: int = 0) -> None:
        """The server takes packets; `left_out` were while it did not yet, and do not count."""
        self._left_out_before = left_out
        self._say_once(f"publishing to {self._name}" + (" again" if self._connections else ""), trouble=False)
        self._since = self._clock()
        self._connections += 1
        self._why = None

    def lost(self, why: NotPublished) -> float:
        """It does not, or no longer; returns the seconds to wait before the next try."""
        if self._since is None:
            what = f"cannot publish to {self._name}: {why.reason}"
        else:
            what = f"publishing to {self._name} broke off: {why.reason}"
        self._say_once(f"{what}; trying again" + (f" ({why.cure})" if why.cure else ""), trouble=True)
        self._why = why
        lasted = self._end()
        failures, self._failures = (0, 1) if lasted >= GOOD_AFTER else (self._failures, self._failures + 1)
        return BACKOFF.delay(failures, self._chance())

    def renewing(self) -> None:
        """The connection ends for the next one to begin at once."""
        self._end()

    def ended(self) -> None:
        """The run is over."""
        self._end()
        self._is_over = True

    def sent(self) -> None:
        """One packet more went out."""
        self._packets += 1

    def left_out(self, so_far: int) -> None:
        """So many packets did not, since they were first wanted for this connection."""
        if self._since is not None:
            self._dropped_now = so_far - self._left_out_before

    @property
    def nothing_sent(self) -> tuple[str, str] | None:
        """Where the server got nothing at all, its address with why, and what to do."""
        if self._packets:
            return None
        why = self._why or (_OVER_TOO_SOON if self._connections else _NO_ANSWER)
        return f"{self._name}: {why.reason}", why.cure

    def figures(self) -> dict[str, Any]:
        """As the report has them."""
        since = self._since
        return {
            "url": self._name,
            "state": "ended" if self._is_over else "trying" if since is None else "connected",
            "reason": None if self._why is None else self._why.reason,
            "connected_seconds": round(self._seconds + (0.0 if since is None else self._clock() - since), 1),
            "reconnects": max(0, self._connections - 1),
            "packets": self._packets,
            "dropped": self._dropped + self._dropped_now,
        }

    def _end(self) -> float:
        """Seconds that the connection lasted."""
        self._dropped, self._dropped_now = self._dropped + self._dropped_now, 0
        since, self._since = self._since, None
        lasted = 0.0 if since is None else self._clock() - since
        self._seconds += lasted
        return lasted


class Publisher(Protocol):
    """Publishes to one server in a thread of its own, from its making to its end."""

    standing: Standing

    @property
    def failure(self) -> BaseException | None:
        """What ended its thread although it was not asked to; that is a fault of this program, never of a server."""

    def stop(self) -> None:
        """Ask it to say goodbye; from any thread, at once."""

    def is_running(self, patience: float) -> bool:
        """Whether its thread still runs after that many seconds, or its end if that is sooner."""

    def abort(self) -> None:
        """Cut off what it waits for; from any thread, at once."""


class Publishing:
    """All publishers of a run as a sink: they take their packets from the encoder, so a frame is nothing to them.

    A server that is away or hangs never ends the run and never slows it down; whether it got anything is asked for
    when the run is over.
    """

    def __init__(
        self, publishers: Sequence[Publisher], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._publishers = tuple(publishers)
        self._clock = clock

    def write(self, rendered: Rendered) -> None:
        """See that each still works; raises `SinkError` where one has failed by a fault of its own."""
        for publisher in self._publishers:
            if publisher.failure is not None:
                raise SinkError(
                    f"publishing failed: {type(publisher.failure).__name__}",
                    "run again with --verbose and report what it prints",
                ) from publisher.failure

    def close(self, *, complete: bool = True) -> None:
        """Say goodbye to all servers, in `CLOSE_PATIENCE` and `ABORT_PATIENCE` seconds together.

        A thread that hangs even so is left behind: what it waits for is bounded, and it writes nothing any more.
        """
        for publisher in self._publishers:
            publisher.stop()
        for publisher in self._running(self._publishers, CLOSE_PATIENCE):
            publisher.abort()
        self._running(self._publishers, ABORT_PATIENCE)

    def check_sent(self) -> None:
        """Raise `SinkError`, with all of them, where servers got nothing in the whole run."""
        standings = [publisher.standing for publisher in self._publishers]
        without = [why for standing in standings if (why := standing.nothing_sent) is not None]
        if without:
            names = ", nor to ".join(words for words, _cure in without)
            cures = dict.fromkeys(cure for _words, cure in without if cure)
            raise SinkError(f"nothing was published to {names}", "; ".join(cures))

    def _running(self, publishers: Sequence[Publisher], patience: float) -> list[Publisher]:
        """Those that still run after so many seconds."""
        give_up_at = self._clock() + patience
        return [one for one in publishers if one.is_running(max(0.0, give_up_at - self._clock()))]

    def figures(self) -> list[dict[str, Any]]:
        """Of each, in the order in which they were named; from any thread."""
        return [publisher.standing.figures() for publisher in self._publishers]
