"""A renderer that draws nothing: for callers that only need steadied depth."""

from __future__ import annotations

from streamdepth.frames import DepthRange, Estimate, Rendered
from streamdepth.rendering.horizon import AT_ONCE, Horizon
from streamdepth.rendering.range import FixedRange
from streamdepth.rendering.shots import UNKNOWN, Scenes
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream


class Steadied:
    """Steadies the depth of one stream as `Renderer` does; the picture is the source's own."""

    def __init__(
        self, *, stabilise: bool = True, scenes: Scenes = UNKNOWN, horizon: Horizon = AT_ONCE
    ) -> None:
        nothing = FixedRange(DepthRange(0.0, 1.0))  # nothing is drawn with it
        stabiliser = Stabiliser() if stabilise else None
        self._stream = DepthStream(nothing, stabiliser, scenes=scenes, horizon=horizon)

    def foresee(self, estimate: Estimate) -> None:
        """As `protocols.Foresees`."""
        self._stream.foresee(estimate)

    @property
    def knows_next(self) -> bool:
        """As `protocols.Foresees`."""
        return self._stream.knows_next

    def __call__(self, estimate: Estimate) -> Rendered:
        """Steady one estimate; call in the order of the stream."""
        return Rendered(estimate, estimate.frame.picture, scaled=self._stream.take(estimate))
