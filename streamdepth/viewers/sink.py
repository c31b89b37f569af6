"""The web service as a sink: it listens and answers in threads of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

import uvicorn

from streamdepth.errors import SinkError
from streamdepth.frames import Rendered
from streamdepth.http.connections import MOST_WAITING, Waiting
from streamdepth.http.listening import address, listen
from streamdepth.http.serving import uvicorn_config
from streamdepth.live.encoder import LiveEncoder
from streamdepth.protocols import Inputs
from streamdepth.sources.browser.source import BrowserSource
from streamdepth.threads.pool import Pool
from streamdepth.threads.worker import Flag, Worker
from streamdepth.viewers.http.app import make_app
from streamdepth.viewers.http.mjpeg import Jpegs
from streamdepth.viewers.ingest import Ingests
from streamdepth.viewers.peers.channel import Answers
from streamdepth.viewers.peers.registry import Places, Viewers
from streamdepth.viewers.peers.warm_up import warm_up
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.state import Controls, LiveState, RunFacts
from streamdepth.webrtc.connection import expect_closed_connections
from streamdepth.webrtc.receiver import receiving_works
from streamdepth.webrtc.reports import reports_work

START_PATIENCE = 20.0
STOP_PATIENCE = 3.0
POOL_THREADS = 2
KEYFRAMES_WITHOUT_HOOKS = 1.0
"""Seconds between keyframes where viewers cannot ask for one."""
POLL_START = 0.01
BACKLOG = 32
"""Connections taken in at once: between two such moments the viewers have their turn."""
TLS_PATIENCE = 5.0
"""Seconds for a client to agree on a cipher."""


class WebSink:
    """Shows rendered frames to viewers in browsers and other players; `address` is what to open.

    It listens as soon as it is made. `encoder` gives it pictures and packets; it is a sink of its own, which gets each
    frame before this one and is closed by its owner. `controls` is what viewers change (a `Renderer`), `inputs`
    what they choose from, `camera` the source of the run where viewers may send one, `facts` where their figures come
    from; `warn` gets a line where something works less well. Raises `SinkError` where it cannot listen; `write` raises
    it when the service has failed.
    """

    def __init__(
        self,
        settings: WebSettings,
        encoder: LiveEncoder,
        *,
        controls: Controls,
        facts: RunFacts,
        warn: Callable[[str], None],
        inputs: Inputs | None = None,
        camera: BrowserSource | None = None,
    ) -> None:
        settings.check_certificate()
        self._settings = settings
        self._warn = warn
        self._camera = camera
        self._listener = listen(settings.host, settings.port)
        self.address = address(self._listener, settings.scheme, settings.token)
        self._encoder = encoder
        self._state = LiveState(self._encoder, controls, facts, inputs=inputs)
        self._started = Flag()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._jpegs: Jpegs | None = None
        self._worker = Worker("web", lambda: asyncio.run(self._serve()), on_error=self._fail).start()
        if not self._started.wait(START_PATIENCE) or self._failure is not None:
            self.close(complete=False)
            raise SinkError(
                f"the web service did not start: {self._failure}", "try another --port"
            ) from self._failure

    def write(self, rendered: Rendered) -> None:
        """Hear that the encoder has a new frame; never waits for viewers."""
        if self._failure is not None:
            raise SinkError(f"the web service failed: {self._failure}", "start again") from self._failure
        if self._jpegs is not None and self._jpegs.is_wanted:
            self._on_loop(self._jpegs.wake)

    def close(self, *, complete: bool = True) -> None:
        """Hang up on all viewers and stop listening, within three seconds; raises `StageStuck` otherwise."""
        if self._stop is not None:
            self._on_loop(self._stop.set)
        try:
            self._worker.join(STOP_PATIENCE)
        finally:
            self._listener.close()

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        self._started.set()

    def _on_loop(self, call: Callable[[], None]) -> None:
        """The one bridge from other threads."""
        assert self._loop is not None
        try:
            self._loop.call_soon_threadsafe(call)
        except RuntimeError:
            return  # the loop has ended, and its viewers with it

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        pool = Pool("web-aside", POOL_THREADS)
        self._loop.set_default_executor(pool)
        expect_closed_connections(self._loop)
        reports = await reports_work()
        if not reports:
            self._encoder.keyframe_seconds = KEYFRAMES_WITHOUT_HOOKS
            self._warn(
                "this version of aiortc hides what viewers report: a keyframe is sent every second instead"
            )
        await warm_up(self._encoder, reports=reports)
        places = Places(self._settings.max_viewers)
        answers = Answers(self._state.figures, self._state.depth_at)
        ingests = await self._ingests()
        viewers = Viewers(
            self._encoder,
            self._settings,
            places,
            answers,
            reports=reports,
            why_nothing=ingests.why_nothing,
        )
        self._encoder.listen(lambda: self._on_loop(viewers.wake))
        self._jpegs = jpegs = Jpegs(self._encoder, pool)
        self._stop = asyncio.Event()
        app = make_app(self._settings, self._state, viewers, ingests, jpegs, places)
        server = self._server(app)
        if self._settings.certificate is not None:  # uvicorn leaves it at a minute, and has no option for it
            hurried = partial(self._loop.create_server, ssl_handshake_timeout=TLS_PATIENCE)
            self._loop.create_server = hurried  # type: ignore[method-assign]  # of this one loop
        serving = asyncio.create_task(server.serve(sockets=[self._listener]), name="http")
        starting = asyncio.create_task(self._tell_start(server), name="start")
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        jpegs.close()
        for task in (starting, stopping):
            task.cancel()
        await serving
        if not self._stop.is_set():
            raise RuntimeError("it ended by itself")

    def _server(self, app: object) -> uvicorn.Server:
        config = uvicorn_config(
            app,
            Waiting(),
            most_connections=MOST_WAITING + self._settings.max_viewers * 4 + 64,
            backlog=BACKLOG,
            graceful=1,
            certificate=self._settings.certificate,
            key=self._settings.key,
        )
        return uvicorn.Server(config)

    async def _ingests(self) -> Ingests:
        works = self._camera is None or await receiving_works()
        if not works:
            self._warn("this version of aiortc cannot receive cameras: install the newest one")
        return Ingests(self._camera, self._settings.ice_servers, works=works)

    async def _tell_start(self, server: uvicorn.Server) -> None:
        while not server.started:
            await asyncio.sleep(POLL_START)
        self._started.set()
