"""Metres in a window: what is under the pointer, and distances that are clicked and typed there."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streamdepth.frames import Rendered
from streamdepth.metres.calibrate import Network, Point
from streamdepth.metres.learning import Learning, Measuring
from streamdepth.rendering.depth_at import depth_at, source_point


class ByClicks:
    """Reads and learns metres at points of the shown picture, which are shares of its width and height."""

    def __init__(self, renderer: Measuring, network: Callable[[], Network | None]) -> None:
        self._learning = Learning(renderer, network)

    def read(self, rendered: Rendered, x: float, y: float) -> str:
        """A few words on the depth at a point of the shown picture; empty where there is none."""
        found = depth_at(rendered, x, y)
        if found["depth"] is None:
            return ""
        if "metres" not in found:
            return f"nearer than {found['nearer_than']:.0%}"
        if found["metres"] is None:
            return f"no metres: {found['withheld']}"
        within = f", within {found['within']:.0%}" if "within" in found else ""
        return f"{found['metres']:.3g} m{within}"

    def source_point(self, rendered: Rendered, x: float, y: float) -> tuple[float, float] | None:
        """Where that is in the source's picture, in shares; None where no depth of it is shown."""
        if depth_at(rendered, x, y)["depth"] is None:
            return None
        return source_point(rendered, (x, y))

    def check(self, rendered: Rendered) -> None:
        """Raise `UsageError` where metres could not be learnt of this depth."""
        self._learning.check(rendered)

    def learn(self, rendered: Rendered, points: Sequence[tuple[float, float, float]]) -> str:
        """Make metres of points of the source's picture and their distances; returns how far to trust them.

        Raises `UsageError` where they cannot be; then all is as it was.
        """
        return self._learning.learn(rendered, [Point(*point) for point in points]).fit.words

    def forget(self) -> None:
        """Go back to the distances that the run began with."""
        self._learning.forget()

    def archive(self) -> bytes | None:
        """What a file for `--metres` holds; None where no distances are known."""
        known = self._learning.known
        return None if known is None else known.archive()
