"""An answer that goes on as long as its stream and its client do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from streamdepth.http.exchange import HungUp
from streamdepth.viewers.news import News
from streamdepth.viewers.peers.registry import Places

logger = logging.getLogger(__name__)

Body = Callable[[asyncio.Event, Send], Coroutine[Any, Any, None]]
PIECE = 16 * 1024
PIECE_PATIENCE = 4.0
"""Seconds that a client may take for so many bytes: a slower one reads nothing, and holds a place."""


class Endless(Response):
    """Has one of `places`, which was taken before, until it ends.

    `body` sends until its stream is closed; it is given an event that is set with each new picture.
    """

    def __init__(
        self,
        news: News,
        places: Places,
        body: Body,
        media_type: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(media_type=media_type, headers=dict(headers or {}))
        self._news = news
        self._places = places
        self._body = body
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client leaves, or the stream ends; raises `HungUp` where it does not take a piece in time."""
        follower = self._news.follow()
        leaving = asyncio.create_task(_departure(receive))
        sending = asyncio.create_task(self._send(follower, send))
        try:
            await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._news.unfollow(follower)
            self._places.free()
            for task in (leaving, sending):
                task.cancel()
            _, sent = await asyncio.gather(leaving, sending, return_exceptions=True)
        if isinstance(sent, Exception):
            if not isinstance(sent, TimeoutError):
                logger.error("%s could not be sent", scope.get("path"), exc_info=sent)
            raise HungUp from sent

    async def _send(self, follower: asyncio.Event, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await self._body(follower, send)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def send_whole(send: Send, data: bytes) -> None:
    """Send, and wait until all is on its way, so that what follows is the newest; raises TimeoutError."""
    for start in range(
        0, len(data) + PIECE, PIECE
    ):  # the last one is empty: sending it waits for those before
        async with asyncio.timeout(PIECE_PATIENCE):
            piece = data[start : start + PIECE]
            await send({"type": "http.response.body", "body": piece, "more_body": True})


async def happens(event: asyncio.Event, patience: float) -> bool:
    """Whether it happens within so many seconds."""
    try:
        async with asyncio.timeout(patience):
            return await event.wait()
    except TimeoutError:
        return False


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
