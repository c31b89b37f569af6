"""What viewers say of the distances in a picture: a fixed camera learns from them what its depth is in metres."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMap, Measured, Rendered
from streamdepth.http.refusal import Refused
from streamdepth.live.encoder import LiveEncoder
from streamdepth.metres.calibrate import Network, Point, calibrate_by_points
from streamdepth.metres.calibration import Calibration
from streamdepth.metres.ruler import Ruler
from streamdepth.pixels import Picture

MOST_POINTS = 50


class Measuring(Protocol):
    """The renderer of the stream, as far as metres go."""

    ruler: Callable[[Picture, DepthMap], Measured] | None


class Distances:
    """The distances of one stream, as its viewers give them; those that its run began with come back without."""

    def __init__(
        self, encoder: LiveEncoder, renderer: Measuring, report: Callable[[], Mapping[str, Any]]
    ) -> None:
        """`report` tells the network, as `--report` does."""
        self._encoder = encoder
        self._renderer = renderer
        self._report = report
        self._first = renderer.ruler

    @property
    def known(self) -> Calibration | None:
        """What the metres are made of now, if there are any."""
        ruler = self._renderer.ruler
        return ruler.calibration if isinstance(ruler, Ruler) else None

    def told(self) -> dict[str, Any]:
        """`points`, of how many distances the metres are made, and by how much these miss each other (`error`)."""
        known = self.known
        if known is None:
            return {"points": 0, "error": None}
        return {"points": known.fit.points, "error": known.fit.error}

    def learn(self, wanted: Mapping[str, object]) -> dict[str, Any]:
        """Make metres of `{"points": [[x, y, metres], ...]}`, in shares of the source's picture; raises `Refused`."""
        newest, points = self._encoder.newest, _points(wanted)
        if newest is None:
            raise Refused(409, "there is no picture yet")
        found = self._calibrated(newest, points)
        self._renderer.ruler = Ruler(found)
        return self.told()

    def _calibrated(self, newest: Rendered, points: list[tuple[float, float, float]]) -> Calibration:
        model = self._report().get("model")
        if not model:
            raise Refused(409, "this stream has no network, and so nothing to learn")
        picture = newest.estimate.frame.picture
        wide, high = picture.width - 1, picture.height - 1
        known = [Point(x * wide, y * high, metres) for x, y, metres in points]
        network = Network(model["name"], model["sha256"])
        try:
            return calibrate_by_points(picture, newest.depth, network, known)
        except UsageError as error:
            raise Refused(422, str(error)) from error

    def forget(self) -> dict[str, Any]:
        """Go back to what the run began with."""
        self._renderer.ruler = self._first
        return self.told()


def _points(wanted: Mapping[str, object]) -> list[tuple[float, float, float]]:
    """Raises `Refused` where they are none."""
    given = wanted.get("points")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_POINTS or set(wanted) != {"points"}:
        raise Refused(400, f'send {{"points": [[x, y, metres], ...]}}, 1 to {MOST_POINTS} of them')
    return [_point(one) for one in given]


def _point(given: object) -> tuple[float, float, float]:
    match given:
        case [int() | float() as x, int() | float() as y, int() | float() as metres] if (
            0 <= x <= 1 and 0 <= y <= 1 and metres > 0 and math.isfinite(metres)
        ):
            return float(x), float(y), float(metres)
    raise Refused(
        400, "a point is [x, y, metres]: shares of the picture's width and height, and metres above 0"
    )
