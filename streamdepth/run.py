"""From options to a run: open the input, load the network, open the outputs, and hand them to the pipeline."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamdepth.errors import DisplayMissing, UsageError
from streamdepth.frames import SourceInfo
from streamdepth.loading import load_named_engine
from streamdepth.logs import detail, tell, warn
from streamdepth.onlookers import Onlookers
from streamdepth.options import (
    AmountOptions,
    InputOptions,
    LogOptions,
    NetworkOptions,
    OutputOptions,
    PictureOptions,
    RunOptions,
    WebOptions,
)
from streamdepth.pipeline import Limits, Pipeline, RunStats, StatsSnapshot
from streamdepth.pipeline.inference import several_at_once
from streamdepth.pipeline.worker import run_aside
from streamdepth.redaction import redact
from streamdepth.report import check_report_place, describe, write_report
from streamdepth.service_manager import ServiceManager
from streamdepth.stages import Sink, Source, Watched
from streamdepth.web import GivesWay, behind_others, open_web, web_settings

if TYPE_CHECKING:
    from rich.console import Console

    from streamdepth.engine import Engine
    from streamdepth.rendering import HudFigures, Look, Renderer
    from streamdepth.service.settings import WebSettings
    from streamdepth.sources import SourceOptions

DEMO_SECONDS = Fraction(10)


@dataclass(frozen=True)
class Request:
    """Everything that was asked for, and the surroundings that decide the rest."""

    input: InputOptions = field(default_factory=InputOptions)
    output: OutputOptions = field(default_factory=OutputOptions)
    picture: PictureOptions = field(default_factory=PictureOptions)
    network: NetworkOptions = field(default_factory=NetworkOptions)
    amount: AmountOptions = field(default_factory=AmountOptions)
    web: WebOptions = field(default_factory=WebOptions)
    run: RunOptions = field(default_factory=RunOptions)
    environ: MutableMapping[str, str] = field(default_factory=dict)
    log: LogOptions = field(default_factory=LogOptions)

    @property
    def writes_files(self) -> bool:
        """Whether every frame must be rendered because a file wants it."""
        return self.output.output is not None or self.output.depth_output is not None

    @property
    def shows_window(self) -> bool:
        """A window is what there is when nothing else is named."""
        return self.output.window or not (self.writes_files or self.output.webrtc)

    @property
    def only_a_window(self) -> bool:
        """Whether nobody but who sits here looks: then words are drawn on the picture."""
        return not (self.writes_files or self.output.webrtc)

    @property
    def takes_live(self) -> bool:
        """Whether an input that could wait is played at its own speed."""
        return self.input.live or not self.writes_files


class Run:
    """One run of the command line; `report` tells its figures at any time, also when it failed."""

    def __init__(self, request: Request, console: Console) -> None:
        self._request = request
        self._console = console
        self._stats = RunStats()
        self._source: Source | None = None
        self._info: SourceInfo | None = None
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
        _check(request)
        self._warn_of_readable_password()
        web = web_settings(request.web) if request.output.webrtc else None
        _share_the_cores()
        look = _look(request)
        _check_display(request)
        source = self._source = _open_source(request, self._console)
        with _closed_on_error(source, self._sinks):
            self._info = source.info
            detail(self._console, f"input: {_described(source.info)}")
            _check_interpolation(request, source.info)
            renderer = _renderer(request, look, source.info, self._stats)
            self._sinks += _open_sinks(request, source, renderer, self._console)
            if web is not None:
                self._sinks.append(self._open_web(web, source, renderer))
            self._sinks += self._onlookers(source)
            self._engine = self._load_engine(source.info)
            detail(self._console, f"network: {_named(self._engine)}")
            engine = GivesWay(self._engine) if web is not None else self._engine
            self._pipeline = Pipeline(
                source,
                engine,
                renderer,
                limits=_limits(request),
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
        return describe(self._info, self._engine, self._stats.snapshot(), outages)

    def write_report(self) -> None:
        """Write the report where it was asked for."""
        if self._request.output.report is not None:
            write_report(self._request.output.report, self.report())

    def kept_parts(self) -> list[Path]:
        """Playable files of a run that ended early, which do not bear their final names."""
        kept = (getattr(sink, "kept", None) for sink in self._sinks)
        return [part for part in kept if part is not None]

    def _warn_of_readable_password(self) -> None:
        config, wanted = self._request.run.config, self._request.input.input or ""
        if config is not None and redact(wanted) != wanted and is_readable_by_others(config):
            cure = f"chmod 600 {config}"
            warn(self._console, f"other users can read the password in {config} ({cure})")

    def _onlookers(self, source: Source) -> list[Sink]:
        request = self._request
        reads_log = not self._console.is_terminal or request.log.log_format == "json"
        onlookers = Onlookers(self._console, self._manager, self._stats, reads_log)
        of_run = onlookers.of_live(source) if source.info.live else []
        if request.writes_files and not of_run:
            of_run = onlookers.of_files(_frames_to_come(source.info, request.amount))
        return [*of_run, *onlookers.of_service()]

    def _load_engine(self, info: SourceInfo) -> Engine:
        request = self._request

        def load() -> Engine:
            engine = load_named_engine(request.network, request.run, self._console)
            working = engine.lanes[0] if several_at_once(info) else engine
            working.warm_up(info.width, info.height)
            return engine

        return behind_others(load) if request.output.webrtc else load()

    def _open_web(self, settings: WebSettings, source: Source, renderer: Renderer) -> Sink:
        sink = open_web(
            settings,
            source.info,
            renderer,
            report=self.report,
            recent=self._stats.recent,
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
            with suppress(
                Exception
            ):  # the first failure is the one to tell, and the others must be closed, too
                close()
        raise


def _share_the_cores() -> None:
    """One thread for OpenCV: the stages already run beside each other, and its pool would wait for theirs."""
    import cv2

    cv2.setNumThreads(1)


def _check(request: Request) -> None:
    """Whatever is wrong in the words themselves, before anything is opened."""
    given = [name for name in ("camera", "input") if getattr(request.input, name) is not None]
    if len(given) != 1:
        what = "two inputs were given" if given else "no input was given"
        raise UsageError(what, "name one: --camera 0, --input FILE_OR_URL, or --input demo")
    if request.writes_files and request.output.output == request.output.depth_output:
        raise UsageError("--output and --depth-output name the same place", "give each its own")
    if request.output.report is not None:
        check_report_place(request.output.report)


def _check_interpolation(request: Request, info: SourceInfo) -> None:
    if not request.picture.interpolate:
        return
    if not info.live:
        raise UsageError(
            "--interpolate is for live pictures: in a file every frame gets depth of its own",
            "leave it out, or add --live",
        )
    if request.output.depth_output is not None:
        raise UsageError(
            "--interpolate shows depth that was moved, and --depth-output writes what the network gave",
            "leave one of them out",
        )


def _check_display(request: Request) -> None:
    if not request.shows_window:
        return
    from streamdepth.sinks.window import display_available

    if not display_available(request.environ):
        cure = (
            "name a file with --output"
            if not request.output.window
            else "leave --window out, or run it on a desktop"
        )
        raise DisplayMissing("there is no display to open a window on", cure)


def _open_source(request: Request, console: Console) -> Source:
    from streamdepth.sources import open_camera, open_source
    from streamdepth.sources.paced import HeldPicture, PacedSource

    wanted = request.input
    options = _source_options(request, console)
    if wanted.camera is not None:  # on the main thread: macOS asks for permission there
        return open_camera(wanted.camera, options)
    source = run_aside("opening", lambda: open_source(str(wanted.input), options))
    if source.info.live or not request.takes_live:
        return source
    if source.info.kind == "image" and source.info.frame_count == 1:
        return HeldPicture(source)
    return PacedSource(source)


def _source_options(request: Request, console: Console) -> SourceOptions:
    from streamdepth.sources import SourceOptions

    wanted = request.input
    demo_duration = request.amount.duration or (None if request.takes_live else DEMO_SECONDS)
    options = SourceOptions(
        size=wanted.camera_size,
        rate=wanted.camera_fps,
        live=request.takes_live,
        duration=demo_duration,
        notify=lambda line: tell(console, line),
    )
    comes_back = wanted.camera is not None or "://" in str(wanted.input)
    return _lasting(options, wanted) if comes_back else options


def _lasting(options: SourceOptions, wanted: InputOptions) -> SourceOptions:
    """`options` with what concerns addresses and cameras, which takes PyAV to say."""
    from streamdepth.sources.reconnecting import Persistence
    from streamdepth.sources.video import VideoOptions

    return replace(
        options,
        video=VideoOptions(rtsp_transport=wanted.rtsp_transport),
        persistence=Persistence(wanted.reconnect, wanted.wait_for_source, wanted.frozen_after),
    )


def _look(request: Request) -> Look:
    from streamdepth.rendering import Look

    picture = request.picture
    return Look(
        layout=picture.layout,
        colormap=picture.colormap,
        alpha=picture.alpha,
        invert=picture.invert,
        legend=request.only_a_window if picture.legend is None else picture.legend,
        cut_beyond=picture.cut_beyond,
        refine=picture.refine,
    )


def _renderer(request: Request, look: Look, info: SourceInfo, stats: RunStats) -> Renderer:
    from streamdepth.rendering import DepthRange, FrameRange, MovingRange, Renderer

    picture = request.picture
    shows_hud = request.only_a_window if picture.hud is None else picture.hud
    # Pictures of a folder have nothing to do with each other; those of a video have.
    in_time = info.kind != "image"
    return Renderer(
        look=look,
        scale=MovingRange() if in_time else FrameRange(),
        locked=None if picture.range is None else DepthRange(*picture.range),
        stabilise=picture.stabilise and in_time,
        hud=_hud(stats, interpolates=picture.interpolate) if shows_hud else None,
    )


def _hud(stats: RunStats, *, interpolates: bool) -> Callable[[], HudFigures]:
    from streamdepth.rendering import HudFigures

    if interpolates:
        return lambda: HudFigures(*stats.recent(), stats.recent_pictures())
    return lambda: HudFigures(*stats.recent())


def _open_sinks(request: Request, source: Source, renderer: Renderer, console: Console) -> list[Sink]:
    from streamdepth.sinks import open_depth_sink, open_sink, open_window

    sinks: list[Sink] = []
    if request.output.output is not None:
        sinks.append(open_sink(request.output.output, source))
    if request.output.depth_output is not None:
        sinks.append(open_depth_sink(request.output.depth_output, source))
    if request.shows_window:
        sinks.append(
            open_window(
                _title(source.info),
                renderer,
                environ=request.environ,
                notify=lambda line: tell(console, line),
            )
        )
    return sinks


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


def _title(info: SourceInfo) -> str:
    return f"streamdepth: {info.kind} {info.width}x{info.height}"


def _frames_to_come(info: SourceInfo, amount: AmountOptions) -> int | None:
    by_duration = int(amount.duration * info.rate) if amount.duration and info.rate else None
    return min((n for n in (info.frame_count, amount.frames, by_duration) if n is not None), default=None)


def _limits(request: Request) -> Limits:
    amount = request.amount
    return Limits(max_fps=amount.max_fps, duration=amount.duration, frames=amount.frames)
