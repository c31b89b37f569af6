"""The stream as JPEG: one picture, or one after the other, for players and dashboards that know nothing better."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import cv2
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from streamdepth.frames import Rendered
from streamdepth.http.refusal import Refused
from streamdepth.imaging.scaling import squared
from streamdepth.live.encoder import LiveEncoder
from streamdepth.threads.pool import Pool
from streamdepth.viewers.peers.registry import RETRY_SOON, Places

QUALITY = 80
BOUNDARY = "streamdepth"
MOTION_JPEG = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
LONGEST_WAIT = 2.0
"""Seconds without a new picture after which the last is sent again: players give up on silence."""
MOST_PIXELS = 8192 * 8192
"""Of a picture: all of them, but for what is stretched beyond reason."""
PIECE = 16 * 1024
PIECE_PATIENCE = 4.0
"""Seconds that a client may take for so many octets: a slower one reads nothing, and holds a place."""


class Jpegs:
    """The newest picture as JPEG, made once for all clients, in a thread of `pool`."""

    def __init__(self, encoder: LiveEncoder, pool: Pool) -> None:
        self._encoder = encoder
        self._pool = pool
        self._of: Rendered | None = None
        self._task: asyncio.Future[bytes] | None = None
        self._news: set[asyncio.Event] = set()
        self.is_closed = False

    async def newest(self) -> bytes:
        """The picture of now; raises `Refused` with 503 before the first."""
        rendered = self._encoder.newest
        if rendered is None:
            raise Refused(503, "there is no picture yet", Retry_After=RETRY_SOON)
        if self._task is None or self._of is not rendered:
            self._of = rendered
            loop = asyncio.get_running_loop()
            self._task = loop.run_in_executor(self._pool, _jpeg, rendered)
        return await asyncio.shield(self._task)

    @property
    def is_wanted(self) -> bool:
        """Whether anybody waits for the next picture."""
        return bool(self._news)

    def wake(self) -> None:
        """There is a new picture."""
        for news in self._news:
            news.set()

    def close(self) -> None:
        """End all streams."""
        self.is_closed = True
        self.wake()

    def follow(self) -> asyncio.Event:
        """An event that is set with each new picture; hand it to `unfollow` in the end."""
        news = asyncio.Event()
        self._news.add(news)
        return news

    def unfollow(self, news: asyncio.Event) -> None:
        """No more of it."""
        self._news.discard(news)


class MotionJpeg(Response):
    """The newest picture again and again; a client that is slow gets fewer, not older ones."""

    def __init__(self, jpegs: Jpegs, places: Places) -> None:
        super().__init__(media_type=MOTION_JPEG)
        self._jpegs = jpegs
        self._places = places
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the client leaves, does not take a picture in time, or the stream ends."""
        news = self._jpegs.follow()
        leaving = asyncio.create_task(_departure(receive))
        sending = asyncio.create_task(self._send_all(news, send))
        try:
            await asyncio.wait({leaving, sending}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._jpegs.unfollow(news)
            self._places.free()
            for task in (leaving, sending):
                task.cancel()
            await asyncio.gather(leaving, sending, return_exceptions=True)

    async def _send_all(self, news: asyncio.Event, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        sent, is_news = b"", True
        while not self._jpegs.is_closed:
            news.clear()
            picture = await self._jpegs.newest()
            if picture is not sent or not is_news:  # the word of a picture may come after the picture
                await _send_whole(send, _part(picture))
                sent = picture
            is_news = await _happens(news, LONGEST_WAIT)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def picture_routes(find: Callable[[str | None], Jpegs], places: Places) -> APIRouter:
    """`/snapshot.jpg` and `/stream.mjpg`, and those of each stream by its name; `find` raises `Refused`."""
    router = APIRouter()

    @router.get("/snapshot.jpg")
    @router.get("/snapshot/{name}.jpg")
    async def snapshot(request: Request) -> Response:
        jpegs = find(request.path_params.get("name"))
        return Response(await jpegs.newest(), media_type="image/jpeg")

    @router.get("/stream.mjpg")
    @router.get("/stream/{name}.mjpeg")
    async def stream(request: Request) -> Response:
        jpegs = find(request.path_params.get("name"))
        await jpegs.newest()  # refused here, while it can still be
        if request.method == "HEAD":
            return Response(media_type=MOTION_JPEG)
        places.take()
        return MotionJpeg(jpegs, places)

    return router


def _part(picture: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"


async def _send_whole(send: Send, octets: bytes) -> None:
    """Send, and wait until all is on its way, so that what follows is the newest; raises TimeoutError."""
    for start in range(
        0, len(octets) + PIECE, PIECE
    ):  # the last one is empty: sending it waits for those before
        async with asyncio.timeout(PIECE_PATIENCE):
            piece = octets[start : start + PIECE]
            await send({"type": "http.response.body", "body": piece, "more_body": True})


def _jpeg(rendered: Rendered) -> bytes:
    picture = squared(rendered.picture, MOST_PIXELS, rendered.estimate.frame.pixel_aspect)
    _, octets = cv2.imencode(".jpg", picture.bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return octets.tobytes()


async def _departure(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _happens(event: asyncio.Event, patience: float) -> bool:
    try:
        async with asyncio.timeout(patience):
            return await event.wait()
    except TimeoutError:
        return False
