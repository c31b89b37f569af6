"""Several cameras at the same time: each with a run of its own, all with one network and one web service."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from streamdepth.batch.outcome import Outcome, counts_of
from streamdepth.cameras.camera import Camera
from streamdepth.cameras.clients import CamerasOfClients, IsEnding
from streamdepth.cameras.engines import NetworkForAll
from streamdepth.cameras.plan import MOST, check_apart, check_camera
from streamdepth.cameras.spec import CameraSpec, GroupSpec
from streamdepth.errors import UsageError
from streamdepth.heap import let_go, share_heaps, take_small_pages
from streamdepth.machine import thread_count
from streamdepth.reporting.events import Observe, PageServed, Said
from streamdepth.reporting.report import write_report
from streamdepth.run.network.engines import Engines
from streamdepth.run.network.loading import load_network
from streamdepth.run.outputs.files import open_figures
from streamdepth.run.outputs.live import LiveOutputs, Page, shown_of
from streamdepth.run.outputs.open_page import open_page
from streamdepth.run.promise.keep import engines_that_keep
from streamdepth.run.run import Run
from streamdepth.run.surroundings import Surroundings
from streamdepth.threads.worker import Flag, Lock

if TYPE_CHECKING:
    from streamdepth.live.encoder import LiveEncoder
    from streamdepth.protocols import Sink, Source
    from streamdepth.rendering import Renderer
    from streamdepth.viewers.service import WebService
    from streamdepth.viewers.settings import WebSettings
    from streamdepth.viewers.state import RunFacts

LOOK_EVERY = 0.2
"""Seconds between two looks after the cameras."""
STOP_PATIENCE = 6.0
"""Seconds that all cameras together have to close; one that hangs is left behind."""

_ALONE = Surroundings()


class Group:
    """Runs cameras until all have ended, or `stop`. A camera that fails, hangs or goes away ends no other.

    `observe_of` gives the observer of a camera by its name, and of the group by none; `pulse` is called several times
    a second while this lives.
    """

    def __init__(
        self,
        spec: GroupSpec,
        surroundings: Surroundings = _ALONE,
        observe_of: Callable[[str], Observe] = lambda _name: lambda _event: None,
        load: Engines = load_network,
        pulse: Callable[[], None] = lambda: None,
    ) -> None:
        self.spec = spec
        self._surroundings = surroundings
        self._observe_of = observe_of
        self._pulse = pulse
        cameras = [camera.run for camera in spec.cameras]
        self._network = NetworkForAll(engines_that_keep(load, spec.common, cameras), observe_of(""))
        self._live = LiveOutputs.of(spec.common)
        self._service: WebService | None = None
        self._stopping = Flag()
        self._lock = Lock()
        self._cameras: dict[str, Camera] = {}
        self._leaving: set[str] = set()
        self._removed: list[Outcome] = []
        self._is_closing = False
        self._figures: list[Sink] = []
        self._began = time.monotonic()

    @property
    def cameras(self) -> tuple[Camera, ...]:
        """Those of now, also the ones that have ended."""
        with self._lock:
            return tuple(self._cameras.values())

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What came of each camera so far, also of those that were taken out."""
        with self._lock:
            removed, cameras = tuple(self._removed), tuple(self._cameras.values())
        return (*removed, *(camera.outcome() for camera in cameras))

    def stop(self) -> bool:
        """Ask all to end with everything closed; from any thread or a signal handler."""
        self._stopping.set()
        return True

    def execute(self) -> tuple[Outcome, ...]:
        """Do it all; raises `UsageError` and `SinkError` where it cannot begin, nothing for one camera that fails."""
        share_heaps(thread_count(None))  # no more threads run at once
        take_small_pages()  # there is an encoder for each camera
        cameras = [self._made(camera) for camera in self.spec.cameras]
        with self._lock:  # before the service: whoever asks it sees them all from its first moment on
            for camera in cameras:
                self._list(camera)
        self._open_service()
        try:
            self._figures = open_figures(self.spec.common, self._reports)
            for camera in cameras:
                camera.start()
            while not self._stopping.wait(LOOK_EVERY) and self._goes_on():
                self._pulse()
                self._take_out()
                if self._service is not None:
                    self._service.check()
        finally:
            self._close()
        return self.outcomes

    def add(self, camera: CameraSpec) -> None:
        """One more, while the group runs, or in the place of one by its name that is over.

        Raises `IsEnding` once the group ends, `UsageError` where it does not go with the others.
        """
        check_camera(camera, self._surroundings)
        present = [one.spec for one in self.cameras if one.name != camera.name]
        if len(present) >= MOST:
            raise UsageError(f"there are {MOST} cameras already", "take one out first")
        check_apart([*present, camera], self.spec.common)
        made = self._made(camera)
        with self._lock:
            self._list(made)
            made.start()

    def remove(self, name: str) -> None:
        """Have one end, with its files closed: it is out once it is over. Does not wait."""
        with self._lock:
            camera = self._cameras.get(name)
            if camera is None:  # it is out since somebody looked
                return
            self._leaving.add(name)
        camera.stop()

    def report(self) -> dict[str, Any]:
        """The figures of all so far, with a section for each camera."""
        outcomes = self.outcomes
        sections = [{"camera": outcome.name, **outcome.as_json()} for outcome in outcomes]
        counts = {state.value: count for state, count in counts_of(outcomes).items()}
        seconds = round(time.monotonic() - self._began, 3)
        return {"cameras": sections, "counts": counts, "seconds": seconds}

    def _reports(self) -> dict[str, Mapping[str, Any]]:
        """The figures of each camera whose run has begun."""
        return {outcome.name: outcome.report for outcome in self.outcomes if outcome.report}

    def write_report(self) -> None:
        """Write the report where it was asked for."""
        path = self.spec.common.output.report
        if path is not None:
            write_report(path, self.report())

    def _take_out(self) -> None:
        """Those that were removed and are over."""
        with self._lock:
            over = [name for name in self._leaving if self._cameras[name].has_left]
            self._removed += [self._cameras.pop(name).outcome() for name in over]  # and nothing of its run
            self._leaving -= set(over)
        if over:
            let_go()

    def _goes_on(self) -> bool:
        waits_for_more = self.spec.may_change and self._service is not None
        return waits_for_more or not all(camera.is_over for camera in self.cameras)

    def _made(self, spec: CameraSpec) -> Camera:
        watched: list[LiveEncoder] = []

        def is_watched() -> bool:
            return any(encoder.is_watched for encoder in watched)

        def make_run(observe: Observe) -> Run:
            engines = self._network.engines(is_watched)
            return Run(
                spec.run, self._surroundings, observe, engines, partial(self._open_stream, spec.name, watched)
            )

        return Camera(spec, self._observe_of(spec.name), make_run)

    def _list(self, camera: Camera) -> None:
        """It is one of the group from now on; the lock is held."""
        if self._is_closing:  # nobody would end it
            raise IsEnding("this run is ending", "start it again")
        before = self._cameras.get(camera.name)
        if before is not None:
            assert before.is_over, "its name is taken"
            self._removed.append(before.outcome())
        self._leaving.discard(camera.name)  # that was the one before
        self._cameras[camera.name] = camera

    def _open_service(self) -> None:
        settings = self._live.web
        if settings is None:
            return
        from streamdepth.viewers.service import WebService

        observe = self._observe_of("")

        def warn(line: str) -> None:
            observe(Said(line, is_warning=True))

        clients = CamerasOfClients(self, self.spec.common, may_change=self.spec.may_change)
        self._service = WebService(settings, warn, clients)
        self._service.start()
        observe(PageServed(self._service.address, settings.exposes_token))
        if self.spec.common.web.open:
            open_page(self._service.address, self._surroundings.environ, warn)

    def _open_stream(
        self,
        name: str,
        watched: list[LiveEncoder],
        _settings: WebSettings,
        encoder: LiveEncoder,
        renderer: Renderer,
        source: Source,
        facts: RunFacts,
        _observe: Observe,
    ) -> Page:
        """The page of one camera: a stream of the service of all."""
        from streamdepth.viewers.sink import StreamSink

        assert self._service is not None, "it is open before the first camera begins"
        sink = StreamSink(self._service, name, shown_of(encoder, renderer, source, facts))
        watched.append(encoder)
        return sink

    def _close(self) -> None:
        with self._lock:
            self._is_closing = True
        cameras = self.cameras
        for camera in cameras:
            camera.stop()
        give_up_at = time.monotonic() + STOP_PATIENCE
        left = [camera.name for camera in cameras if not camera.join(max(0.0, give_up_at - time.monotonic()))]
        for name in left:
            line = f"it did not end within {STOP_PATIENCE:g} s and was left behind"
            self._observe_of(name)(Said(line, is_warning=True))
        if self._service is not None:
            self._service.close()
        for sink in self._figures:
            sink.close()
