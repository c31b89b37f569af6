"""From a request to the parts of a run: its source, its renderer, its sinks, its limits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.addresses import is_remote
from streamdepth.cli.options import AmountOptions, InputOptions
from streamdepth.errors import DisplayMissing, UsageError
from streamdepth.files import resolved
from streamdepth.frames import SourceInfo
from streamdepth.pipeline import Limits, RunStats
from streamdepth.protocols import Playback, Seekable, Sink, Source
from streamdepth.reporting.logs import tell, warn
from streamdepth.run.spec import Request
from streamdepth.threads.aside import run_aside

if TYPE_CHECKING:
    from rich.console import Console

    from streamdepth.rendering import HudFigures, Look, Renderer, Words
    from streamdepth.sources import SourceOptions
    from streamdepth.sources.live.switching import Input

DEMO_SECONDS = Fraction(10)


def open_input(request: Request, console: Console) -> Source:
    """What is shown at first, again and again for viewers alone, and with `--switch-to` whatever they choose.

    Raises as `open_source` does, also for what is yet to be chosen, as far as that can be known.
    """
    from streamdepth.sources.replay.paced import PacedSource

    _check_choices(request, console)
    first = _open_first(request, console)
    begins_again = request.plays_again and isinstance(first, PacedSource)
    if not (request.input.switch_to or begins_again):
        return first
    from streamdepth.sources.live.switching import SwitchingSource

    size = None if request.sizes_may_change else (first.info.width, first.info.height)
    try:
        return SwitchingSource(
            first, _choices(request, console), size=size, notify=lambda line: tell(console, line)
        )
    except UsageError:
        first.close()
        raise


def _check_choices(request: Request, console: Console) -> None:
    """A name that was mistyped is told to who typed it, not to the viewer who chooses it hours later."""
    from streamdepth.sources import check_source

    for spec in request.input.switch_to or ():
        options = _source_options(request, console, spec)
        run_aside("checking", partial(check_source, spec, options))


def _open_first(request: Request, console: Console) -> Source:
    """The source, at its own speed where nobody asks for every frame."""
    from streamdepth.sources import open_camera, open_source

    wanted = request.input
    options = _source_options(request, console)
    if wanted.camera is not None:  # on the main thread: macOS asks for permission there
        return open_camera(wanted.camera, options)
    source = run_aside("opening", lambda: open_source(str(wanted.input), options))
    if not request.takes_live:
        return source
    return _played(source, for_viewer=request.waits_for_viewer)


def _played(source: Source, *, for_viewer: bool = False) -> Source:
    """`source` at its own speed, where it could wait; `for_viewer`, as a viewer at this screen says."""
    from streamdepth.sources.replay.paced import HeldPicture, PacedSource
    from streamdepth.sources.replay.player import Player

    if source.info.live:
        return source
    if source.info.kind == "image" and source.info.frame_count == 1:
        return HeldPicture(source)
    return Player(source) if for_viewer and isinstance(source, Seekable) else PacedSource(source)


def _choices(request: Request, console: Console) -> list[Input]:
    """All inputs that viewers may choose from; the first is the one that the run began with."""
    from streamdepth.sources import open_camera, open_source
    from streamdepth.sources.live.switching import Input, names_of

    wanted, others = request.input, request.input.switch_to or []
    named = f"camera {wanted.camera}" if wanted.camera is not None else str(wanted.input)

    def open_first() -> Source:
        options = _for_choosing(_source_options(request, console))
        if wanted.camera is not None:
            return open_camera(wanted.camera, options)
        return _played(open_source(str(wanted.input), options))

    def opens(spec: str) -> Callable[[], Source]:
        options = _for_choosing(_source_options(request, console, spec))
        return lambda: _played(open_source(spec, options))

    openers = [open_first, *(opens(spec) for spec in others)]
    return [Input(name, opener) for name, opener in zip(names_of([named, *others]), openers, strict=True)]


def _for_choosing(options: SourceOptions) -> SourceOptions:
    """`options` of an input that is opened while another is shown: live, without end, and not waited for."""
    patient = options.persistence
    return replace(
        options,
        live=True,
        duration=None,
        persistence=patient and replace(patient, wait_for_source=False),
    )


def _source_options(request: Request, console: Console, spec: str | None = None) -> SourceOptions:
    """What an input is asked for: `spec`, or the one that the run begins with."""
    from streamdepth.sources import SourceOptions

    wanted = request.input
    # Live, the run ends it, which counts from the first picture that is worked on.
    demo_duration = None if request.takes_live else request.amount.duration or DEMO_SECONDS
    options = SourceOptions(
        size=wanted.camera_size,
        rate=wanted.camera_fps,
        picture_rate=wanted.input_fps,
        max_pixels=wanted.max_pixels,
        same_size=not request.sizes_may_change,
        live=request.takes_live,
        duration=demo_duration,
        notify=lambda line: tell(console, line),
    )
    comes_back = is_remote(spec or str(wanted.input)) or (spec is None and wanted.camera is not None)
    return _lasting(options, wanted) if comes_back else options


def _lasting(options: SourceOptions, wanted: InputOptions) -> SourceOptions:
    """`options` with what concerns addresses and cameras, which takes PyAV to say."""
    from streamdepth.sources.live.reconnecting import Persistence
    from streamdepth.sources.video.source import VideoOptions

    return replace(
        options,
        video=VideoOptions(rtsp_transport=wanted.rtsp_transport),
        persistence=Persistence(wanted.reconnect, wanted.wait_for_source, wanted.frozen_after),
    )


def look_of(request: Request) -> Look:
    """How depth is to be shown; raises `UsageError` for a word that there is not."""
    from streamdepth.rendering import Look

    picture = request.picture
    return Look(
        layout=picture.layout,
        colormap=picture.colormap,
        alpha=picture.alpha,
        invert=picture.invert,
        legend=bool(picture.legend) and not request.only_a_window,
        cut_beyond=picture.cut_beyond,
        refine=picture.refine,
    )


def renderer_of(request: Request, look: Look, info: SourceInfo, stats: RunStats) -> Renderer:
    """The renderer of the stream that `info` describes."""
    from streamdepth.rendering import DepthRange, FrameRange, MovingRange, Renderer

    picture = request.picture
    shows_hud = bool(picture.hud) and not request.only_a_window  # else the window draws it in its own size
    # Pictures of a folder have nothing to do with each other; those of a video have.
    in_time = info.kind != "image" or info.rate is not None
    return Renderer(
        look=look,
        scale=MovingRange() if in_time else FrameRange(),
        locked=None if picture.range is None else DepthRange(*picture.range),
        stabilise=picture.stabilise and in_time,
        hud=_hud(stats, interpolates=picture.interpolate) if shows_hud else None,
    )


def words_of(request: Request, renderer: Renderer, stats: RunStats) -> Words | None:
    """What a window tells beside the picture, where it is all there is: then nothing need be in the picture itself."""
    from streamdepth.rendering import Words

    if not request.only_a_window:
        return None
    picture = request.picture
    hud = None if picture.hud is False else _hud(stats, interpolates=picture.interpolate)
    return Words(renderer, hud, legend=picture.legend is not False)


def _hud(stats: RunStats, *, interpolates: bool) -> Callable[[], HudFigures]:
    from streamdepth.rendering import HudFigures

    if interpolates:
        return lambda: HudFigures(*stats.recent(), stats.recent_pictures())
    return lambda: HudFigures(*stats.recent())


def check_display(request: Request) -> None:
    """A window where none can be opened; raises `DisplayMissing`."""
    if not request.shows_window:
        return
    from streamdepth.sinks.window.sink import display_available

    if not display_available(request.environ):
        cure = (
            "add --webrtc to watch in a browser, or name a file with --output"
            if not request.output.window
            else "leave --window out, or run it on a desktop"
        )
        raise DisplayMissing("there is no display to open a window on", cure)


def open_outputs(
    request: Request, source: Source, renderer: Renderer, stats: RunStats, console: Console
) -> list[Sink]:
    """Files and window; raises `SinkError`."""
    from streamdepth.sinks import open_depth_sink, open_window

    sinks: list[Sink] = []
    if request.output.output is not None:
        sinks.append(_open_output(request, request.output.output, source, console))
    if request.output.depth_output is not None:
        sinks.append(open_depth_sink(request.output.depth_output, source))
    if request.shows_window:
        sinks.append(
            open_window(
                _title(source.info),
                renderer,
                environ=request.environ,
                words=words_of(request, renderer, stats),
                pixel_aspect=source.info.sample_aspect,
                playback=source if isinstance(source, Playback) else None,
                notify=lambda line: tell(console, line),
            )
        )
    return sinks


def _open_output(request: Request, path: Path, source: Source, console: Console) -> Sink:
    """The file; of a live source beside what somebody watches, which goes on where the recording cannot."""
    from streamdepth.sinks import open_sink
    from streamdepth.sinks.recording import ExpendableSink, SegmentOptions, SegmentSink

    output, info = request.output, source.info
    sink: Sink
    if output.segment is None:
        sink = open_sink(path, source)
        _tell_name(sink, path, console)
    elif info.live and path.suffix.lower() == ".mp4":
        options = SegmentOptions(output.segment, output.keep)
        sink = SegmentSink(path, info, options, notify=lambda line: tell(console, line))
    else:
        raise UsageError("--segment is for an .mp4 of a live input", "leave it out, or add --live")
    is_watched = info.live and (request.shows_window or request.goes_out_live)
    return ExpendableSink(sink, lambda line: warn(console, line)) if is_watched else sink


def _tell_name(sink: Sink, wanted: Path, console: Console) -> None:
    from streamdepth.sinks.movie.sink import Mp4Sink

    if isinstance(sink, Mp4Sink) and sink.path.name != resolved(wanted).name:
        tell(console, f"{wanted} is there already and stays; this recording is {sink.path}")


def _title(info: SourceInfo) -> str:
    return f"streamdepth: {info.kind} {info.width}x{info.height}"


def frames_to_come(info: SourceInfo, amount: AmountOptions) -> int | None:
    """How many frames there will be, for the progress bar; None where nobody knows."""
    by_duration = int(amount.duration * info.rate) if amount.duration and info.rate else None
    return min((n for n in (info.frame_count, amount.frames, by_duration) if n is not None), default=None)


def limits_of(request: Request) -> Limits:
    """How much of the source is taken."""
    amount = request.amount
    return Limits(max_fps=amount.max_fps, duration=amount.duration, frames=amount.frames)
