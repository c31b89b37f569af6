"""The words of the command line as values: one frozen group a purpose, each field one option."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import Group, Parameter

from streamdepth.cli.option_values import (
    not_negative,
    positive,
    to_pixels,
    to_range,
    to_rate,
    to_seconds,
    to_size,
)
from streamdepth.reporting.logs import LogFormat, LogLevel

INPUT = Group("Input (one of the two)", sort_key=1)
OUTPUT = Group("Output (any number; a window when none is named)", sort_key=2)
PICTURE = Group("Picture", sort_key=3)
NETWORK = Group("Network", sort_key=4)
AMOUNT = Group("How much", sort_key=5)
WEB = Group("Web (with --webrtc)", sort_key=6)
RUN = Group("Run", sort_key=7)


def _one(group: Group, *names: str, help: str, **more: Any) -> Parameter:
    return Parameter(names or None, group=group, help=help, negative=(), show_default=False, **more)


def _switch(group: Group, help: str) -> Parameter:
    return Parameter(group=group, help=help, show_default=False)


@Parameter(name="*")
@dataclass(frozen=True)
class InputOptions:
    """Where frames come from."""

    camera: Annotated[
        str | None,
        _one(INPUT, metavar="CAMERA", help="Camera by number (0), name or part of it, or device path."),
    ] = None
    input: Annotated[
        str | None,
        _one(
            INPUT,
            metavar="PATH_OR_URL",
            help="A file, an rtsp:// or http(s):// address, an image, a folder or pattern (f*.png, f%04d.png) of "
            "images, demo, or browser (the camera that a browser or OBS sends).",
        ),
    ] = None
    switch_to: Annotated[
        list[str] | None,
        _one(
            INPUT,
            metavar="PATH_OR_URL",
            help="With --webrtc: another input that viewers may choose on the page; repeatable.",
        ),
    ] = None
    camera_size: Annotated[
        tuple[int, int] | None,
        _one(
            INPUT,
            metavar="WxH",
            help="Size to ask of the camera, the browser or the demo (default: the camera's own; else 1280x720).",
            converter=to_size,
            n_tokens=1,
        ),
    ] = None
    camera_fps: Annotated[
        Fraction | None,
        _one(
            INPUT,
            metavar="RATE",
            help="Frames a second to ask of the camera, the browser or the demo.",
            converter=to_rate,
            n_tokens=1,
        ),
    ] = None
    max_pixels: Annotated[
        int | None,
        _one(
            INPUT,
            metavar="N",
            help="Refuse larger pictures, as in 50M or 7680x4320 (default: 36M of a video, 128M of a photo).",
            converter=to_pixels,
            n_tokens=1,
        ),
    ] = None
    input_fps: Annotated[
        Fraction | None,
        _one(
            INPUT,
            metavar="RATE",
            help="Pictures a second of a folder or pattern of images, which makes them a film (default: one a second).",
            converter=to_rate,
            n_tokens=1,
        ),
    ] = None
    list_cameras: Annotated[
        bool, _one(INPUT, help="List the cameras here with their sizes and rates, and do nothing else.")
    ] = False
    live: Annotated[
        bool, _one(INPUT, help="Play a file or the demo at its own speed, dropping frames like a camera.")
    ] = False
    rtsp_transport: Annotated[
        Literal["tcp", "udp"], _one(INPUT, help="How an rtsp:// camera sends: tcp (default) or udp.")
    ] = "tcp"
    reconnect: Annotated[
        bool, _switch(INPUT, "Connect again, for ever, to a live address that is lost (default: yes).")
    ] = True
    wait_for_source: Annotated[
        bool, _one(INPUT, help="Also wait for an address that does not answer at the start.")
    ] = False
    frozen_after: Annotated[
        float,
        _one(
            INPUT,
            metavar="SECONDS",
            help="Tell that a live address shows one same picture after so long (default 10; 0: never).",
            validator=not_negative,
        ),
    ] = 10.0


@Parameter(name="*")
@dataclass(frozen=True)
class OutputOptions:
    """Where depth goes."""

    window: Annotated[bool, _one(OUTPUT, help="Show it in a window; press h there for the keys.")] = False
    output: Annotated[
        Path | None,
        _one(
            OUTPUT,
            "--output",
            "-o",
            help="An .mp4; a .png or .jpg for an image; a folder for a folder of images.",
        ),
    ] = None
    depth_output: Annotated[
        Path | None,
        _one(OUTPUT, help="Raw depth: a 16-bit .png for an image, else a folder of them; each with a .json."),
    ] = None
    webrtc: Annotated[
        bool,
        _one(
            OUTPUT,
            help="Show it in browsers: prints the address to open; see Web (always with --input browser).",
        ),
    ] = False
    publish: Annotated[
        list[str] | None,
        _one(
            OUTPUT,
            metavar="URL",
            help="Send it to a media server: rtsp://[USER:PASSWORD@]HOST/PATH or whip+http(s)://[TOKEN@]HOST/PATH; "
            "repeatable.",
        ),
    ] = None
    segment: Annotated[
        float | None,
        _one(
            OUTPUT,
            metavar="TIME",
            help="Record a live input into a new .mp4 every so often (30m, 1h, 1d), named by its time.",
            converter=to_seconds,
            n_tokens=1,
        ),
    ] = None
    keep: Annotated[
        float | None,
        _one(
            OUTPUT,
            metavar="TIME",
            help="With --segment: delete files of this recording that are older (7d).",
            converter=to_seconds,
            n_tokens=1,
        ),
    ] = None
    report: Annotated[Path | None, _one(RUN, help="Write the figures of the run to this .json.")] = None


@Parameter(name="*")
@dataclass(frozen=True)
class PictureOptions:
    """How depth is shown."""

    layout: Annotated[str, _one(PICTURE, help="overlay (default), depth or side-by-side.")] = "overlay"
    colormap: Annotated[
        str, _one(PICTURE, help="inferno (default), magma, viridis, turbo, gray and others.")
    ] = "inferno"
    alpha: Annotated[float, _one(PICTURE, help="Share of depth in an overlay, 0 to 1 (default 0.6).")] = 0.6
    invert: Annotated[bool, _one(PICTURE, help="Turn the colours around: near is dark.")] = False
    range: Annotated[
        tuple[float, float] | None,
        _one(
            PICTURE,
            metavar="LO,HI",
            help="auto (default: follows the scene), or LO,HI in values of the depth map as the HUD shows them.",
            converter=to_range,
            n_tokens=1,
            allow_leading_hyphen=True,
        ),
    ] = None
    stabilise: Annotated[
        bool,
        _switch(PICTURE, "Hold depth still where nothing moves (default: on, except for folders of images)."),
    ] = True
    cut_beyond: Annotated[
        float | None,
        _one(
            PICTURE,
            metavar="SHARE",
            help="Blank what is farther than this share of the shown range: 0 nearest, 1 farthest.",
        ),
    ] = None
    refine: Annotated[bool, _one(PICTURE, help="Snap the edges of depth to the edges of the picture.")] = (
        False
    )
    interpolate: Annotated[
        bool, _one(PICTURE, help="Live: show every picture, the last depth moved along, between inferences.")
    ] = False
    legend: Annotated[
        bool | None, _switch(PICTURE, "Draw which colour is near (default: when only a window is open).")
    ] = None
    hud: Annotated[
        bool | None, _switch(PICTURE, "Write rate, latency and drops (default: when only a window is open).")
    ] = None


@Parameter(name="*")
@dataclass(frozen=True)
class NetworkOptions:
    """The network and how it runs."""

    model: Annotated[
        str, _one(NETWORK, help="auto (default), midas-small, nano, or a file: weights, .onnx, or an export.")
    ] = "auto"
    engine: Annotated[
        str, _one(NETWORK, help="auto (default), torch, torchscript, onnxruntime or openvino.")
    ] = "auto"
    precision: Annotated[
        str,
        _one(NETWORK, help="auto (default: the fastest that agrees with fp32), fp32, bf16 or int8."),
    ] = "auto"
    normalisation: Annotated[
        str | None,
        _one(
            NETWORK,
            metavar="NAME",
            help="For a network file of others: imagenet (default), half, none, or six numbers: means, deviations.",
        ),
    ] = None
    size: Annotated[
        int, _one(NETWORK, help="Longer side of the network's input (default 256).", validator=positive)
    ] = 256
    threads: Annotated[
        int | None, _one(NETWORK, help="Intra-op threads (default: one a core).", validator=positive)
    ] = None


@Parameter(name="*")
@dataclass(frozen=True)
class AmountOptions:
    """How much of the input is taken."""

    max_fps: Annotated[
        Fraction | None,
        _one(
            AMOUNT,
            metavar="RATE",
            help="At most so many frames a second (default: all).",
            converter=to_rate,
            n_tokens=1,
        ),
    ] = None
    duration: Annotated[
        Fraction | None,
        _one(
            AMOUNT,
            metavar="SECONDS",
            help="Stop after so many seconds of the input, live from the first picture that is worked on (default: "
            "never; 10 for the demo in a file).",
            converter=to_rate,
            n_tokens=1,
        ),
    ] = None
    frames: Annotated[
        int | None, _one(AMOUNT, help="Stop after so many frames (default: never).", validator=positive)
    ] = None


@Parameter(name="*")
@dataclass(frozen=True)
class WebOptions:
    """Where viewers come in."""

    host: Annotated[
        str, _one(WEB, metavar="ADDRESS", help="Where to listen (default 127.0.0.1: this machine only).")
    ] = "127.0.0.1"
    port: Annotated[int, _one(WEB, help="Where to listen (default 8080; 0 takes any that is free).")] = 8080
    token: Annotated[
        str | None,
        _one(WEB, metavar="SECRET", help="Let only those in who have it; needed beyond this machine."),
    ] = None
    max_viewers: Annotated[int, _one(WEB, help="At most so many at once (default 16).")] = 16
    ice_server: Annotated[
        list[str] | None,
        _one(
            WEB,
            metavar="URL",
            help="stun:HOST:PORT or turn:USER:SECRET@HOST:PORT for viewers elsewhere, and for WHIP (default: none); "
            "repeatable.",
        ),
    ] = None
    open: Annotated[bool, _one(WEB, help="Open the page in the browser here as well.")] = False
    cert: Annotated[Path | None, _one(WEB, help="Certificate (.pem) for https, with --key.")] = None
    key: Annotated[Path | None, _one(WEB, help="Key (.pem) of the certificate.")] = None


@Parameter(name="*")
@dataclass(frozen=True)
class RunOptions:
    """Around the run."""

    config: Annotated[
        Path | None, _one(RUN, help="A .toml with any of these options; the command line wins.")
    ] = None
    cache_dir: Annotated[
        Path | None, _one(RUN, help="Where downloaded weights are kept (default: the user's cache folder).")
    ] = None
    verbose: Annotated[bool, _one(RUN, help="Show the whole traceback of an error.")] = False


@Parameter(name="*")
@dataclass(frozen=True)
class LogOptions:
    """What a run says of itself, on standard error."""

    log_format: Annotated[
        LogFormat, _one(RUN, help="text (default), or json: one object a line, for log collectors.")
    ] = "text"
    log_level: Annotated[
        LogLevel, _one(RUN, help="Least important lines to show: debug, info (default), warning or error.")
    ] = "info"
