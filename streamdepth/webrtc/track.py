"""The packets of one subscription as a track of aiortc."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from streamdepth.live.encoder import LivePacket, Subscription


class LiveTrack(MediaStreamTrack):
    """The packets of one subscription, as aiortc asks for them."""

    kind = "video"

    def __init__(self, subscription: Subscription, on_packet: Callable[[], None] = lambda: None) -> None:
        """`on_packet` is called when another packet is the `last`."""
        super().__init__()
        self._on_packet = on_packet
        self.last: LivePacket | None = None
        """What was handed out last."""
        self._subscription = subscription
        self._news = asyncio.Event()

    def wake(self) -> None:
        """There may be a packet."""
        self._news.set()

    def stop(self) -> None:
        """End it; a pending `recv` ends with it."""
        super().stop()
        self._news.set()

    async def recv(self) -> Any:
        """The next packet; `MediaStreamError` at the end."""
        while self.readyState == "live":
            packet = self._subscription.take()
            if packet is not None:
                self.last = packet
                self._on_packet()
                return packet.packet
            self._news.clear()
            await self._news.wait()
        raise MediaStreamError
