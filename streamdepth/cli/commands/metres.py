"""`streamdepth metres`: a camera that does not move says metres, once a few distances in its picture are known."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Group, Parameter

from streamdepth.cli.options import CommonOptions, NetworkOptions
from streamdepth.cli.standard_output import say
from streamdepth.errors import UsageError
from streamdepth.run.places import check_apart, reads, writes
from streamdepth.values import dataclass

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from streamdepth.engine import Engine
    from streamdepth.frames import Frame
    from streamdepth.metres.calibrate import Point
    from streamdepth.metres.calibration import Calibration

app = App(
    name="metres",
    help_epilogue="streamdepth metres hall.jpg --point 320,400,1.5 --point 310,180,6 --output hall.metres",
    help_format="plaintext",
)
DISTANCES = Group("Distances (points, or a depth map)", sort_key=1)


@Parameter(name="*")
@dataclass(frozen=True)
class DistanceOptions:
    """What is known of the picture."""

    point: Annotated[
        tuple[str, ...],
        Parameter(
            group=DISTANCES,
            metavar="X,Y,METRES",
            negative=(),
            help="A point in the picture, in pixels from the top left, and its distance from the camera; "
            "repeatable. Two are enough; with three or more the expected error is printed.",
            show_default=False,
        ),
    ] = ()
    depth: Annotated[
        Path | None,
        Parameter(
            group=DISTANCES,
            help="A depth map of the same picture, in metres or millimetres.",
            show_default=False,
        ),
    ] = None


@app.default
def metres(
    picture: Annotated[
        str, Parameter(help="A picture from the camera, or a video, of which the first picture is taken.")
    ],
    /,
    *,
    output: Annotated[Path, Parameter(help="The calibration file to write, as in hall.metres.")],
    distances: Annotated[DistanceOptions, Parameter(name="*")] = DistanceOptions(),
    network: Annotated[NetworkOptions, Parameter(name="*")] = NetworkOptions(),
    common: Annotated[CommonOptions, Parameter(name="*")] = CommonOptions(),
) -> int:
    """Calibrate a fixed camera from a few known distances, for depth in metres."""
    from streamdepth.cli.observer import ConsoleObserver
    from streamdepth.depthfiles.read import read_depth
    from streamdepth.files import check_output
    from streamdepth.reporting.console import ErrorConsole
    from streamdepth.run.network.loading import load_network

    if distances.point and distances.depth is not None:
        raise UsageError("--point and --depth were both given", "leave one of them out")
    if not distances.point and distances.depth is None:
        raise UsageError("no distances were given", "name --point X,Y,METRES at least once, or --depth FILE")
    points = [_point(word) for word in distances.point]
    known = [] if distances.depth is None else [distances.depth]
    check_apart(
        [*reads("the picture", Path(picture)), *reads("--depth", *known), *writes("--output", output)]
    )
    check_output(output)
    frame = _first(picture)
    engine = load_network(network, common.cache_dir, ConsoleObserver(ErrorConsole()))
    truth = None if distances.depth is None else read_depth(distances.depth)
    found = _calibrated(frame, engine, points, truth)
    found.save(output)
    say(f"{output}: from {found.fit.words}" + ("" if truth is None else _reach(truth)))
    return 0


def _reach(truth: NDArray[np.float32]) -> str:
    """A wrong unit shows in it, and in nothing else."""
    readings = truth[truth > 0]
    return f"; the depth map reaches from {readings.min():.4g} to {readings.max():.4g} m"


def _point(word: str) -> Point:
    from streamdepth.metres.calibrate import Point

    try:
        x, y, metres = (float(part) for part in word.split(","))
    except ValueError:
        raise UsageError(f"--point '{word}' is not a point and its distance", "as in 320,400,1.5") from None
    return Point(x, y, metres)


def _first(named: str) -> Frame:
    from streamdepth.sources import open_source

    source = open_source(named)
    try:
        frame = source.read()
    finally:
        source.close()
    if frame is None:
        raise UsageError(f"{named} has no picture", "name another")
    return frame


def _calibrated(
    frame: Frame, engine: Engine, points: list[Point], truth: NDArray[np.float32] | None
) -> Calibration:
    from streamdepth.metres.calibrate import Network, calibrate_by_depth, calibrate_by_points

    network = Network(engine.name, engine.sha256)
    seen = engine.estimate_picture(frame.picture)
    if truth is None:
        return calibrate_by_points(frame.picture, seen, network, points)
    return calibrate_by_depth(frame.picture, seen, network, truth, frame.pixel_aspect)
