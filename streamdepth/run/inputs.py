"""From a spec to an open source: the input itself, at its own speed where that is wanted, and what may follow it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.addresses import is_remote
from streamdepth.errors import UsageError
from streamdepth.frames import SourceInfo
from streamdepth.pipeline import Limits
from streamdepth.pixel_limit import WORTH_REPORTING, available_memory, memory_of
from streamdepth.protocols import Seekable, Source
from streamdepth.reporting.events import InputOpened, MuchMemory, Observe, PictureASecond, Said
from streamdepth.run.checks import is_picture_a_second, unused_options
from streamdepth.run.control_video import grid_of
from streamdepth.run.spec import AmountSpec, RunSpec
from streamdepth.threads.aside import run_aside

if TYPE_CHECKING:
    from streamdepth.sources import SourceOptions
    from streamdepth.sources.live.switching import Input

DEMO_SECONDS = Fraction(10)
_A_FILM = (
    "it is a film and is played like a camera: pictures for which there is no time are left out (for all of them, "
    "name the films in a list, as in @films.txt)"
)
"""Of an address that hides what it is, among several."""


def open_input(spec: RunSpec, observe: Observe, is_stopped: Callable[[], bool] = lambda: False) -> Source:
    """What is shown at first, again and again for viewers alone, and with `switch_to` whatever they choose.

    What is live stands by until it is read. Raises as `open_source` does, also for what is yet to be chosen, as far as
    that can be known. An address that is waited for is left once `is_stopped`.
    """
    from streamdepth.sources.live.stream import StandsBy

    source = _opened(spec, observe, is_stopped)
    records = spec.session.record is not None  # what is left out would be what its first pictures lean on
    if isinstance(source, StandsBy) and not records:
        source.stand_by()
    return source


def _opened(spec: RunSpec, observe: Observe, is_stopped: Callable[[], bool]) -> Source:
    from streamdepth.sources.replay.paced import PacedSource

    check_inputs(spec, observe, spec.input.switch_to)
    first = _open_first(spec, replace(_source_options(spec, observe), is_stopped=is_stopped), observe)
    begins_again = spec.plays_again and isinstance(first, PacedSource)
    if not (spec.input.switch_to or begins_again):
        return first
    from streamdepth.sources.live.switching import SwitchingSource

    size = None if spec.sizes_may_change else (first.info.width, first.info.height)
    try:
        return SwitchingSource(
            first, _choices(spec, observe), size=size, notify=lambda line: observe(Said(line))
        )
    except UsageError:
        first.close()
        raise


def is_without_depth(spec: RunSpec) -> bool:
    """Whether it is sure, before the input is open, that it brings no depth: a camera, an address, or the demo."""
    from streamdepth.sources import is_read_as_pictures

    return spec.input.camera is not None or is_read_as_pictures(str(spec.input.input))


def check_inputs(spec: RunSpec, observe: Observe, inputs: Iterable[str]) -> None:
    """A name that was mistyped is refused now, and not hours later when a viewer chooses it."""
    from streamdepth.sources import check_source

    for named in inputs:
        options = _source_options(spec, observe, named)
        run_aside("checking", partial(check_source, named, options))


def _open_first(spec: RunSpec, options: SourceOptions, observe: Observe) -> Source:
    """The source, at its own speed where nobody asks for every frame."""
    from streamdepth.sources import open_camera, open_source

    wanted = spec.input
    if wanted.camera is not None:  # on the main thread: macOS asks for permission there
        return open_camera(wanted.camera, options)
    source = run_aside("opening", lambda: as_wanted(open_source(str(wanted.input), options), spec))
    if not spec.takes_live:
        return source
    if (
        wanted.called is not None
        and spec.writes_files
        and is_remote(str(wanted.input))
        and not source.info.live
    ):
        observe(Said(_A_FILM, is_warning=True))
    return _played(source, for_viewer=spec.waits_for_viewer)


def as_wanted(source: Source, spec: RunSpec) -> Source:
    """The part that is wanted, at a constant rate where that is, or as a picture by itself."""
    from streamdepth.sources.constant_rate import ConstantRate
    from streamdepth.sources.one_picture import OnePicture

    part = _excerpt(source, spec.amount)
    if is_for_a_picture(spec) and not part.info.live:
        return OnePicture(part)
    return part if grid_of(spec) is None else ConstantRate(part, spec.amount.max_fps)


def is_for_a_picture(spec: RunSpec) -> bool:
    """Whether one frame is wanted, and a file is named that holds one: a picture, or a map of depth."""
    if spec.amount.frames != 1 or spec.takes_live or not spec.writes_files:
        return False
    from streamdepth.depthfiles.formats import CLIPS, WRITTEN
    from streamdepth.sinks.images.suffixes import IMAGE_SUFFIXES
    from streamdepth.sinks.movie.containers import container_of

    picture, depth = spec.output.output, spec.output.depth_output
    if picture is not None and container_of(picture) is not None:
        return False
    return _ends_in(picture, IMAGE_SUFFIXES) or _ends_in(depth, {*WRITTEN} - {*CLIPS})


def _ends_in(path: Path | None, suffixes: Container[str]) -> bool:
    return path is not None and path.suffix.lower() in suffixes and not path.is_dir()


def _excerpt(source: Source, amount: AmountSpec) -> Source:
    """What is wanted of a recording; all of it where no time is named."""
    from streamdepth.sources.excerpt import Excerpt

    if amount.start is None and amount.end is None:
        return source
    start, ends = amount.start or Fraction(0), amount.end
    if amount.duration is not None:
        until = start + amount.duration
        ends = until if ends is None else min(until, ends)
    return Excerpt(source, start, ends)


def _played(source: Source, *, for_viewer: bool = False) -> Source:
    """`source` at its own speed, where it could wait; `for_viewer`, as a viewer at this screen says."""
    from streamdepth.sources.replay.paced import HeldPicture, PacedSource
    from streamdepth.sources.replay.player import Player

    if source.info.live:
        return source
    if source.info.kind == "image" and source.info.frame_count == 1:
        return HeldPicture(source)
    return Player(source) if for_viewer and isinstance(source, Seekable) else PacedSource(source)


def _choices(spec: RunSpec, observe: Observe) -> list[Input]:
    """All inputs that viewers may choose from; the first is the one that the run began with."""
    from streamdepth.sources import open_camera, open_source
    from streamdepth.sources.live.switching import Input, names_of

    wanted, others = spec.input, spec.input.switch_to
    first = f"camera {wanted.camera}" if wanted.camera is not None else str(wanted.input)

    def open_first() -> Source:
        options = _for_choosing(_source_options(spec, observe))
        if wanted.camera is not None:
            return open_camera(wanted.camera, options)
        return _played(open_source(str(wanted.input), options))

    def opens(named: str) -> Callable[[], Source]:
        options = _for_choosing(_source_options(spec, observe, named))
        return lambda: _played(open_source(named, options))

    openers = [open_first, *map(opens, others)]
    return [Input(name, opener) for name, opener in zip(names_of([first, *others]), openers, strict=True)]


def _for_choosing(options: SourceOptions) -> SourceOptions:
    """`options` of an input that is opened while another is shown: live, without end, and not waited for."""
    patient = options.persistence
    return replace(
        options,
        live=True,
        duration=None,
        persistence=patient and replace(patient, wait_for_source=False),
    )


def _source_options(spec: RunSpec, observe: Observe, named: str | None = None) -> SourceOptions:
    """What an input is asked for: the one that is `named`, or the one that the run begins with."""
    from streamdepth.sources import SourceOptions

    wanted = spec.input
    # Live, the run ends it, which counts from the first picture that is worked on.
    demo_duration = None if spec.takes_live else spec.amount.duration or DEMO_SECONDS
    options = SourceOptions(
        size=wanted.camera_size,
        rate=wanted.camera_fps,
        polls=spec.takes_live or spec.is_for_events_alone,
        picture_rate=wanted.input_fps,
        max_pixels=wanted.max_pixels,
        keeps_bits=_keeps_bits(spec),
        same_size=not spec.sizes_may_change,
        live=spec.takes_live,
        duration=demo_duration,
        notify=lambda line: observe(Said(line)),
    )
    is_camera = named is None and wanted.camera is not None
    comes_back = is_camera or is_remote(named or str(wanted.input))
    return _lasting(options, spec) if comes_back else options


def _keeps_bits(spec: RunSpec) -> bool:
    """Whether a movie is written that has the 10 bits of its source: an overlay in a codec that was named for that."""
    from streamdepth.sinks.movie.codecs import CODECS
    from streamdepth.sinks.movie.containers import container_of

    output, codec = spec.output.output, CODECS.get(spec.encoding.codec or "")
    is_overlay = spec.picture.layout == "overlay" and grid_of(spec) is None
    is_film = output is not None and container_of(output) is not None and not spec.takes_live
    return is_film and is_overlay and codec is not None and bool(codec.deep)


def _lasting(options: SourceOptions, spec: RunSpec) -> SourceOptions:
    """`options` with what concerns addresses and cameras, which takes PyAV to say."""
    from streamdepth.sources.live.reconnecting import Persistence
    from streamdepth.sources.video.source import VideoOptions

    stream = spec.stream
    return replace(
        options,
        video=VideoOptions(rtsp_transport=stream.rtsp_transport),
        persistence=Persistence(stream.reconnect, stream.wait_for_source, stream.frozen_after),
    )


def frames_to_come(info: SourceInfo, amount: AmountSpec) -> int | None:
    """How many frames there will be, for the progress bar; None where nobody knows."""
    by_duration = int(amount.duration * info.rate) if amount.duration and info.rate else None
    return min((n for n in (info.frame_count, amount.frames, by_duration) if n is not None), default=None)


def limits_of(amount: AmountSpec) -> Limits:
    """How much of the source is taken."""
    return Limits(max_fps=amount.max_fps, duration=amount.duration, frames=amount.frames)


def much_memory(info: SourceInfo, free: int | None, *, to_film: bool) -> MuchMemory | None:
    """What pictures of this size take of the bytes that are `free`, where that is worth telling."""
    needed = memory_of(info, to_film=to_film)
    if needed < WORTH_REPORTING:
        return None
    return MuchMemory((info.width, info.height), needed, free)


def report_input(spec: RunSpec, info: SourceInfo, observe: Observe) -> None:
    """Report an input that is open, its memory if that is much, and the options that have no effect on it."""
    observe(InputOpened(info))
    much = much_memory(info, available_memory(), to_film=spec.output.output is not None)
    if much is not None:
        observe(much)
    for unused in unused_options(spec, info):
        observe(unused)
    if is_picture_a_second(spec, info):
        observe(PictureASecond())
