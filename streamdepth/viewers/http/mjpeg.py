"""The stream as JPEG: one picture, or one after the other, for players and dashboards that know nothing better."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from weakref import ref

import cv2
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Send

from streamdepth.frames import Rendered
from streamdepth.http.refusal import Refused
from streamdepth.http.routes import Routes
from streamdepth.imaging.scaling import squared
from streamdepth.live.encoder import LiveEncoder
from streamdepth.pixels import Picture
from streamdepth.threads.pool import Pool
from streamdepth.viewers.http.endless import Endless, happens, send_whole
from streamdepth.viewers.news import News
from streamdepth.viewers.peers.registry import RETRY_SOON, Places

QUALITY = 80
BOUNDARY = "streamdepth"
MOTION_JPEG = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
LONGEST_WAIT = 2.0
"""Seconds without a new picture after which the last is sent again: players give up on silence."""
MOST_PIXELS = 8192 * 8192
"""Of a picture: all of them, but for what is stretched beyond reason."""
SMALL = 640 * 360
"""Pixels of a small one, for a page of many cameras: one of 8K takes a phone longer than it is shown."""
SIZES = {"full": MOST_PIXELS, "small": SMALL}


class Jpegs:
    """The newest picture as JPEG, made once for all clients, in a thread of `pool`."""

    def __init__(self, encoder: LiveEncoder, pool: Pool) -> None:
        self._encoder = encoder
        self._pool = pool
        self._made: dict[int, tuple[Callable[[], Rendered | None], asyncio.Future[bytes]]] = {}
        """By the most pixels; their pictures are not kept where nobody asks for the next one."""
        self.news = News()

    async def newest(self, most_pixels: int = MOST_PIXELS) -> bytes:
        """The picture of now; raises `Refused` with 503 before the first."""
        rendered = self._encoder.newest
        if rendered is None:
            raise Refused(503, "there is no picture yet", Retry_After=RETRY_SOON)
        made = self._made.get(most_pixels)
        if made is None or made[0]() is not rendered:
            loop = asyncio.get_running_loop()
            made = ref(rendered), loop.run_in_executor(self._pool, _jpeg, rendered, most_pixels)
            self._made[most_pixels] = made
        return await asyncio.shield(made[1])

    async def send_all(self, follower: asyncio.Event, send: Send) -> None:
        """The newest again and again; a client that is slow gets fewer, not older ones."""
        sent, is_news = b"", True
        while not self.news.is_closed:
            follower.clear()
            picture = await self.newest()
            if picture is not sent or not is_news:  # the word of a picture may come after the picture
                await send_whole(send, _part(picture))
                sent = picture
            is_news = await happens(follower, LONGEST_WAIT)


def picture_routes(find: Callable[[str | None], Jpegs], places: Places) -> Routes:
    """`/snapshot.jpg` and `/stream.mjpg`, and those of each stream by its name; `find` raises `Refused`."""
    routes = Routes()

    @routes.add("GET", "/snapshot.jpg", "/snapshot/{name}.jpg")
    async def snapshot(request: Request) -> Response:
        jpegs, size = find(request.path_params.get("name")), request.query_params.get("size", "full")
        if size not in SIZES:
            raise Refused(400, f"there is no size {size[:40]!r}; there are {' and '.join(SIZES)}")
        return Response(await jpegs.newest(SIZES[size]), media_type="image/jpeg")

    @routes.add("GET", "/stream.mjpg", "/stream/{name}.mjpeg")
    async def stream(request: Request) -> Response:
        jpegs = find(request.path_params.get("name"))
        await jpegs.newest()  # refused here, while it can still be
        if request.method == "HEAD":
            return Response(media_type=MOTION_JPEG)
        places.take()
        return Endless(jpegs.news, places, jpegs.send_all, MOTION_JPEG)

    return routes


def _part(picture: bytes) -> bytes:
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
    return head.encode() + picture + b"\r\n"


def _jpeg(rendered: Rendered, most_pixels: int = MOST_PIXELS) -> bytes:
    picture = squared(rendered.picture, most_pixels, rendered.estimate.frame.pixel_aspect)
    colours = Picture.of(picture.native).bgr  # not kept: `picture` stays until the next one
    _, data = cv2.imencode(".jpg", colours, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    return data.tobytes()
