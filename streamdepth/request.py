"""What was asked for on the command line, and what can be wrong about it before anything is opened."""

from __future__ import annotations

from collections.abc import MutableMapping
from dataclasses import dataclass, field

from streamdepth.errors import UsageError
from streamdepth.frames import SourceInfo
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
from streamdepth.report import check_report_place


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
        ends = self.amount.duration is not None or self.amount.frames is not None
        return self.output.webrtc and self.sizes_may_change and not self.output.publish and not ends

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
    if request.writes_files and request.output.output == request.output.depth_output:
        raise UsageError("--output and --depth-output name the same place", "give each its own")
    if request.output.report is not None:
        check_report_place(request.output.report)


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
