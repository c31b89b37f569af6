"""One run: open the input, load the network, open the outputs, and hand them to the pipeline."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamdepth.assembly import (
    check_display,
    frames_to_come,
    limits_of,
    look_of,
    open_input,
    open_outputs,
    renderer_of,
)
from streamdepth.frames import SourceInfo
from streamdepth.loading import load_named_engine
from streamdepth.logs import detail, tell, warn
from streamdepth.onlookers import Onlookers
from streamdepth.pipeline import Pipeline, RunStats, StatsSnapshot
from streamdepth.pipeline.inference import several_at_once
from streamdepth.redaction import redact
from streamdepth.report import describe, write_report
from streamdepth.request import Request, check, check_interpolation
from streamdepth.service_manager import ServiceManager
from streamdepth.stages import Sink, Source, Watched
from streamdepth.web import GivesWay, behind_others, open_encoder, open_web, web_settings

if TYPE_CHECKING:
    from rich.console import Console

    from streamdepth.engine import Engine
    from streamdepth.rendering import Renderer
    from streamdepth.service.settings import WebSettings
    from streamdepth.sinks.live_encoder import LiveEncoder


class Run:
    """One run of the command line; `report` tells its figures at any time, also when it failed."""

    def __init__(self, request: Request, console: Console) -> None:
        self._request = request
        self._console = console
        self._stats = RunStats()
        self._source: Source | None = None
        self._engine: Engine | None = None
        self._pipeline: Pipeline | None = None
        self._sinks: list[Sink] = []
        self._manager = ServiceManager(request.environ)

    def stop(self) -> bool:
        """Ask a run under way to end with everything closed; False when there is none yet."""
        self._manager.stopping()
        if self._pipeline is not None:
            self._pipeline.stop()
        return self._pipeline is not None

    def execute(self) -> StatsSnapshot:
        """Do it all; raises `StreamdepthError` for whatever was wrong."""
        request = self._request
        check(request)
        self._warn_of_readable_password()
        web = web_settings(request.web) if request.serves_web else None
        _share_the_cores()
        look = look_of(request)
        check_display(request)
        source = self._source = open_input(request, self._console)
        with _closed_on_error(source, self._sinks):
            detail(self._console, f"input: {_described(source.info)}")
            check_interpolation(request, source.info)
            renderer = renderer_of(request, look, source.info, self._stats)
            self._sinks += open_outputs(request, source, renderer, self._console)
            if web is not None:
                encoder = open_encoder(source.info)
                self._sinks.append(encoder)  # before whom it serves: it has the picture when they hear of it
                self._sinks.append(self._open_web(web, encoder, source, renderer))
            self._sinks += self._onlookers(source)
            self._engine = self._load_engine(source.info)
            detail(self._console, f"network: {_named(self._engine)}")
            engine = GivesWay(self._engine) if web is not None else self._engine
            self._pipeline = Pipeline(
                source,
                engine,
                renderer,
                limits=limits_of(request),
                stats=self._stats,
                interpolator=renderer if request.picture.interpolate else None,
            )
        self._manager.ready()
        snapshot = self._pipeline.run(self._sinks)
        self._tell_warnings(source)
        return snapshot

    def report(self) -> dict[str, Any]:
        """The figures so far."""
        outages = self._source.outages if isinstance(self._source, Watched) else None
        info = self._source.info if self._source is not None else None  # of the input that is shown
        return describe(info, self._engine, self._stats.snapshot(), outages)

    def write_report(self) -> None:
        """Write the report where it was asked for."""
        if self._request.output.report is not None:
            write_report(self._request.output.report, self.report())

    def kept_parts(self) -> list[Path]:
        """Playable files of a run that ended early, which do not bear their final names."""
        kept = (getattr(sink, "kept", None) for sink in self._sinks)
        return [part for part in kept if part is not None]

    def _warn_of_readable_password(self) -> None:
        config, wanted = self._request.run.config, self._request.input
        words = " ".join([wanted.input or "", *(wanted.switch_to or ())])
        if config is not None and redact(words) != words and is_readable_by_others(config):
            cure = f"chmod 600 {config}"
            warn(self._console, f"other users can read the password in {config} ({cure})")

    def _onlookers(self, source: Source) -> list[Sink]:
        request = self._request
        reads_log = not self._console.is_terminal or request.log.log_format == "json"
        onlookers = Onlookers(self._console, self._manager, self._stats, reads_log)
        of_run = onlookers.of_live(source) if source.info.live else []
        if request.writes_files and not of_run:
            of_run = onlookers.of_files(frames_to_come(source.info, request.amount))
        return [*of_run, *onlookers.of_service()]

    def _load_engine(self, info: SourceInfo) -> Engine:
        request = self._request

        def load() -> Engine:
            engine = load_named_engine(request.network, request.run, self._console)
            working = engine.lanes[0] if several_at_once(info) else engine
            working.warm_up(info.width, info.height)
            return engine

        return behind_others(load) if request.serves_web else load()

    def _open_web(
        self, settings: WebSettings, encoder: LiveEncoder, source: Source, renderer: Renderer
    ) -> Sink:
        from streamdepth.service.board import RunFacts

        sink = open_web(
            settings,
            encoder,
            renderer,
            source,
            facts=RunFacts(self.report, self._stats.recent),
            warn=lambda line: warn(self._console, line),
        )
        self._tell_address(f"watch at {sink.address}")
        return sink

    def _tell_address(self, line: str) -> None:
        if self._console.is_terminal and self._request.log.log_format == "text":
            self._console.print(
                f"streamdepth: {line}", markup=False, highlight=False
            )  # with the token, to be clicked
        else:
            tell(self._console, line)  # without it, as a log shall be

    def _tell_warnings(self, source: Source) -> None:
        for warning in getattr(source, "warnings", ()):
            warn(self._console, str(warning))


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


def _share_the_cores() -> None:
    """One thread for OpenCV: the stages already run beside each other, and its pool would wait for theirs."""
    import cv2

    cv2.setNumThreads(1)


def is_readable_by_others(path: Path) -> bool:
    """Whether the file's mode lets more than its owner and group in; False where there are no such modes."""
    try:
        return os.name == "posix" and bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False  # it was a file a moment ago; who reads it next says what is wrong


def _described(info: SourceInfo) -> str:
    rate = f" at {float(info.rate):.5g} frames/s" if info.rate else ""
    return f"{info.kind}, {info.width}x{info.height}{rate}, {'live' if info.live else 'every frame'}"


def _named(engine: Engine) -> str:
    return f"{engine.name} on {engine.runtime_name} in {engine.precision}"
