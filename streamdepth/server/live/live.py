"""The live part of the depth service, on its event loop: senders of cameras, viewers, and the state of each stream."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from streamdepth.inference.pool import Priority
from streamdepth.server.depth_service import DepthService
from streamdepth.server.figures import LiveNow
from streamdepth.server.live.runs import LiveRuns, Senders, absent
from streamdepth.server.pool_engine import PoolEngine
from streamdepth.server.settings import LiveSettings
from streamdepth.sources.browser.open import WORD
from streamdepth.sources.browser.source import USUAL_SIZE
from streamdepth.threads.pool import Pool
from streamdepth.viewers.bridge import Bridge
from streamdepth.viewers.cameras import OneCamera
from streamdepth.viewers.showing import Showing
from streamdepth.viewers.streams import Streams

logger = logging.getLogger(__name__)

ASIDE_THREADS = 2
"""For single pictures as JPEG."""
RESTING: Mapping[str, Any] = {
    "source": {"kind": WORD, "width": USUAL_SIZE[0], "height": USUAL_SIZE[1], "rate": None},
    "condition": "starting",
    "behind": "",
    "age_ms": None,
}
"""The state of a stream that nobody sends yet."""


class Live:
    """Cameras of clients, and their viewers."""

    def __init__(
        self, settings: LiveSettings, depth: DepthService, showing: Showing, bridge: Bridge, pool: Pool
    ) -> None:
        """`pool` is that of `showing`, and ends with it."""
        self.web = settings.web
        self.showing = showing
        self._pool = pool
        self._settings = settings
        self._depth = depth
        self._runs = LiveRuns(showing.streams, bridge, self._engine, lambda: self.most)
        self.senders = Senders(self._runs, showing.streams)

    @classmethod
    async def begin(cls, settings: LiveSettings, depth: DepthService, address: str) -> Live:
        """Starts without senders; `address` is that of the service."""
        streams, pool = Streams(OneCamera(), absent), Pool("live-aside", ASIDE_THREADS)
        showing = await Showing.begin(settings.web, streams, pool, logger.warning)
        return cls(settings, depth, showing, Bridge(asyncio.get_running_loop(), showing, address), pool)

    @property
    def most(self) -> int:
        """Cameras that may be sent at once; raises `Refused` while the network is loaded."""
        lanes = self._depth.pool.figures.lanes
        return max(1, lanes // 2) if self._settings.cameras is None else self._settings.cameras

    @property
    def figures(self) -> LiveNow | None:
        """As they are now; None while the network is loaded."""
        if not self._depth.is_ready:
            return None
        runs = self._runs
        return LiveNow(len(runs), self.most, runs.begun, self.showing.places.taken, runs.frames)

    def state(self, name: str) -> dict[str, Any]:
        """How a stream is, for its page, also before anybody sends it."""
        streams, places = self.showing.streams, self.showing.places
        state = streams.find(name).state.state() if name in streams else RESTING
        return {**state, "viewers": {"now": places.taken, "most": places.most}}

    @asynccontextmanager
    async def looked_after(self) -> AsyncIterator[None]:
        """While this is entered viewers are looked after; it is of no use any more then."""
        with self._pool:
            async with self.showing.looked_after():
                yield

    async def close(self) -> None:
        """End all runs, within a bound."""
        await self._runs.close()

    def _engine(self) -> PoolEngine:
        depth = self._depth
        return PoolEngine(depth.pool, depth.loaded.models[0], depth.loaded.lanes[0], Priority.LIVE)
