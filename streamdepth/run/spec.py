"""What was asked for on the command line, and what can be wrong about it before anything is opened."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path

from streamdepth.addresses import is_remote, local_path, scheme_of
from streamdepth.cli.options import (
    AmountOptions,
    InputOptions,
    LogOptions,
    NetworkOptions,
    OutputOptions,
    PictureOptions,
    RunOptions,
    WebOptions,
)
from streamdepth.errors import UsageError
from streamdepth.files import part_path, resolved
from streamdepth.frames import SourceInfo
from streamdepth.reporting.report import check_report_place
from streamdepth.run.places import Place, check_apart, check_name, network_files, reads, writes
from streamdepth.sinks.picture_files import may_hold

_ASKED = frozenset({"camera", "demo", "browser"})
"""Kinds of input that can be asked for a size and a rate."""


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
    def takes_browser(self) -> bool:
        """Whether the input is what browsers send."""
        return self.input.input == "browser"

    @property
    def serves_web(self) -> bool:
        """Whether there is a web service: a browser's camera comes in by it."""
        return self.output.webrtc or self.takes_browser

    @property
    def goes_out_live(self) -> bool:
        """Whether it is encoded for the network: for browsers, or for media servers."""
        return self.serves_web or bool(self.output.publish)

    @property
    def shows_window(self) -> bool:
        """A window is what there is when nothing else is named."""
        return self.output.window or self.only_a_window

    @property
    def only_a_window(self) -> bool:
        """Whether nobody but who sits here looks: then words are drawn on the picture."""
        return not (self.writes_files or self.goes_out_live)

    @property
    def sizes_may_change(self) -> bool:
        """Whether all outputs take pictures of another size in the middle: a file and a window do not."""
        return not (self.writes_files or self.shows_window)

    @property
    def plays_again(self) -> bool:
        """Whether what is over begins anew: on the page alone, for whoever opens it later, unless an end is named."""
        return self.output.webrtc and self.sizes_may_change and not self.output.publish and not self._ends

    @property
    def _ends(self) -> bool:
        return self.amount.duration is not None or self.amount.frames is not None

    @property
    def waits_for_viewer(self) -> bool:
        """Whether a recording is for a viewer at this screen, who pauses it, moves within it and ends the run."""
        watched_only = self.shows_window and not (self.writes_files or self.output.publish)
        return watched_only and not (self.input.switch_to or self._ends)

    @property
    def takes_live(self) -> bool:
        """Whether an input that could wait is played at its own speed."""
        return self.input.live or not self.writes_files


def check(request: Request) -> None:
    """Whatever is wrong in the words themselves; raises `UsageError`, and `SinkError` for the report's place."""
    given = [name for name in ("camera", "input") if getattr(request.input, name) is not None]
    if len(given) != 1:
        what = "two inputs were given" if given else "no input was given"
        raise UsageError(what, "name one: --camera 0, --input FILE_OR_URL, or --input demo")
    if request.input.switch_to and (request.takes_browser or "browser" in request.input.switch_to):
        raise UsageError("--switch-to does not go with a browser's camera", "leave one of the two out")
    if request.input.switch_to and not request.output.webrtc:
        raise UsageError("--switch-to is for viewers of the page to choose", "add --webrtc, or leave it out")
    if request.web.open and not request.serves_web:
        raise UsageError("--open is for the page, and there is none", "add --webrtc, or leave it out")
    _check_names(request)
    _check_segments(request)
    check_apart(places_of(request))
    if request.output.report is not None:
        check_report_place(request.output.report)


def _check_names(request: Request) -> None:
    given = request.output
    for spec in (request.input.input, *(request.input.switch_to or ())):
        if spec is not None and (file := local_path(spec)) is not None:
            check_name("the input", file)
    check_name("--model", Path(request.network.model))
    for option, path in (
        ("--output", given.output),
        ("--depth-output", given.depth_output),
        ("--report", given.report),
    ):
        if path is not None:
            check_name(option, path)


def _check_segments(request: Request) -> None:
    output = request.output
    if output.segment is not None and output.output is None:
        raise UsageError("--segment is for a recording, and there is none", "add --output NAME.mp4")
    if output.keep is not None and output.segment is None:
        raise UsageError("--keep deletes files that --segment made", "add --segment, or leave it out")


def places_of(request: Request) -> Iterator[Place]:
    """Every file and folder that a run would read or write."""
    from streamdepth.sources import files_of

    wanted, given = request.input, request.output
    inputs = files_of(wanted.input) if wanted.input is not None else []
    yield from reads("--input", *inputs)
    for spec in wanted.switch_to or ():
        yield from reads("--switch-to", *files_of(spec))
    named = {"--config": request.run.config, "--cert": request.web.cert, "--key": request.web.key}
    for option, path in named.items():
        yield from reads(option, *([] if path is None else [path]))
    yield from reads("--model", *network_files(request.network.model))
    if given.output is not None:
        yield from _outputs("--output", given.output, inputs, [".png"])
    if given.depth_output is not None:
        yield from _outputs("--depth-output", given.depth_output, inputs, [".png", ".json"])
    if given.report is not None:
        yield from writes("--report", given.report)


def _outputs(option: str, path: Path, inputs: Sequence[Path], suffixes: Sequence[str]) -> list[Place]:
    """What a sink writes: a file with those beside it and their unfinished parts, or a folder and what it may hold."""
    if path.is_dir() or not path.suffix:
        stems = [picture.stem for picture in inputs]
        return writes(option, path, holds=lambda name: may_hold(name, suffixes, stems))
    files = [path, *(path.with_suffix(suffix) for suffix in suffixes[1:])]
    return writes(option, *files, *(part_path(resolved(file)) for file in files))


def check_interpolation(request: Request, info: SourceInfo) -> None:
    """`--interpolate` where it has no meaning; raises `UsageError`."""
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


def without_effect(request: Request, info: SourceInfo) -> Iterator[str]:
    """A sentence on each option that was given and changes nothing for the input that `info` describes."""
    wanted, usual = request.input, InputOptions()
    specs = [spec for spec in (wanted.input, *(wanted.switch_to or ())) if spec is not None]
    is_many = info.kind == "image" and info.frame_count != 1
    asks = info.kind in _ASKED or wanted.camera is not None or bool(wanted.switch_to)
    comes_back = wanted.camera is not None or info.live or any(map(is_remote, specs))
    at_rtsp = any((scheme_of(spec) or "").startswith("rtsp") for spec in specs)
    concerns = {
        "camera_size": (asks, "cameras, browsers and the demo"),
        "camera_fps": (asks, "cameras, browsers and the demo; --input-fps is for a sequence of images"),
        "input_fps": (is_many, "a folder or pattern of images"),
        "rtsp_transport": (at_rtsp, "rtsp:// addresses"),
        "wait_for_source": (comes_back, "addresses and cameras"),
    }
    for name, (matters, whom) in concerns.items():
        if not matters and getattr(wanted, name) != getattr(usual, name):
            yield f"--{name.replace('_', '-')} has no effect here: it is for {whom}"
    if not request.serves_web:
        for name in _given(request.web, WebOptions()):
            if name != "ice_server" or not request.output.publish:
                yield f"--{name.replace('_', '-')} has no effect here: it is for --webrtc"


def _given(options: WebOptions, usual: WebOptions) -> list[str]:
    names = [option.name for option in fields(options)]
    return [name for name in names if getattr(options, name) != getattr(usual, name)]


def one_a_second(request: Request, info: SourceInfo) -> str | None:
    """What to say where a folder of pictures becomes a film at a rate that nobody named; None elsewhere."""
    output = request.output.output
    is_film = output is not None and output.suffix.lower() == ".mp4"
    if not is_film or info.kind != "image" or info.rate is not None or info.frame_count == 1:
        return None
    return "each picture is shown for a second; for a sequence, name its rate (--input-fps 25)"
