"""The words of the command line for what a spec holds: group, help, how a value is typed; no type, no default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from cyclopts import Parameter

from streamdepth.batch.spec import BatchSpec
from streamdepth.cameras.spec import CameraOptions
from streamdepth.cli.network_options import NETWORK_WORDS as _NETWORK_WORDS
from streamdepth.cli.network_options import PROMISE_WORDS as _PROMISE_WORDS
from streamdepth.cli.option_groups import AMOUNT, CACHE_DIR, INPUT, RUN, SEVERAL, obeying
from streamdepth.cli.option_groups import one as _one
from streamdepth.cli.option_groups import switch as _switch
from streamdepth.cli.option_values import to_frame_rate, to_pixels, to_rate, to_size, to_time
from streamdepth.cli.output_options import DEPTHFILE_WORDS as _DEPTHFILE_WORDS
from streamdepth.cli.output_options import ENCODING_WORDS as _ENCODING_WORDS
from streamdepth.cli.output_options import OUTPUT_WORDS as _OUTPUT_WORDS
from streamdepth.cli.picture_options import PICTURE_WORDS as _PICTURE_WORDS
from streamdepth.cli.session_options import SESSION_WORDS as _SESSION_WORDS
from streamdepth.cli.web_options import WEB_WORDS as _WEB_WORDS
from streamdepth.reporting.logs import LogFormat, LogLevel
from streamdepth.run.outputs.web_spec import WebSpec
from streamdepth.run.promise.spec import PromiseSpec
from streamdepth.run.rules import RULE
from streamdepth.run.sessions.spec import SessionSpec
from streamdepth.run.spec import (
    AmountSpec,
    DepthFileSpec,
    EncodingSpec,
    InputSpec,
    NetworkSpec,
    OutputSpec,
    PictureSpec,
    StreamSpec,
)
from streamdepth.values import dataclass

Spec = TypeVar("Spec")

_INPUT_WORDS = {
    "camera": Parameter(parse=False),  # CameraOptions has all of them
    "input": Parameter(parse=False),  # BatchSpec has all of them
    "switch_to": _one(
        INPUT,
        metavar="PATH_OR_URL",
        help="With --webrtc: another input that viewers may choose on the page; repeatable.",
    ),
    "camera_size": _one(
        INPUT,
        metavar="WxH",
        help="Size to request from the camera, the browser or the demo (default: the camera's own; else "
        "1280x720).",
        converter=to_size,
        n_tokens=1,
    ),
    "camera_fps": _one(
        INPUT,
        metavar="RATE",
        help="Frames per second to request from the camera, the browser or the demo; for an address: how often to ask "
        "for single pictures (default: 1), or how rarely its camera sends one, as in 1/300.",
        converter=to_frame_rate,
        n_tokens=1,
    ),
    "max_pixels": _one(
        INPUT,
        metavar="N",
        help="Refuse larger pictures, as in 50M or 7680x4320 (default: 36M for a video, 128M for a photo).",
        converter=to_pixels,
        n_tokens=1,
    ),
    "metres": _one(
        INPUT,
        metavar="FILE",
        help="Calibration of this camera, made by streamdepth metres, the page or the window: depth is then in"
        " metres.",
    ),
    "zones": _one(
        INPUT,
        metavar="FILE",
        help="A .toml with zones of the picture and what raises an event in them: see docs/guide/events.md.",
    ),
    "called": Parameter(parse=False),  # several cameras have names
    "input_fps": _one(
        INPUT,
        metavar="RATE",
        help="Pictures per second of a folder or pattern of images, which makes them a film, as in 25, or 23.976 "
        "for 24000/1001 (default: one per second).",
        converter=to_frame_rate,
        n_tokens=1,
    ),
}
_CAMERAS_WORDS = {
    "camera": _one(
        INPUT,
        metavar="CAMERA",
        help="Camera by number (0), name or part of it, or device path; repeatable, and front=0 gives one a "
        "name.",
    ),
    "cameras": _one(
        SEVERAL,
        metavar="FILE",
        help="Several cameras: a .toml with a table of options for each ([front], input = 'rtsp://...').",
    ),
    "allow_camera_changes": _one(
        SEVERAL,
        help="With --webrtc: let clients add cameras (rtsp://, rtmp:// or srt:// addresses, which this machine then "
        "opens) and remove them: PUT and DELETE /api/cameras/NAME.",
    ),
}
_BATCH_WORDS = {
    "inputs": _one(
        INPUT,
        "--input",
        consume_multiple=True,  # as a shell makes them of a pattern; thousands of options are slow to read
        metavar="PATH_OR_URL",
        help="A file, an rtsp:// or http(s):// address, an image, a folder or pattern (f*.png, f%04d.png) of "
        "images, demo, or browser (the camera that a browser or OBS sends). Repeatable. Several files, a "
        "folder or pattern of films, or @list.txt with one name per line are rendered one after the other"
        " into --output FOLDER; several live inputs run at the same time, and front=rtsp://... gives one "
        "a name.",
    ),
    "recursive": _one(SEVERAL, help="Search the folders inside a folder as well."),
    "name": _one(
        SEVERAL,
        metavar="PATTERN",
        help="How each output is named below the folder of --output, with {name}, {file}, {folder}, {parent} and "
        "{number}, as in '{name}-depth.mp4' (default: {folder}/{name}).",
    ),
    "skip_existing": _one(SEVERAL, help="Skip inputs whose output is there already."),
    "on_error": _one(SEVERAL, help="When one input fails: skip it (default; exit status 3) or stop."),
}
_STREAM_WORDS = {
    "live": _one(
        INPUT,
        help="Play a file or the demo at its own speed, dropping frames like a camera; with --output, also ask an "
        "http camera of single pictures again and again.",
    ),
    "rtsp_transport": _one(
        INPUT, help="Transport that an rtsp:// camera is asked for first: tcp (default) or udp."
    ),
    "reconnect": _switch(INPUT, "Reconnect, for ever, to a live address that is lost (default: yes)."),
    "wait_for_source": _one(
        INPUT,
        help="Also wait for an address that does not answer, or a camera that is not there, at the start.",
    ),
    "frozen_after": _one(
        INPUT,
        metavar="SECONDS",
        help="Report a live address as frozen once it has sent the same picture for this long (default 10; 0: "
        "never).",
    ),
}
_AMOUNT_WORDS = {
    "start": _one(
        AMOUNT,
        metavar="TIME",
        help="Begin at this time of a recording: 90, 1:30 or 1:02:03.5; the output then begins at 0.",
        converter=to_time,
        n_tokens=1,
    ),
    "end": _one(
        AMOUNT,
        metavar="TIME",
        help="Stop before this time of a recording, written in the same way.",
        converter=to_time,
        n_tokens=1,
    ),
    "max_fps": _one(
        AMOUNT,
        metavar="RATE",
        help="At most this many frames per second (default: all).",
        converter=to_frame_rate,
        n_tokens=1,
    ),
    "duration": _one(
        AMOUNT,
        metavar="SECONDS",
        help="Stop after this many seconds of the input; live, they count from the first picture that is "
        "processed (default: never; 10 for the demo in a file).",
        converter=to_rate,
        n_tokens=1,
    ),
    "frames": _one(AMOUNT, help="Stop after this many frames (default: never)."),
}


def _worded(spec: type, words: Mapping[str, Parameter]) -> Any:
    """A kind of `spec` whose fields have words: names, types, defaults and rules are those of the spec.

    Of a dataclass, cyclopts takes the fields from the base and what is annotated from the class itself.
    """
    annotations = {}
    for one in fields(spec):
        word = words[one.name]
        if RULE in one.metadata:
            word = Parameter.combine(word, Parameter(validator=obeying(one.metadata[RULE])))
        annotations[one.name] = Annotated[one.type, word]
    return type(spec.__name__, (spec,), {"__annotations__": annotations, "__doc__": spec.__doc__})


def plain(options: Spec) -> Spec:
    """`options` as any other program would have built them: equal to those, and without a word of cyclopts."""
    spec: type[Spec] = type(options).__mro__[1]
    return spec(**vars(options))


if TYPE_CHECKING:
    InputOptions = InputSpec
    BatchOptions = BatchSpec
    CamerasOptions = CameraOptions
    StreamOptions = StreamSpec
    OutputOptions = OutputSpec
    DepthFileOptions = DepthFileSpec
    PictureOptions = PictureSpec
    NetworkOptions = NetworkSpec
    JudgedNetworkOptions = NetworkSpec
    AmountOptions = AmountSpec
    WebOptions = WebSpec
    EncodingOptions = EncodingSpec
    PromiseOptions = PromiseSpec
    SessionOptions = SessionSpec
else:
    InputOptions = _worded(InputSpec, _INPUT_WORDS)
    BatchOptions = _worded(BatchSpec, _BATCH_WORDS)
    CamerasOptions = _worded(CameraOptions, _CAMERAS_WORDS)
    StreamOptions = _worded(StreamSpec, _STREAM_WORDS)
    OutputOptions = _worded(OutputSpec, _OUTPUT_WORDS)
    DepthFileOptions = _worded(DepthFileSpec, _DEPTHFILE_WORDS)
    PictureOptions = _worded(PictureSpec, _PICTURE_WORDS)
    NetworkOptions = _worded(NetworkSpec, _NETWORK_WORDS)
    # Where --depth-kind is said of the true depth.
    JudgedNetworkOptions = _worded(
        NetworkSpec,
        _NETWORK_WORDS
        | {"depth_kind": Parameter.combine(_NETWORK_WORDS["depth_kind"], Parameter("--network-kind"))},
    )
    AmountOptions = _worded(AmountSpec, _AMOUNT_WORDS)
    WebOptions = _worded(WebSpec, _WEB_WORDS)
    EncodingOptions = _worded(EncodingSpec, _ENCODING_WORDS)
    PromiseOptions = _worded(PromiseSpec, _PROMISE_WORDS)
    SessionOptions = _worded(SessionSpec, _SESSION_WORDS)

ProgressForm = Literal["auto", "json", "none"]
DryRun = Annotated[
    bool,
    _one(
        RUN,
        help="Report what would be done, and the time, disk space and memory it would take; write nothing.",
    ),
]
ListCameras = Annotated[
    bool, _one(INPUT, help="List the cameras of this machine with their sizes and rates, and exit.")
]


@Parameter(name="*")
@dataclass(frozen=True)
class CommonOptions:
    """Around every command that takes long."""

    config: Annotated[
        Path | None, _one(RUN, help="A .toml with any of these options; the command line wins.")
    ] = None
    cache_dir: Annotated[
        Path | None,
        _one(RUN, help=CACHE_DIR),
    ] = None
    verbose: Annotated[bool, _one(RUN, help="Show the whole traceback of an error.")] = False


@Parameter(name="*")
@dataclass(frozen=True)
class LogOptions:
    """What a run says of itself, on standard error."""

    log_format: Annotated[
        LogFormat, _one(RUN, help="text (default), or json: one object per line, for log collectors.")
    ] = "text"
    log_level: Annotated[
        LogLevel,
        _one(RUN, help="Show log lines of this level and above: debug, info (default), warning or error."),
    ] = "info"
    progress: Annotated[
        ProgressForm,
        _one(
            RUN,
            help="auto (default: a bar on a terminal, else plain lines), json (one object per line on standard "
            "output), or none.",
        ),
    ] = "auto"
