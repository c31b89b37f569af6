"""From a spec to the outputs on this machine: files and the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamdepth.errors import DisplayMissing, UsageError
from streamdepth.files import resolved
from streamdepth.frames import SourceInfo
from streamdepth.protocols import Inputs, Playback, Sink, Source
from streamdepth.reporting.events import Observe, OutputRenamed, OutputReplaced, Said
from streamdepth.reporting.report import EngineFacts
from streamdepth.run.inputs import check_inputs
from streamdepth.run.spec import RunSpec

if TYPE_CHECKING:
    from streamdepth.rendering import Look, Renderer, Words
    from streamdepth.resuming.resumable_output import ResumableOutput
    from streamdepth.sinks.depth.options import DepthOptions
    from streamdepth.sinks.movie.options import MovieOptions


def check_display(spec: RunSpec, environ: Mapping[str, str], observe: Observe) -> None:
    """A window where none can be opened; raises `DisplayMissing`, or what is wrong with the input, if anything is."""
    if not spec.shows_window:
        return
    from streamdepth.sinks.window.sink import display_available

    if not display_available(environ):
        check_inputs(spec, observe, [] if spec.input.input is None else [spec.input.input])
        cure = (
            "add --webrtc to watch in a browser, or name a file with --output"
            if not spec.output.window
            else "leave --window out, or run it on a desktop"
        )
        raise DisplayMissing("there is no display to open a window on", cure)


def open_files(
    spec: RunSpec,
    source: Source,
    observe: Observe,
    depth: DepthOptions,
    resumable: ResumableOutput | None = None,
) -> list[Sink]:
    """The picture's file, that of `resumable` if given, and those of depth, as far as named; raises `SinkError`.

    Depth is first: until it is written, which may take long in the end, the film stays a part to be gone on with.
    """
    from streamdepth.sinks import open_depth_sink

    sinks: list[Sink] = []
    if spec.output.output is not None:
        borders = resumable if resumable is not None and resumable.has_film else None
        sinks.append(_open_output(spec, spec.output.output, source, observe, borders))
    if spec.output.depth_output is not None:
        try:
            written = open_depth_sink(spec.output.depth_output, source, depth)
            sinks.insert(0, _outlived(written, spec, source.info, observe))
        except BaseException:
            for sink in sinks:  # of a recording there is an empty file already
                sink.close(complete=False)
            raise
    for path in replaced(spec) if not source.info.live else ():
        observe(OutputReplaced(path))
    return sinks


def replaced(spec: RunSpec) -> Iterator[Path]:
    """The files that a render replaces; those in a folder are not looked for, and what is live replaces none."""
    return (path for path in spec.output.places if path.is_file())


def open_preview(
    source: Source,
    renderer: Renderer,
    words: Words | None,
    engine: Callable[[], EngineFacts | None],
    environ: MutableMapping[str, str],
    observe: Observe,
) -> Sink:
    """The window, with `words` beside the picture; metres are learnt of `engine`'s depth. Raises `SinkError`."""
    from streamdepth.metres.by_clicks import ByClicks
    from streamdepth.metres.calibrate import Network
    from streamdepth.sinks import open_window

    def network() -> Network | None:
        facts = engine()
        return None if facts is None else Network(facts.name, facts.sha256)

    return open_window(
        _title(source.info),
        renderer,
        environ=environ,
        words=words,
        playback=source if isinstance(source, Playback) else None,
        inputs=source if isinstance(source, Inputs) else None,
        distances=ByClicks(renderer, network),
        notify=lambda line: observe(Said(line)),
    )


def open_virtual_camera(spec: RunSpec, look: Look, info: SourceInfo, observe: Observe) -> list[Sink]:
    """The camera that other programs see, where it is wanted; raises `SinkError`."""
    if not spec.output.virtual_camera:
        return []
    from streamdepth.rendering.layouts.registry import layout_named
    from streamdepth.sinks.virtual_camera.sink import VirtualCameraSink

    size = layout_named(look.layout).size((info.width, info.height))
    sink = VirtualCameraSink(size, info.rate, spec.output.virtual_device)
    observe(Said(f"other programs see it as the camera {sink.device}"))
    return [sink]


def open_figures(spec: RunSpec, reports: Callable[[], Mapping[str, Mapping[str, Any]]]) -> list[Sink]:
    """What shows figures where that is asked for, of cameras by their names; raises `UsageError` and `SinkError`."""
    if spec.output.metrics is None:
        return []
    from streamdepth.http.figures_service import FiguresService
    from streamdepth.http.live_figures import live_text

    return [FiguresService(spec.output.metrics, lambda: live_text(reports()))]


def _open_output(
    spec: RunSpec, path: Path, source: Source, observe: Observe, resumable: ResumableOutput | None
) -> Sink:
    from streamdepth.sinks import open_sink
    from streamdepth.sinks.segments import SegmentOptions, SegmentSink

    output, info = spec.output, source.info
    movie = _movie_options(spec, path)
    borders = {} if resumable is None else {"borders": resumable}
    sink: Sink
    if output.segment is None:
        sink = open_sink(path, source, **movie, **borders)
        _report_name(sink, path, observe)
    elif info.live and movie:
        options = SegmentOptions(output.segment, output.keep)
        sink = SegmentSink(
            path, info, options, notify=lambda line: observe(Said(line)), movie=movie["options"]
        )
    else:
        raise UsageError("--segment is for a movie of a live input", "leave it out, or add --live")
    return _outlived(sink, spec, info, observe)


def _outlived(sink: Sink, spec: RunSpec, info: SourceInfo, observe: Observe) -> Sink:
    """A file; of a live source beside what somebody watches, which goes on where the recording cannot."""
    from streamdepth.sinks.expendable import ExpendableSink

    is_seen = info.live and spec.is_watched
    return ExpendableSink(sink, lambda line: observe(Said(line, is_warning=True))) if is_seen else sink


def _movie_options(spec: RunSpec, path: Path) -> dict[str, MovieOptions]:
    """Options for the writer of a movie; none for any other."""
    from streamdepth.sinks.movie.containers import container_of
    from streamdepth.sinks.movie.options import MovieOptions

    return {} if container_of(path) is None else {"options": MovieOptions(**vars(spec.encoding))}


def _report_name(sink: Sink, wanted: Path, observe: Observe) -> None:
    from streamdepth.sinks.movie.sink import MovieSink

    if isinstance(sink, MovieSink) and sink.path.name != resolved(wanted).name:
        observe(OutputRenamed(wanted, sink.path))


def _title(info: SourceInfo) -> str:
    return f"streamdepth: {info.kind} {info.width}x{info.height}"
