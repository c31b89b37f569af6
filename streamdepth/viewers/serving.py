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
from streamdepth.viewers.http.app import make_app
from streamdepth.viewers.peers.registry import Places, Viewers
from streamdepth.viewers.peers.warm_up import warm_up
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.stream import Common, Shown, Stream
from streamdepth.viewers.streams import Streams
from streamdepth.webrtc.connection import expect_closed_connections
from streamdepth.webrtc.receiver import receiving_works
from streamdepth.webrtc.reports import reports_work

POOL_THREADS = 2
KEYFRAMES_WITHOUT_HOOKS = 1.0
"""Seconds between keyframes where viewers cannot ask for one."""
POLL_START = 0.01
BACKLOG = 32
"""Connections taken in at once: between two such moments the viewers have their turn."""
TLS_PATIENCE = 5.0
"""Seconds for a client to agree on a cipher."""


class Serving:
    """Everything of a service that lives on the event loop; `warn` gets a line where something works less well."""

    def __init__(
        self, settings: WebSettings, warn: Callable[[str], None], cameras: Cameras, *, reports: bool
    ) -> None:
        """`reports` is whether the installed aiortc passes on what viewers report."""
        loop = asyncio.get_running_loop()
        loop.set_default_executor(pool := Pool("web-aside", POOL_THREADS))
        expect_closed_connections(loop)
        self._settings = settings
        self._warn = warn
        self._cameras = cameras
        self._reports = reports
        self._places = Places(settings.max_viewers)
        self._viewers = Viewers(settings, self._places, reports=reports)
        self._common = Common(self._viewers, pool, settings.ice_servers)
        self._streams = Streams(cameras)
        self._is_warm = False
        self._start, self._stop = asyncio.Event(), asyncio.Event()

    @classmethod
    async def begin(cls, settings: WebSettings, warn: Callable[[str], None], cameras: Cameras) -> Serving:
        """One without a stream, that does not listen yet."""
        reports = await reports_work()
        if not reports:
            warn("this version of aiortc hides what viewers report: a keyframe is sent every second instead")
        return cls(settings, warn, cameras, reports=reports)

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
        self._streams.add(stream)
        return stream

    async def remove(self, name: str) -> None:
        """End a stream, if it is there."""
        await self._streams.remove(name)

    async def run(self, listener: socket.socket, on_start: Callable[[], None]) -> None:
        """From `start` to `stop`, answer at `listener`; raises `RuntimeError` where that ends before."""
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        async with self._viewers.looked_after():
            await self._start.wait()
            server = self._server()
            serving = asyncio.create_task(server.serve(sockets=[listener]), name="http")
            starting = asyncio.create_task(_tell_start(server, on_start), name="start")
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            server.should_exit = True
            self._streams.end_pictures()
            for task in (starting, stopping):
                task.cancel()
            await serving
            await self._streams.end()
        if not self._stop.is_set():
            raise RuntimeError("it ended by itself")

    def start(self) -> None:
        """Have `run` answer from now on."""
        self._start.set()

    def stop(self) -> None:
        """Have `run` come to its end."""
        self._stop.set()
        self._start.set()

    def _server(self) -> uvicorn.Server:
        settings, loop = self._settings, asyncio.get_running_loop()
        if settings.certificate is not None:  # uvicorn leaves it at a minute, and has no option for it
            hurried = partial(loop.create_server, ssl_handshake_timeout=TLS_PATIENCE)
            loop.create_server = hurried  # type: ignore[method-assign]  # of this one loop
        config = uvicorn_config(
            make_app(settings, self._streams, self._viewers, self._places, self._cameras),
            Waiting(),
            most_connections=MOST_WAITING + settings.max_viewers * 4 + 64,
            backlog=BACKLOG,
            graceful=1,
            certificate=settings.certificate,
            key=settings.key,
        )
        return uvicorn.Server(config)


async def _tell_start(server: uvicorn.Server, on_start: Callable[[], None]) -> None:
    while not server.started:
        await asyncio.sleep(POLL_START)
    on_start()
