"""The web service on its event loop: what all streams share, and the server in front of them."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from functools import partial

import uvicorn

from streamdepth.http.connections import MOST_WAITING, Waiting
from streamdepth.http.serving import uvicorn_config
from streamdepth.threads.pool import Pool
from streamdepth.viewers.cameras import Cameras
from streamdepth.viewers.certificate import follow_certificate
from streamdepth.viewers.http.app import make_app
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.showing import Showing
from streamdepth.viewers.streams import Streams

POOL_THREADS = 2
POLL_START = 0.01
BACKLOG = 32
"""Connections taken in at once: between two such moments the viewers have their turn."""
TLS_PATIENCE = 5.0
"""Seconds for a client to agree on a cipher."""


class Serving:
    """Everything of a service that lives on the event loop."""

    def __init__(
        self, settings: WebSettings, warn: Callable[[str], None], cameras: Cameras, showing: Showing
    ) -> None:
        self.showing = showing
        self._settings = settings
        self._warn = warn
        self._cameras = cameras
        self._start, self._stop = asyncio.Event(), asyncio.Event()

    @classmethod
    async def begin(cls, settings: WebSettings, warn: Callable[[str], None], cameras: Cameras) -> Serving:
        """One without a stream, that does not listen yet."""
        asyncio.get_running_loop().set_default_executor(pool := Pool("web-aside", POOL_THREADS))
        return cls(settings, warn, cameras, await Showing.begin(settings, Streams(cameras), pool, warn))

    async def run(self, listener: socket.socket, on_start: Callable[[], None]) -> None:
        """From `start` to `stop`, answer at `listener`; raises `RuntimeError` where that ends before."""
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        async with self.showing.looked_after():
            await self._start.wait()
            server = self._server()
            serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
            starting = asyncio.create_task(self._started(server, on_start), name="start")
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True
            self.showing.streams.end_pictures()
            for task in (starting, stopping):
                task.cancel()
            await serving
        if not self._stop.is_set():
            raise RuntimeError("it ended by itself")

    def start(self) -> None:
        """Have `run` answer from now on."""
        self._start.set()

    def stop(self) -> None:
        """Have `run` come to its end."""
        self._stop.set()
        self._start.set()

    async def _started(self, server: uvicorn.Server, on_start: Callable[[], None]) -> None:
        while not server.started:
            await asyncio.sleep(POLL_START)
        on_start()
        if server.config.ssl is not None:
            await follow_certificate(self._settings, server.config.ssl, self._warn)

    def _server(self) -> uvicorn.Server:
        settings, loop = self._settings, asyncio.get_running_loop()
        if settings.certificate is not None:  # uvicorn leaves it at a minute, and has no option for it
            hurried = partial(loop.create_server, ssl_handshake_timeout=TLS_PATIENCE)
            loop.create_server = hurried  # type: ignore[method-assign]  # of this one loop
        config = uvicorn_config(
            make_app(settings, self.showing, self._cameras),
            Waiting(),
            most_connections=MOST_WAITING + settings.max_viewers * 4 + 64,
            backlog=BACKLOG,
            graceful=1,
            certificate=settings.certificate,
            key=settings.key,
        )
        return uvicorn.Server(config)
