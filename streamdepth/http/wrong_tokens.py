"""Wrong tokens: each is answered late and logged."""

from __future__ import annotations

import asyncio
import logging

from streamdepth.http.refusal import Refused

logger = logging.getLogger(__name__)

DELAY = 0.5
"""Seconds after which a wrong token is answered."""
MOST_HELD_UP = 64
"""Wrong tokens that may wait for their answer at once."""
REPORT_EVERY = 60.0
"""Seconds between two lines about them: a client that guesses must not fill the disk."""
RETRY_SOON = "1"


class WrongTokens:
    """All wrong tokens of a service; lives on the event loop. Right ones never come here."""

    def __init__(self) -> None:
        self._held_up = 0
        self._unlogged = 0
        self._logged_at = float("-inf")

    async def answer_late(self, host: str) -> None:
        """Wait before a wrong token from `host` is answered; raises `Refused` with 429 where too many wait already."""
        self._log(host, asyncio.get_running_loop().time())
        if self._held_up >= MOST_HELD_UP:
            raise Refused(429, "too many wrong tokens at once", Retry_After=RETRY_SOON)
        self._held_up += 1
        try:
            await asyncio.sleep(DELAY)
        finally:
            self._held_up -= 1

    def _log(self, host: str, now: float) -> None:
        self._unlogged += 1
        if now - self._logged_at < REPORT_EVERY:
            return
        more = f", and {self._unlogged - 1} before it" if self._unlogged > 1 else ""
        logger.warning("a wrong token came from %s%s", host, more)
        self._logged_at, self._unlogged = now, 0
