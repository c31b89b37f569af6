"""What viewers say of the distances in a picture: a fixed camera learns from them what its depth is in metres."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from streamdepth.errors import UsageError
from streamdepth.http.refusal import Refused
from streamdepth.live.encoder import LiveEncoder
from streamdepth.metres.calibrate import Network, Point
from streamdepth.metres.calibration import Calibration
from streamdepth.metres.learning import NO_NETWORK, Learning, Measuring

MOST_POINTS = 50


class Distances:
    """The distances of one stream, as its viewers give them; those that its run began with come back without."""

    def __init__(
        self, encoder: LiveEncoder, renderer: Measuring, report: Callable[[], Mapping[str, Any]]
    ) -> None:
        """`report` names the network, as `--report` does."""
        self._encoder = encoder
        self._report = report
        self._learning = Learning(renderer, self._network)

    @property
    def known(self) -> Calibration | None:
        """What the metres are made of now, if there are any."""
        return self._learning.known

    def to_json(self) -> dict[str, Any]:
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
        if self._network() is None:
            raise Refused(409, NO_NETWORK)
        try:
            self._learning.learn(newest, points)
        except UsageError as error:
            raise Refused(422, str(error)) from error
        return self.to_json()

    def forget(self) -> dict[str, Any]:
        """Go back to what the run began with."""
        self._learning.forget()
        return self.to_json()

    def _network(self) -> Network | None:
        model = self._report().get("model")
        return Network(model["name"], model["sha256"]) if model else None


def _points(wanted: Mapping[str, object]) -> list[Point]:
    """Raises `Refused` where they are none."""
    given = wanted.get("points")
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_POINTS or set(wanted) != {"points"}:
        raise Refused(400, f'send {{"points": [[x, y, metres], ...]}}, 1 to {MOST_POINTS} of them')
    return [_point(one) for one in given]


def _point(given: object) -> Point:
    match given:
        case [int() | float() as x, int() | float() as y, int() | float() as metres] if (
            0 <= x <= 1 and 0 <= y <= 1 and metres > 0 and math.isfinite(metres)
        ):
            return Point(float(x), float(y), float(metres))
    raise Refused(
        400, "a point is [x, y, metres]: shares of the picture's width and height, and metres above 0"
    )
