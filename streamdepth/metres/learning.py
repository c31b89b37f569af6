"""Distances that somebody gives while a stream runs: a fixed camera learns from them what its depth is in metres."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from streamdepth.errors import UsageError
from streamdepth.frames import DepthMap, Measured, Rendered
from streamdepth.metres.calibrate import Network, Point, calibrate_by_points, check_learnable
from streamdepth.metres.calibration import Calibration
from streamdepth.metres.ruler import Ruler
from streamdepth.pixels import Picture

NO_NETWORK = "this stream has no network, and so nothing to learn"


class Measuring(Protocol):
    """The renderer of the stream, as far as metres go."""

    ruler: Callable[[Picture, DepthMap], Measured] | None


def calibration_of(renderer: Measuring) -> Calibration | None:
    """What the metres of a stream are made of now, if there are any."""
    return renderer.ruler.calibration if isinstance(renderer.ruler, Ruler) else None


class Learning:
    """What a stream knows of metres; the distances that its run began with come back without others."""

    def __init__(self, renderer: Measuring, network: Callable[[], Network | None]) -> None:
        self._renderer = renderer
        self._network = network
        self._first = renderer.ruler

    @property
    def known(self) -> Calibration | None:
        """What the metres are made of now, if there are any."""
        return calibration_of(self._renderer)

    def check(self, rendered: Rendered) -> Network:
        """The network of the stream; raises `UsageError` where metres could not be learnt of its depth."""
        network = self._network()
        if network is None:
            raise UsageError(NO_NETWORK, "name a camera or a recording")
        if rendered.estimate.depth.network not in ("", network.sha256):
            raise UsageError("the network was changed just now, and its scale with it", "click once more")
        check_learnable(rendered.depth, network)
        return network

    def learn(self, rendered: Rendered, points: Sequence[Point]) -> Calibration:
        """Make metres of points whose x and y are shares of the picture's sides.

        Raises `UsageError` as `check` and `calibrate_by_points` do; then all is as it was.
        """
        network, picture = self.check(rendered), rendered.estimate.frame.picture
        wide, high = picture.width - 1, picture.height - 1
        inside = [Point(x * wide, y * high, metres) for x, y, metres in points]
        found = calibrate_by_points(picture, rendered.depth, network, inside)
        self._renderer.ruler = Ruler(found)
        return found

    def forget(self) -> None:
        """Go back to what the run began with."""
        self._renderer.ruler = self._first
