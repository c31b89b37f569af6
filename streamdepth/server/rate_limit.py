"""How many pictures and films a second one token may send, whatever others do."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from streamdepth.http.auth import SENDER
from streamdepth.http.refusal import Refused
from streamdepth.server.problems import problem_answer, whole_seconds

BURST_SECONDS = 5.0
"""What was not sent in so long may be sent at once."""
MOST_KNOWN = 10_000
"""Senders that are remembered; beyond that, the one that has been idle longest is forgotten."""
SENDING = ("POST", "PUT")
MORE = "streamdepth.more"
"""Key of a scope for what counts further pictures of a request."""
WORK = ("/v1/", "/v2/")
"""Where what is sent is work; what the pages of live streams say of themselves is none."""


class Rates:
    """For each sender the time up to which its share is used (the generic cell rate algorithm, ITU-T I.371)."""

    def __init__(self, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = 1 / per_second
        self._burst = max(BURST_SECONDS, self._each)
        self._clock = clock
        self._used: OrderedDict[str, float] = OrderedDict()

    def take(self, sender: str) -> float:
        """Count one request of `sender`; seconds that it comes too early, 0 where it may pass."""
        now = self._clock()
        used = max(self._used.pop(sender, now), now) + self._each
        early = used - now - self._burst
        self._used[sender] = used if early <= 0 else used - self._each
        if len(self._used) > MOST_KNOWN:
            self._used.popitem(last=False)
        return max(0.0, early)

    def add(self, sender: str, count: int) -> None:
        """Count so many beyond the one that passed: what is known only of a whole upload delays those after it."""
        now = self._clock()
        self._used[sender] = max(self._used.pop(sender, now), now) + count * self._each


def count_pictures(scope: Mapping[str, Any], count: int) -> None:
    """Count all pictures of a request, of which one was counted before they came; nothing where no rate is set."""
    if count > 1 and MORE in scope:
        scope[MORE](count - 1)


class RateLimit:
    """ASGI middleware around the routes, after authentication."""

    def __init__(self, app: Any, per_second: float) -> None:
        self._app = app
        self._rates = Rates(per_second)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Answer 429 to clients that send too often, and pass on the others."""
        if scope["type"] == "http" and scope["method"] in SENDING and scope["path"].startswith(WORK):
            early = self._rates.take(scope[SENDER])
            if early:
                again = whole_seconds(early)
                refused = Refused(
                    429, "this token sends too often (ask again a little later)", Retry_After=again
                )
                await problem_answer(refused)(scope, receive, send)
                return
            scope[MORE] = partial(self._rates.add, scope[SENDER])
        await self._app(scope, receive, send)
