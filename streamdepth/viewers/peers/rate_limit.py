"""How often offers are answered: each takes the event loop several milliseconds, in which no viewer gets a picture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from streamdepth.http.refusal import Refused

OFFER_EVERY = 0.04
"""Seconds from one offer to the next: a fifth of a core at most, and room for pictures in between."""
LONGEST_TURN = 1.0
"""Seconds that an offer may wait for its turn: enough for all viewers of a server that was started again."""
RETRY_AFTER = "2"


class RateLimit:
    """Lets one after the other pass; lives on the event loop."""

    def __init__(self, every: float = OFFER_EVERY, longest: float = LONGEST_TURN) -> None:
        self._every = every
        self._longest = longest
        self._next = float("-inf")

    async def turn(self) -> None:
        """Wait for the turn; raises `Refused` with 429 where that would be too long."""
        now = asyncio.get_running_loop().time()
        turn = max(self._next, now)
        if turn - now > self._longest:
            raise Refused(429, "too many offers at once", Retry_After=RETRY_AFTER)
        self._next = turn + self._every
        if turn > now:
            await asyncio.sleep(turn - now)


async def looks(every: float) -> AsyncIterator[float]:
    """Yields each `every` seconds the seconds by which the loop was late: in these nothing could be received."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + every
        await asyncio.sleep(every)
        yield max(0.0, loop.time() - due)
