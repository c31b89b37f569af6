"""All that shows streams to viewers, on an event loop: whoever runs the loop and answers HTTP there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from streamdepth.threads.pool import Pool
from streamdepth.viewers.peers.registry import Places, Viewers
from streamdepth.viewers.peers.warm_up import warm_up
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.stream import Common, Shown, Stream
from streamdepth.viewers.streams import Streams
from streamdepth.webrtc.connection import expect_closed_connections
from streamdepth.webrtc.receiver import receiving_works
from streamdepth.webrtc.reports import reports_work

KEYFRAMES_WITHOUT_HOOKS = 1.0
"""Seconds between keyframes where viewers cannot ask for one."""


class Showing:
    """Streams with their viewers; `warn` gets a line where something works less well."""

    def __init__(
        self,
        settings: WebSettings,
        streams: Streams,
        pool: Pool,
        warn: Callable[[str], None],
        *,
        reports: bool,
    ) -> None:
        """`pool` has threads for what the loop must not wait for; `reports` is as for a `Viewer`."""
        expect_closed_connections(asyncio.get_running_loop())
        self.streams = streams
        self.places = Places(settings.max_viewers)
        self.viewers = Viewers(settings, self.places, reports=reports)
        self._warn = warn
        self._reports = reports
        self._common = Common(self.viewers, pool, settings.ice_servers)
        self._is_warm = False

    @classmethod
    async def begin(
        cls, settings: WebSettings, streams: Streams, pool: Pool, warn: Callable[[str], None]
    ) -> Showing:
        """One of `streams`, which are none yet."""
        reports = await reports_work()
        if not reports:
            warn("this version of aiortc hides what viewers report: a keyframe is sent every second instead")
        return cls(settings, streams, pool, warn, reports=reports)

    async def add(self, name: str, shown: Shown) -> Stream:
        """One more stream; its name must be free."""
        if not self._reports:
            shown.encoder.keyframe_seconds = KEYFRAMES_WITHOUT_HOOKS
        if not self._is_warm:
            self._is_warm = True
            await warm_up(shown.encoder, reports=self._reports)
        works = shown.camera is None or await receiving_works()
        if not works:
            self._warn("this version of aiortc cannot receive cameras: install the newest one")
        stream = Stream(name, shown, self._common, receives=works)
        self.streams.add(stream)
        return stream

    @asynccontextmanager
    async def looked_after(self) -> AsyncIterator[None]:
        """While this is entered viewers are looked after; at its end all are removed, and all streams end."""
        async with self.viewers.looked_after():
            try:
                yield
            finally:
                await self.streams.end()
