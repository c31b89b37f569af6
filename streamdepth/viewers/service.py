"""The web service, seen from other threads: it listens, and shows the streams that it is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from streamdepth.errors import SinkError
from streamdepth.http.listening import address, listen
from streamdepth.threads.worker import Flag, Worker
from streamdepth.viewers.bridge import Bridge
from streamdepth.viewers.cameras import Cameras, OneCamera
from streamdepth.viewers.serving import Serving
from streamdepth.viewers.settings import WebSettings
from streamdepth.viewers.stream import Shown, Stream

START_PATIENCE = 20.0
STOP_PATIENCE = 3.0


class WebService:
    """A `Host` that shows streams to viewers in browsers and other players, from `start` on.

    `warn` gets a line where something works less well. Raises `SinkError` where it cannot listen.
    """

    def __init__(
        self, settings: WebSettings, warn: Callable[[str], None], cameras: Cameras | None = None
    ) -> None:
        """`cameras` manages several cameras, where there are any."""
        settings.check_certificate()
        self._settings = settings
        self._warn = warn
        self._cameras = cameras or OneCamera()
        self._listener = listen(settings.host, settings.port)
        self.address = address(self._listener, settings.scheme, settings.token)
        self._ready, self._started = Flag(), Flag()
        self._failure: BaseException | None = None
        self._bridge: Bridge | None = None
        self._serving: Serving | None = None
        self._worker = Worker("web", lambda: asyncio.run(self._serve()), on_error=self._fail).start()
        try:
            self._wait_for(self._ready)
        except SinkError:
            self.close()
            raise

    def start(self) -> None:
        """Answer requests from now on; raises `SinkError` where that fails."""
        assert self._serving is not None, "it is there from the first moment on"
        self.on_loop(self._serving.start)
        self._wait_for(self._started)

    def open(self, name: str, shown: Shown) -> Stream:
        """See `Host`."""
        return self._there.open(name, shown)

    def remove(self, name: str) -> None:
        """See `Host`."""
        self._there.remove(name)

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
        """See `Host`."""
        self._there.on_loop(call)

    @property
    def _there(self) -> Bridge:
        assert self._bridge is not None, "it is there from the first moment on"
        return self._bridge

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
        serving = await Serving.begin(self._settings, self._warn, self._cameras)
        self._bridge = Bridge(asyncio.get_running_loop(), serving.showing, self.address)
        self._serving = serving
        self._ready.set()
        await serving.run(self._listener, self._started.set)
