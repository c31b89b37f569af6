"""One run: open the input, load the network, open the outputs, and hand them to the pipeline."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamdepth.errors import SourceError
from streamdepth.frames import SourceInfo
from streamdepth.heap import keep_for_pictures
from streamdepth.pipeline import Pipeline, RunStats, StatsSnapshot
from streamdepth.pipeline.inference import several_at_once
from streamdepth.pixel_limit import available_memory, memory_line
from streamdepth.protocols import KeepsPart, Sink, Source, Watched, warnings_of
from streamdepth.publishing.open import destinations_of, open_publishing
from streamdepth.reporting.logs import detail, tell, warn
from streamdepth.reporting.observers import Onlookers
from streamdepth.reporting.report import describe, write_report
from streamdepth.reporting.systemd import ServiceManager
from streamdepth.run.assembly import (
    check_display,
    frames_to_come,
    limits_of,
    look_of,
    open_input,
    open_outputs,
    renderer_of,
)
from streamdepth.run.loading import load_named_engine
from streamdepth.run.open_page import open_page
from streamdepth.run.spec import Request, check, check_interpolation, one_a_second, without_effect
from streamdepth.run.web import (
    TOKEN_IN_THE_OPEN,
    GivesWay,
    behind_others,
    ice_servers_of,
    open_encoder,
    open_web,
    web_settings,
)
from streamdepth.threads.scheduling import long_turns

if TYPE_CHECKING:
    from rich.console import Console

    from streamdepth.engine import Engine
    from streamdepth.live.encoder import LiveEncoder
    from streamdepth.publishing.destinations import Destination
    from streamdepth.publishing.sink import Publishing
    from streamdepth.rendering import Look, Renderer
    from streamdepth.viewers.settings import WebSettings
    from streamdepth.webrtc.ice_server import IceServer


class Run:
    """One run of the command line; `report` tells its figures at any time, also when it failed.

    Raises `UsageError` and `SinkError` for what is wrong in the words: then there is no place for a report either.
    """

    def __init__(self, request: Request, console: Console) -> None:
        check(request)
        self._request = request
        self._console = console
        self._stats = RunStats()
        self._source: Source | None = None
        self._engine: Engine | None = None
        self._pipeline: Pipeline | None = None
        self._sinks: list[Sink] = []
        self._publishing: Publishing | None = None
        self._manager = ServiceManager(request.environ)

    @property
    def is_live(self) -> bool:
        """Whether the input goes on until somebody ends it."""
        return self._source is not None and self._source.info.live

    def stop(self) -> bool:
        """Ask a run under way to end with everything closed; False when there is none yet."""
        self._manager.stopping()
        if self._pipeline is not None:
            self._pipeline.stop()
        return self._pipeline is not None

    def execute(self) -> StatsSnapshot:
        """Do it all; raises `StreamdepthError` for whatever was wrong."""
        request = self._request
        live = LiveOutputs.of(request)
        _set_process_up()
        look = look_of(request)
        check_display(request)
        source = self._source = open_input(request, self._console)
        somebody_waits = source.info.live or request.goes_out_live
        with nullcontext() if somebody_waits else long_turns():
            self._pipeline = self._assembled(source, live, look)
            self._manager.ready()
            snapshot = self._pipeline.run(self._sinks)
        self._tell_warnings(source, *self._sinks)
        if not snapshot.written and not self._pipeline.was_stopped:
            raise _nothing_written(snapshot)
        return snapshot

    def _assembled(self, source: Source, live: LiveOutputs, look: Look) -> Pipeline:
        """Network and outputs for an open input, which is closed again where one of them fails."""
        request = self._request
        with _closed_on_error(source, self._sinks):
            detail(self._console, f"input: {_described(source.info)}")
            self._tell_memory(source.info)
            self._tell_of_options(source.info)
            check_interpolation(request, source.info)
            renderer = renderer_of(request, look, source.info, self._stats)
            self._sinks += open_outputs(request, source, renderer, self._stats, self._console)
            if request.goes_out_live:
                self._open_live(live, source, renderer)
            self._sinks += self._onlookers(source)
            self._engine = self._load_engine(source.info)
            detail(self._console, f"network: {_named(self._engine)}")
            return Pipeline(
                source,
                GivesWay(self._engine) if request.goes_out_live else self._engine,
                renderer,
                limits=limits_of(request),
                stats=self._stats,
                interpolator=renderer if request.picture.interpolate else None,
            )

    def report(self) -> dict[str, Any]:
        """The figures so far."""
        outages = self._source.outages if isinstance(self._source, Watched) else None
        info = self._source.info if self._source is not None else None  # of the input that is shown
        publish = self._publishing.figures() if self._publishing is not None else []
        return describe(info, self._engine, self._stats.snapshot(), outages, publish)

    def write_report(self) -> None:
        """Write the report where it was asked for."""
        if self._request.output.report is not None:
            write_report(self._request.output.report, self.report())

    def kept_parts(self) -> list[Path]:
        """Playable files of a run that ended early, which do not bear their final names."""
        kept = (sink.kept for sink in self._sinks if isinstance(sink, KeepsPart))
        return [part for part in kept if part is not None]

    def _onlookers(self, source: Source) -> list[Sink]:
        request = self._request
        reads_log = not self._console.is_terminal or request.log.log_format == "json"
        onlookers = Onlookers(self._console, self._manager, self._stats, reads_log)
        of_run = onlookers.of_live(source) if source.info.live else []
        if request.writes_files and not of_run:
            of_run = onlookers.of_files(frames_to_come(source.info, request.amount))
        return [*of_run, *onlookers.of_service()]

    def _tell_memory(self, info: SourceInfo) -> None:
        line, is_too_much = memory_line(
            info, available_memory(), to_film=self._request.output.output is not None
        )
        if is_too_much:
            warn(self._console, f"{line} (name a smaller input, or free some)")
        elif line:
            tell(self._console, line)

    def _load_engine(self, info: SourceInfo) -> Engine:
        request = self._request

        def load() -> Engine:
            engine = load_named_engine(request.network, request.run, self._console)
            working = engine.lanes[0] if several_at_once(info) else engine
            working.warm_up(info.width, info.height)
            return engine

        return behind_others(load) if request.goes_out_live else load()

    def _open_live(self, live: LiveOutputs, source: Source, renderer: Renderer) -> None:
        """The encoder, and after it those whom it serves: it has a picture before they hear of it."""
        encoder = open_encoder(source.info)
        self._sinks.append(encoder)
        if live.web is not None:
            self._sinks.append(self._open_web(live.web, encoder, source, renderer))
        if live.destinations:
            self._publishing = open_publishing(live.destinations, encoder, live.ice_servers, self._say)
            self._sinks.append(self._publishing)

    def _say(self, line: str, is_trouble: bool) -> None:
        (warn if is_trouble else tell)(self._console, line)

    def _open_web(
        self, settings: WebSettings, encoder: LiveEncoder, source: Source, renderer: Renderer
    ) -> Sink:
        from streamdepth.viewers.state import RunFacts

        most_fps = self._request.amount.max_fps
        sink = open_web(
            settings,
            encoder,
            renderer,
            source,
            facts=RunFacts(self.report, self._stats.recent, float(most_fps) if most_fps else None),
            warn=lambda line: warn(self._console, line),
        )
        self._tell_address(f"watch at {sink.address}")
        if settings.exposes_token:
            warn(self._console, TOKEN_IN_THE_OPEN)
        if self._request.web.open:
            open_page(sink.address, self._request.environ, lambda line: warn(self._console, line))
        return sink

    def _tell_address(self, line: str) -> None:
        if self._console.is_terminal and self._request.log.log_format == "text":
            self._console.print(
                f"streamdepth: {line}", markup=False, highlight=False
            )  # with the token, to be clicked
        else:
            tell(self._console, line)  # without it, as a log shall be

    def _tell_of_options(self, info: SourceInfo) -> None:
        for sentence in without_effect(self._request, info):
            warn(self._console, sentence)
        if hint := one_a_second(self._request, info):
            tell(self._console, hint)

    def _tell_warnings(self, *stages: Source | Sink) -> None:
        for stage in stages:
            for warning in warnings_of(stage):
                warn(self._console, warning)


@dataclass(frozen=True)
class LiveOutputs:
    """What goes out live, checked before anything is opened."""

    web: WebSettings | None
    destinations: tuple[Destination, ...]
    ice_servers: tuple[IceServer, ...]

    @classmethod
    def of(cls, request: Request) -> LiveOutputs:
        """Those of a request; raises `UsageError`."""
        web = web_settings(request.web) if request.serves_web else None
        return cls(web, destinations_of(request.output.publish or ()), ice_servers_of(request.web))


@contextmanager
def _closed_on_error(source: Source, sinks: Sequence[Sink]) -> Iterator[None]:
    """Close what the pipeline would have closed, had it come to a run."""
    try:
        yield
    except BaseException:
        closings: list[Callable[[], None]] = [source.close]
        closings += [partial(sink.close, complete=False) for sink in sinks]
        for close in closings:
            # The first failure is the one to tell, and the others must be closed, too.
            with suppress(Exception):
                close()
        raise


def _set_process_up() -> None:
    """For a run: memory of one picture is kept for the next, and OpenCV has one thread.

    The stages already run beside each other, and OpenCV's pool would wait for theirs.
    """
    import cv2

    keep_for_pictures()
    cv2.setNumThreads(1)


def _nothing_written(stats: StatsSnapshot) -> SourceError:
    if not stats.captured:
        return SourceError(
            "nothing was written: the input gave no picture", "look at it with streamdepth doctor"
        )
    return SourceError(
        f"nothing was written: of {stats.captured} pictures that came, none was worked on in time",
        "take more of it, or a smaller network: --model nano",
    )


def _described(info: SourceInfo) -> str:
    rate = f" at {float(info.rate):.5g} frames/s" if info.rate else ""
    return f"{info.kind}, {info.width}x{info.height}{rate}, {'live' if info.live else 'every frame'}"


def _named(engine: Engine) -> str:
    return f"{engine.name} on {engine.runtime_name} in {engine.precision}"
