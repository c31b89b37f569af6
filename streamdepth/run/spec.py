"""What is wanted of a run, as plain values: the command line builds them, and any Python program may.

    RunSpec(input=InputSpec(input="street.mp4"), output=OutputSpec(output=Path("depth.mp4")))

Each default stands here and nowhere else. What a value must be beyond its type stands beside it, as a `Rule`;
`streamdepth.run.checks` says what is wrong with a spec.
"""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Literal

from streamdepth.models.input_sizes import USUAL_SIZE
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.promise.spec import PromiseSpec
from streamdepth.run.rules import ABOVE_ZERO, DEGREES, GRID, RULE, ZERO_OR_ABOVE, Rule, one_of
from streamdepth.run.sessions.spec import SessionSpec
from streamdepth.values import dataclass, field

DepthFormat = Literal["png", "tiff", "exr", "npz", "npy", "pfm"]
DepthRangeOf = Literal["clip", "frame"]
DepthSize = Literal["network", "source"]
NetworkGives = Literal["relative", "inverse", "distance", "metres"]
RtspTransport = Literal["tcp", "udp"]

_PERCENT = Rule("from 0 to 20", lambda value: 0 <= value <= 20)
_SHARE = Rule("from 0 to 1", lambda value: 0 <= value <= 1)
_AHEAD = Rule("from 0 to 10", lambda value: 0 <= value <= 10)
_SIZE = Rule("a width and a height above 0, as in (1280, 720)", lambda size: len(size) == 2 and min(size) > 0)
_RISING = Rule(
    "global, or two rising numbers, as in (0.5, 12.0)",
    lambda pair: pair == "global" or (len(pair) == 2 and pair[0] < pair[1]),
)


@dataclass(frozen=True)
class InputSpec:
    """Where frames come from: either `camera` or `input` is named."""

    camera: str | None = None
    """A camera by number (`0`), by its name or a part of it, or by its device path."""
    input: str | None = None
    """A file, an address, an image, a folder or a pattern of images, `demo`, or `browser`."""
    switch_to: tuple[str, ...] = ()
    """Other inputs that viewers of the page may choose."""
    camera_size: tuple[int, int] | None = field(default=None, metadata={RULE: _SIZE})
    """(width, height) to ask of a camera, a browser or the demo; None leaves it to them."""
    camera_fps: Fraction | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """Frames a second to ask of them."""
    max_pixels: int | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """Larger pictures are refused; None is the usual limit of each kind."""
    metres: Path | None = None
    """The calibration of this camera, as `streamdepth metres` writes it."""
    zones: Path | None = None
    """The .toml with the zones of this camera that are watched."""
    called: str | None = None
    """What it is called in events; None is its address without secrets, its device or its file."""
    input_fps: Fraction | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """Pictures a second of a folder or a pattern of images, which makes them a film; None is one a second."""


@dataclass(frozen=True)
class StreamSpec:
    """How an input is taken that does not wait."""

    live: bool = False
    """Whether a file or the demo is played at its own speed, with frames dropped as of a camera."""
    rtsp_transport: RtspTransport = field(default="tcp", metadata={RULE: one_of(RtspTransport)})
    """How an RTSP camera is to send; where it refuses, it may send the other way."""
    reconnect: bool = True
    """Whether an address that is lost is connected to again, for ever."""
    wait_for_source: bool = False
    """Whether an address that does not answer at the start is waited for, too."""
    frozen_after: float = field(default=10.0, metadata={RULE: ZERO_OR_ABOVE})
    """Seconds of one same picture after which a live address counts as frozen; 0 is never."""


@dataclass(frozen=True)
class OutputSpec:
    """Where depth goes; a window opens where nothing is named."""

    window: bool = False
    """Whether it is shown in a window."""
    output: Path | None = None
    """An .mp4, .mkv, .mov or .webm; a .png or .jpg for an image; a folder for a folder of images."""
    depth_output: Path | None = None
    """Depth as numbers: a folder, a file of a clip (.mkv, .npz, .npy) or of an image (.png, .tiff, .exr and others)."""
    webrtc: bool = False
    """Whether it is shown in browsers; it always is where the input is `browser`."""
    virtual_camera: bool = False
    """Whether other programs of this machine see it as a camera."""
    virtual_device: str | None = None
    """Which one: `/dev/video7`, or its name; None is the first."""
    publish: tuple[str, ...] = ()
    """Addresses at media servers to send it to."""
    events: tuple[str, ...] = ()
    """Where events of zones go: `-`, a .jsonl file, webhooks and MQTT brokers."""
    segment: float | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """Seconds after which the recording of a live input goes on in a new file."""
    keep: float | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """Seconds after which such a file is deleted; None keeps all."""
    resume: bool | Literal["any"] | None = None
    """Whether to go on with the film or depth that an earlier run left unfinished; `any`: under other conditions, too.

    False begins it anew, and None as well, unless more than a minute of work would be lost: then the run is refused.
    """
    cluster: str | None = None
    """What renders a film: `local`, workers of this machine, or the address of a Ray cluster; None is this process."""
    cluster_store: str | None = None
    """Where its machines hand files on that share no folder: `s3://BUCKET/FOLDER`, or another address of fsspec."""
    report: Path | None = None
    """The .json that gets the figures of the run."""
    metrics: str | None = None
    """`HOST:PORT` where Prometheus reads them while it goes on; the page has them at /metrics anyway."""
    manifest: bool = False
    """Whether what a movie holds is written beside it once it is complete, for `streamdepth verify`."""

    @property
    def places(self) -> tuple[Path, ...]:
        """The file or folder of the picture and that of depth, as far as they are named."""
        return tuple(path for path in (self.output, self.depth_output) if path is not None)


@dataclass(frozen=True)
class DepthFileSpec:
    """How depth is written as numbers."""

    depth_size: DepthSize = field(default="network", metadata={RULE: one_of(DepthSize)})
    """`network`, or `source`: enlarged to the size of the picture."""
    depth_range: DepthRangeOf | None = field(default=None, metadata={RULE: one_of(DepthRangeOf)})
    """What 16 bits span: `clip` or `frame`; None is `clip` for video, and `frame` for photos."""
    depth_format: DepthFormat = field(default="png", metadata={RULE: one_of(DepthFormat)})
    """Of the files in a folder."""
    depth_raw: bool = False
    """Whether it is what the network gave; else it is steadied as the picture is."""
    fov: float | None = field(default=None, metadata={RULE: DEGREES})
    """Degrees that the camera sees from left to right: for points (None: 60) and ROS (None: not written)."""


@dataclass(frozen=True)
class EncodingSpec:
    """How a movie is encoded; None is what is usual for its container and its codec."""

    codec: str | None = None
    """`h264`, `h265`, `av1`, `vp9`, `prores` or `ffv1`."""
    crf: int | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """Quality: 1 is the best, and what is the smallest file depends on the codec."""
    preset: str | None = None
    """Time spent on a small file, in the codec's words."""


@dataclass(frozen=True)
class PictureSpec:
    """How depth is shown."""

    layout: str = "overlay"
    """`overlay`, `depth`, `side-by-side`, `rgbd`, `stereo`, `anaglyph` or `focus`."""
    colormap: str = "inferno"
    """The name of a colour map."""
    alpha: float = 0.6
    """The share of depth in an overlay, from 0 to 1."""
    invert: bool = False
    """Whether the colours are turned around: near is dark."""
    range: tuple[float, float] | Literal["global"] | None = field(default=None, metadata={RULE: _RISING})
    """The values of the depth map that get the first and the last colour; None follows the scene.

    `global` is one range for the whole clip, which is gone through twice.
    """
    look_ahead: float = field(default=1.0, metadata={RULE: _AHEAD})
    """Seconds of a file that are looked ahead of what is drawn, so that depth and range are steadier; 0 is none."""
    scenes: Path | None = None
    """The cuts of a film, a time a line; where there is no such file, those that are found are written to it."""
    stabilise: bool = True
    """Whether depth is held still where nothing moves; never done for folders of images."""
    cut_beyond: float | None = None
    """What is farther than this share of the shown range is left blank: 0 is nearest, 1 farthest."""
    control_video: bool | int | None = field(default=None, metadata={RULE: GRID})
    """Whether it is to steer a network that makes videos; a number is what the sides are multiples of, else 16."""
    divergence: float = field(default=2.0, metadata={RULE: _PERCENT})
    """For two eyes: percent of the width by which the nearest and the farthest are apart between both."""
    convergence: float = field(default=0.5, metadata={RULE: _SHARE})
    """For two eyes: what lies in the screen, as a share of the shown range; 0 is the nearest, 1 the farthest."""
    focus: float = field(default=0.0, metadata={RULE: _SHARE})
    """What is sharp in the layout `focus`, as a share of the shown range: 0 is the nearest, 1 the farthest."""
    refine: bool = False
    """Whether the edges of depth are snapped to those of the picture."""
    skip_still: bool = False
    """Whether pictures that hardly differ from the last one that was inferred have its depth."""
    interpolate: bool = False
    """Whether a live run shows every picture, with the last depth moved along between inferences."""
    legend: bool | None = None
    """Whether it is drawn which colour is near; None: when only a window is open."""
    hud: bool | None = None
    """Whether rate, latency and drops are drawn; None: when only a window is open."""


@dataclass(frozen=True)
class NetworkSpec:
    """The network and how it runs."""

    model: str = "auto"
    """`auto`, the name of a network, or the path of a file."""
    engine: str = "auto"
    """`auto`, `torch`, `torchscript`, `onnxruntime` or `openvino`."""
    precision: str = "auto"
    """`auto` (the fastest that agrees with fp32), `fp32`, `bf16` or `int8`."""
    normalisation: str | None = None
    """For network files of others: `imagenet`, `half`, `none`, or six numbers; None is `imagenet`."""
    depth_kind: NetworkGives | None = field(default=None, metadata={RULE: one_of(NetworkGives)})
    """For network files of others: `relative` inverse depth (as None), `inverse` metres, `distance`, or `metres`."""
    size: int = field(default=USUAL_SIZE, metadata={RULE: ABOVE_ZERO})
    """The longer side of the network's input in pixels."""
    threads: int | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """How many work on one picture; None is one a core."""
    side_by_side: bool = False
    """Whether several pictures are worked on at a time; of a run `RunSpec.wanted_network` knows it."""


@dataclass(frozen=True)
class AmountSpec:
    """How much of the input is taken; all of it where nothing is named."""

    start: Fraction | None = field(default=None, metadata={RULE: ZERO_OR_ABOVE})
    """Seconds of a recording that are left out at its begin: the first picture is the first one from there on."""
    end: Fraction | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """When it ends, in seconds of the recording: pictures from there on are left out."""
    max_fps: Fraction | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """The most frames a second."""
    duration: Fraction | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """Seconds of the input, live from the first picture that is worked on; None is 10 for the demo in a file."""
    frames: int | None = field(default=None, metadata={RULE: ABOVE_ZERO})
    """The most frames."""


@dataclass(frozen=True)
class RunSpec:
    """Everything that is wanted of a run."""

    input: InputSpec = InputSpec()
    stream: StreamSpec = StreamSpec()
    output: OutputSpec = OutputSpec()
    depth: DepthFileSpec = DepthFileSpec()
    picture: PictureSpec = PictureSpec()
    network: NetworkSpec = NetworkSpec()
    amount: AmountSpec = AmountSpec()
    web: WebSpec = field(default_factory=WebSpec)
    encoding: EncodingSpec = EncodingSpec()
    promise: PromiseSpec = field(default_factory=PromiseSpec)
    session: SessionSpec = field(default_factory=SessionSpec)

    @property
    def inputs(self) -> tuple[str, ...]:
        """All inputs that are named by a path, a word or an address; the first is shown first."""
        first = () if self.input.input is None else (self.input.input,)
        return (*first, *self.input.switch_to)

    @property
    def wanted_network(self) -> NetworkSpec:
        """What is loaded: for as many pictures a second as can be had where nobody waits for one of them."""
        return replace(self.network, side_by_side=self.network.side_by_side or self._is_film)

    @property
    def _is_film(self) -> bool:
        from streamdepth.sources import is_live

        wanted = self.input
        return not (self.takes_live or wanted.camera is not None or is_live(wanted.input or ""))

    @property
    def writes_files(self) -> bool:
        """Whether every frame must be rendered because a file wants it."""
        return self.output.output is not None or self.output.depth_output is not None

    @property
    def leaves_parts(self) -> bool:
        """Whether a process that is killed amid it leaves unfinished files under names of their own."""
        return self.writes_files or self.session.record is not None

    @property
    def is_for_events_alone(self) -> bool:
        """Whether every frame is watched by zones and by nobody else."""
        return bool(self.output.events) and not (self.writes_files or self.is_watched or self.session.record)

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
    def is_watched(self) -> bool:
        """Whether somebody sees it while it is made."""
        return self.shows_window or self.goes_out_live or self.output.virtual_camera

    @property
    def shows_window(self) -> bool:
        """A window is what there is when nothing else is named."""
        return self.output.window or self.only_a_window

    @property
    def only_a_window(self) -> bool:
        """Whether only a person at this screen watches: then words are drawn on the picture."""
        output, record = self.output, self.session.record
        seen = self.goes_out_live or output.virtual_camera
        return not (self.writes_files or seen or output.events or record)

    @property
    def sizes_may_change(self) -> bool:
        """Whether all outputs take pictures of another size in the middle: a file, a window and a camera do not."""
        return not (self.writes_files or self.shows_window or self.output.virtual_camera)

    @property
    def plays_again(self) -> bool:
        """Whether a file that is over starts again: with the page as the only output, unless an end is named."""
        return self.output.webrtc and self.sizes_may_change and not self.output.publish and not self._ends

    @property
    def _ends(self) -> bool:
        amount = self.amount
        return not (amount.duration is None and amount.frames is None and amount.end is None)

    @property
    def waits_for_viewer(self) -> bool:
        """Whether a recording is shown in a window only, where it can be paused, searched and ended."""
        others = self.writes_files or self.output.publish or self.output.virtual_camera
        watched_only = self.shows_window and not others
        return watched_only and not (self.input.switch_to or self._ends)

    @property
    def takes_live(self) -> bool:
        """Whether an input that could wait is played at its own speed."""
        return self.stream.live or not (self.writes_files or self.is_for_events_alone)
