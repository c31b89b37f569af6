"""The web service, seen from other threads: it listens, and shows the streams that it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from streamdepth.errors import SinkError
from streamdepth.http.listening import address, listen
from streamdepth.threads.worker import Flag, Worker
from streamdepth.viewers.cameras import Cameras, OneCamera
from streamdepth.viewers.serving import Serving
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.stream import Shown, Stream

START_PATIENCE = 20.0
STOP_PATIENCE = 3.0

T = TypeVar("T")


class WebService:
    """Shows streams to viewers in browsers and other players, from `start` on; `address` is what to open.

    `warn` gets a line where something works less well. Raises `SinkError` where it cannot listen.
    """

    def __init__(
        self, settings: WebSettings, warn: Callable[[str], None], cameras: Cameras | None = None
    ) -> None:
        """`cameras` is who runs them, where there may be several."""
        settings.check_certificate()
        self._settings = settings
        self._warn = warn
        self._cameras = cameras or OneCamera()
        self._listener = listen(settings.host, settings.port)
        self.address = address(self._listener, settings.scheme, settings.token)
        self._ready, self._started = Flag(), Flag()
        self._failure: BaseException | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._serving: Serving | None = None
        self._worker = Worker("web", lambda: asyncio.run(self._serve()), on_error=self._fail).start()
        try:
            self._wait_for(self._ready)
        except SinkError:
            self.close()
            raise

    def start(self) -> None:
        """Answer requests from now on; raises `SinkError` where that fails."""
        self.on_loop(self._inside.start)
        self._wait_for(self._started)

    def open(self, name: str, shown: Shown) -> Stream:
        """Show one more stream, whose name must be free; raises `SinkError` where the service has ended."""
        stream = self._done(self._inside.add(name, shown))
        shown.encoder.listen(lambda: self.on_loop(stream.wake))
        return stream

    def remove(self, name: str) -> None:
        """End a stream, if it is there: those who watch it are told. Nothing where the service has ended."""
        with suppress(SinkError):
            self._done(self._inside.remove(name))

    def check(self) -> None:
        """Raise `SinkError` where the service has failed."""
        if self._failure is not None:
            raise SinkError(f"the web service failed: {self._failure}", "start again") from self._failure

    def close(self) -> None:
        """Hang up on all viewers and stop listening, within three seconds; raises `StageStuck` otherwise."""
        if self._serving is not None:
            self.on_loop(self._serving.stop)
        try:
            self._worker.join(STOP_PATIENCE)
        finally:
            self._listener.close()

    def on_loop(self, call: Callable[[], None]) -> None:
        """Have it called on the event loop: the one bridge from other threads."""
        assert self._loop is not None
        with suppress(RuntimeError):  # the loop has ended, and its viewers with it
            self._loop.call_soon_threadsafe(call)

    @property
    def _inside(self) -> Serving:
        assert self._serving is not None, "it is there from the first moment on"
        return self._serving

    def _done(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of what is done on the event loop."""
        assert self._loop is not None
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_PATIENCE)
        except Exception as error:  # the loop has ended, or ends
            work.close()
            raise SinkError(f"the web service does not answer: {error}", "start again") from error

    def _wait_for(self, flag: Flag) -> None:
        if not flag.wait(START_PATIENCE) or self._failure is not None:
            raise SinkError(
                f"the web service did not start: {self._failure}", "try another --port"
            ) from self._failure

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        self._ready.set()
        self._started.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._serving = await Serving.begin(self._settings, self._warn, self._cameras)
        self._ready.set()
        await self._serving.run(self._listener, self._started.set)
