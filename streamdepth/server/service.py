"""`streamdepth serve` as a whole: it listens, loads its networks in the background, answers, and ends gracefully."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress

import uvicorn

from streamdepth.errors import SinkError
from streamdepth.http.connections import Patience, Waiting
from streamdepth.http.listening import address, listen, take_connections
from streamdepth.http.serving import uvicorn_config
from streamdepth.http.token_file import TokenFile
from streamdepth.inference.pool import Priority
from streamdepth.server.app import make_app
from streamdepth.server.cache import Cache, MemoryCache, NoCache
from streamdepth.server.depth_service import DepthService
from streamdepth.server.figures import Figures
from streamdepth.server.jobs.archive import ZipLimits
from streamdepth.server.jobs.clearing import Clearing
from streamdepth.server.jobs.desk import Desk
from streamdepth.server.jobs.jobs import Jobs
from streamdepth.server.jobs.notices import Notices
from streamdepth.server.jobs.opening import open_jobs
from streamdepth.server.jobs.watch import Watch
from streamdepth.server.jobs.work import Work
from streamdepth.server.live.live import Live
from streamdepth.server.live.runs import STOP_PATIENCE as LIVE_PATIENCE
from streamdepth.server.models import Loaded
from streamdepth.server.otlp import recorder_to
from streamdepth.server.pool_engine import PoolEngine
from streamdepth.server.redis_cache import RedisCache
from streamdepth.server.settings import CacheSettings, ServeSettings
from streamdepth.server.traces import NoTraces, Traces
from streamdepth.threads.pool import Pool
from streamdepth.threads.worker import Flag, Worker, wait_for

logger = logging.getLogger(__name__)

PATIENCE = Patience(request=300.0, pause=10.0, next=10.0, taking=30.0, slowest=50_000)
"""So a film of 4 GB may come as slowly as a phone sends it, and a connection is not held for nothing."""
MOST_CONNECTIONS = 4096
MOST_WAITING = 1024
BACKLOG = 1024
KEEP_ALIVE = 10
ASIDE_THREADS = 2
"""For what is hashed aside."""
JOB_PATIENCE = 20.0
"""Seconds for a film to be closed so that it can go on later."""


class Service:
    """Listens as soon as it is made, or when it is ready; `address` is what to open.

    `load` gives the networks, in a thread of its own. Raises `SinkError` where it cannot listen.
    """

    def __init__(self, settings: ServeSettings, load: Callable[[], Loaded]) -> None:
        self._settings = settings
        self._load = load
        self._listener = listen(settings.host, settings.port)
        if not settings.listens_when_ready:
            take_connections(self._listener, BACKLOG)  # those made before the loop runs wait in the backlog
        self.address = address(self._listener)
        self._watch = Watch()
        self._traces: Traces = recorder_to(settings.traces) if settings.traces else NoTraces()
        self._jobs = self._open_jobs()
        self._work: Work | None = None
        self._clearing = Clearing(self._jobs) if self._jobs is not None else None
        self._notices = self._open_notices()
        self._on_ready: Callable[[Loaded], None] = lambda _loaded: None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._may_answer = asyncio.Event()
        if not settings.listens_when_ready:
            self._may_answer.set()
        self._failure: BaseException | None = None
        self._ending = Flag()

    def _open_jobs(self) -> Jobs | None:
        settings = self._settings
        if settings.jobs is None:
            return None
        try:
            return open_jobs(settings.jobs, settings.jobs_store, settings.job_limits.kept_seconds)
        except BaseException:
            self._listener.close()
            raise

    def _open_notices(self) -> Notices | None:
        if self._jobs is None or not self._settings.webhooks:
            return None
        return Notices(self._jobs.store, self._settings.webhooks)

    @property
    def _zips(self) -> ZipLimits:
        return ZipLimits(picture_bytes=self._settings.limits.picture_bytes)

    def run(self, on_ready: Callable[[Loaded], None] = lambda _loaded: None) -> None:
        """Serve until `stop`; `on_ready` is called in another thread once pictures are answered.

        Raises what loading or serving raised, and `StageStuck` where it does not end in twice the time of an answer.
        """
        self._on_ready = on_ready
        worker = Worker("http", lambda: asyncio.run(self._serve()), on_error=self._fail).start()
        try:
            wait_for(self._ending)
            self._on_loop(self._stop.set if self._stop is not None else None)
            worker.join(2 * self._settings.limits.answer_seconds + LIVE_PATIENCE + JOB_PATIENCE + 1)
        finally:
            self._listener.close()
        if self._failure is not None:
            raise self._failure

    def stop(self) -> bool:
        """Ask it to end: what runs is answered, nothing new is taken. From any thread, also from a signal."""
        self._ending.set()
        return True

    def _fail(self, error: BaseException) -> None:
        self._failure = self._failure or error
        self._ending.set()

    def _on_loop(self, call: Callable[[], object] | None) -> None:
        """The one bridge from other threads."""
        if self._loop is None or call is None:
            return
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(call)

    def _load_into(self, depth: DepthService) -> None:
        loaded = self._load()
        if self._settings.listens_when_ready:
            take_connections(self._listener, BACKLOG)
        self._on_loop(lambda: self._begin(depth, loaded))
        self._on_ready(loaded)

    def _begin(self, depth: DepthService, loaded: Loaded) -> None:
        depth.begin(loaded)
        self._may_answer.set()
        if self._jobs is not None and not self._jobs.store.is_shared:  # else workers do them
            engine = PoolEngine(depth.pool, loaded.models[0], loaded.lanes[0], Priority.JOB)
            self._work = Work(self._jobs, engine, self._settings.limits)
            self._work.start(_log)

    def _look(self, is_move: bool) -> None:
        """A job changed; in any thread."""
        self._on_loop(self._watch.wake)
        for one in (self._work, self._notices):
            if one is not None:
                one.look(is_move)

    def _close_jobs(self) -> None:
        assert self._jobs is not None
        try:
            if self._work is not None:
                self._work.close(JOB_PATIENCE)
        finally:
            for one in (self._notices, self._clearing):
                if one is not None:
                    one.close()
            self._jobs.store.close()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(Pool("serve-aside", ASIDE_THREADS))
        self._stop = asyncio.Event()
        if self._ending.is_set():  # before there was a loop to tell
            self._stop.set()
        depth = DepthService(self._settings.limits, open_cache(self._settings.cache), Figures(), self._traces)
        Worker("loading", lambda: self._load_into(depth), on_error=self._fail).start()
        async with AsyncExitStack() as ending:  # the last first, however it comes to it
            ending.push_async_callback(depth.close)
            if isinstance(self._settings.tokens, TokenFile):
                self._settings.tokens.start()
                ending.push_async_callback(asyncio.to_thread, self._settings.tokens.close)
            desk = self._open_desk(ending)
            live = await self._open_live(depth)
            if live is not None:
                await ending.enter_async_context(live.looked_after())
            server = uvicorn.Server(self._config(make_app(self._settings, depth, desk, live)))
            await self._answer(server, depth, live)
        if not self._ending.is_set():
            raise SinkError("the service ended by itself", "start again")

    def _open_desk(self, ending: AsyncExitStack) -> Desk | None:
        if self._jobs is None:
            return None
        ending.push_async_callback(asyncio.to_thread, self._close_jobs)
        settings = self._settings
        desk = Desk(self._jobs, settings.job_limits, self._watch, settings.webhooks, self._zips)
        ending.push_async_callback(desk.close)
        self._jobs.store.listen(self._look)
        for one in (self._notices, self._clearing):
            if one is not None:
                one.start()
        return desk

    async def _open_live(self, depth: DepthService) -> Live | None:
        settings = self._settings.live
        return None if settings.cameras == 0 else await Live.begin(settings, depth, self.address)

    async def _answer(self, server: uvicorn.Server, depth: DepthService, live: Live | None) -> None:
        """Until it is to stop, and what runs is answered."""
        assert self._stop is not None
        serving = asyncio.create_task(self._run_server(server), name="http")
        stopping = asyncio.create_task(self._stop.wait(), name="stop")
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        depth.is_stopping = True
        self._watch.end()
        server.should_exit = True
        stopping.cancel()
        if live is not None:
            await live.close()
        if self._may_answer.is_set():
            await serving
        else:
            serving.cancel()

    async def _run_server(self, server: uvicorn.Server) -> None:
        await self._may_answer.wait()
        await server.serve(sockets=[self._listener])

    def _config(self, app: object) -> uvicorn.Config:
        return uvicorn_config(
            app,
            Waiting(MOST_WAITING, PATIENCE, keeps_little=False),
            most_connections=MOST_CONNECTIONS,
            backlog=BACKLOG,
            graceful=int(2 * self._settings.limits.answer_seconds),
            keep_alive=KEEP_ALIVE,
        )


def open_cache(settings: CacheSettings) -> Cache:
    """The cache that is meant."""
    if settings.place == "none":
        return NoCache()
    if settings.place == "memory":
        return MemoryCache(settings.megabytes * 1_000_000, settings.seconds)
    return RedisCache(settings.place, settings.seconds)


def _log(error: BaseException) -> None:
    logger.error("jobs are not done any more: %s", error)
