"""The words of the command line for what a spec holds: group, help, how a value is typed; no type, no default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from cyclopts import Parameter

from streamdepth.batch.spec import BatchSpec
from streamdepth.cameras.spec import CameraOptions
from streamdepth.cli.network_options import NETWORK_WORDS as _NETWORK_WORDS
from streamdepth.cli.network_options import PROMISE_WORDS as _PROMISE_WORDS
from streamdepth.cli.option_groups import AMOUNT, INPUT, OUTPUT, RUN, WEB, obeying
from streamdepth.cli.option_groups import one as _one
from streamdepth.cli.option_groups import switch as _switch
from streamdepth.cli.option_values import to_pixels, to_rate, to_size, to_time
from streamdepth.cli.output_options import DEPTHFILE_WORDS as _DEPTHFILE_WORDS
from streamdepth.cli.output_options import ENCODING_WORDS as _ENCODING_WORDS
from streamdepth.cli.output_options import OUTPUT_WORDS as _OUTPUT_WORDS
from streamdepth.cli.picture_options import PICTURE_WORDS as _PICTURE_WORDS
from streamdepth.cli.session_options import SESSION_WORDS as _SESSION_WORDS
from streamdepth.cli.web_options import WEB_WORDS as _WEB_WORDS
from streamdepth.reporting.logs import LogFormat, LogLevel
from streamdepth.run.promise_spec import PromiseSpec
from streamdepth.run.rules import RULE
from streamdepth.run.session_spec import SessionSpec
from streamdepth.run.spec import (
    AmountSpec,
    DepthFileSpec,
    EncodingSpec,
    InputSpec,
    NetworkSpec,
    OutputSpec,
    PictureSpec,
    StreamSpec,
    WebSpec,
)

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
        help="Size to ask of the camera, the browser or the demo (default: the camera's own; else 1280x720).",
        converter=to_size,
        n_tokens=1,
    ),
    "camera_fps": _one(
        INPUT,
        metavar="RATE",
        help="Frames a second to ask of the camera, the browser or the demo.",
        converter=to_rate,
        n_tokens=1,
    ),
    "max_pixels": _one(
        INPUT,
        metavar="N",
        help="Refuse larger pictures, as in 50M or 7680x4320 (default: 36M of a video, 128M of a photo).",
        converter=to_pixels,
        n_tokens=1,
    ),
    "metres": _one(
        INPUT,
        metavar="FILE",
        help="Distances of this camera, from streamdepth metres, page or window: all then have metres.",
    ),
    "zones": _one(
        INPUT,
        metavar="FILE",
        help="A .toml with zones of the picture, and what counts as something in them: see docs/guide/events.md.",
    ),
    "called": Parameter(parse=False),  # several cameras have names
    "input_fps": _one(
        INPUT,
        metavar="RATE",
        help="Pictures a second of a folder or pattern of images, which makes them a film (default: one a second).",
        converter=to_rate,
        n_tokens=1,
    ),
}
_CAMERAS_WORDS = {
    "camera": _one(
        INPUT,
        metavar="CAMERA",
        help="Camera by number (0), name or part of it, or device path; repeatable, with names as in front=0.",
    ),
    "cameras": _one(
        INPUT,
        metavar="FILE",
        help="Several cameras: a .toml with a table for each ([front], input = 'rtsp://...'), and options in it.",
    ),
    "allow_camera_changes": _one(
        WEB,
        help="Let clients add cameras (rtsp://, rtmp:// or srt:// addresses, which this machine then opens) and "
        "remove them: PUT and DELETE /api/cameras/NAME.",
    ),
}
_BATCH_WORDS = {
    "inputs": _one(
        INPUT,
        "--input",
        consume_multiple=True,  # as a shell makes them of a pattern; thousands of options are slow to read
        metavar="PATH_OR_URL",
        help="A file, an rtsp:// or http(s):// address, an image, a folder or pattern (f*.png, f%04d.png) of "
        "images, demo, or browser (the camera that a browser or OBS sends). Several, one after the other, with "
        "--output FOLDER: repeatable; a folder or pattern of films, or @list.txt, which names one a line. Several "
        "live ones, at the same time: front=rtsp://... names one.",
    ),
    "recursive": _one(INPUT, help="Of folders, take what is in their folders as well."),
    "name": _one(
        OUTPUT,
        metavar="PATTERN",
        help="Of several inputs: what each output is called below the folder, by {name}, {file}, {folder}, {parent} "
        "and {number}, as in '{name}-depth.mp4' (default: {folder}/{name}).",
    ),
    "skip_existing": _one(OUTPUT, help="Leave out what has its output already."),
    "on_error": _one(
        RUN, help="Of several inputs, when one fails: skip (default: go on; exit status 3) or stop."
    ),
}
_STREAM_WORDS = {
    "live": _one(INPUT, help="Play a file or the demo at its own speed, dropping frames like a camera."),
    "rtsp_transport": _one(INPUT, help="How an rtsp:// camera sends: tcp (default) or udp."),
    "reconnect": _switch(INPUT, "Connect again, for ever, to a live address that is lost (default: yes)."),
    "wait_for_source": _one(INPUT, help="Also wait for an address that does not answer at the start."),
    "frozen_after": _one(
        INPUT,
        metavar="SECONDS",
        help="Tell that a live address shows one same picture after so long (default 10; 0: never).",
    ),
}
_AMOUNT_WORDS = {
    "start": _one(
        AMOUNT,
        metavar="TIME",
        help="Begin at this time of a recording: 90, 1:30 or 1:02:03.5; the film then begins at 0.",
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
        help="At most so many frames a second (default: all).",
        converter=to_rate,
        n_tokens=1,
    ),
    "duration": _one(
        AMOUNT,
        metavar="SECONDS",
        help="Stop after so many seconds of the input, live from the first picture that is worked on (default: "
        "never; 10 for the demo in a file).",
        converter=to_rate,
        n_tokens=1,
    ),
    "frames": _one(AMOUNT, help="Stop after so many frames (default: never)."),
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
    _one(RUN, help="Tell what would be done, in what time, space and memory, and write nothing."),
]
ListCameras = Annotated[
    bool, _one(INPUT, help="List the cameras here with their sizes and rates, and do nothing else.")
]


@Parameter(name="*")
@dataclass(frozen=True)
class CommonOptions:
    """Around every command that takes long."""

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
    progress: Annotated[
        ProgressForm,
        _one(
            RUN,
            help="auto (default: a bar, or plain lines), json: one object a line on standard output, or none.",
        ),
    ] = "auto"
