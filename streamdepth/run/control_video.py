"""A control video: depth as networks that make videos are steered by it."""

from __future__ import annotations

from dataclasses import replace

from streamdepth.errors import UsageError
from streamdepth.run.given import given, option_of
from streamdepth.run.spec import RunSpec
from streamdepth.sinks.movie.containers import CONTAINERS

USUAL_GRID = 16
_DECIDED = ("layout", "colormap", "invert", "legend", "hud", "cut_beyond")


def grid_of(spec: RunSpec) -> int | None:
    """What the sides of its pictures are multiples of; None where no control video is wanted."""
    wanted = spec.picture.control_video
    return (USUAL_GRID if wanted else None) if isinstance(wanted, bool | None) else wanted


def as_control_video(spec: RunSpec) -> RunSpec:
    """`spec` with all that a control video decides: grey, near white, one range; as it is where none is wanted.

    Raises UsageError where something else was wanted of it, or there is no movie.
    """
    if grid_of(spec) is None:
        return spec
    output, picture = spec.output.output, spec.picture
    if output is None or output.suffix.lower() not in CONTAINERS:
        raise UsageError("--control-video is for a movie, and there is none", "add --output NAME.mp4")
    if spec.stream.live or spec.input.camera is not None:
        raise UsageError("--control-video is for recordings", "leave --live out, and name a file")
    for name in _DECIDED:
        if name in given(picture):
            option = option_of(name)
            raise UsageError(f"--control-video decides what {option} says", f"leave {option} out")
    chosen = replace(picture, layout="depth", colormap="gray", range=picture.range or "global")
    return replace(spec, picture=chosen)
