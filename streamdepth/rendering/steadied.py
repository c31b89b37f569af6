"""A renderer that draws nothing: for those who want steady depth alone."""

from __future__ import annotations

from streamdepth.frames import DepthRange, Estimate, Rendered
from streamdepth.rendering.range import FixedRange
from streamdepth.rendering.shots import UNKNOWN, Scenes
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream


class Steadied:
    """Steadies the depth of one stream as `Renderer` does; the picture is the source's own."""

    def __init__(self, *, stabilise: bool = True, scenes: Scenes = UNKNOWN) -> None:
        nothing = FixedRange(DepthRange(0.0, 1.0))  # nothing is drawn with it
        self._stream = DepthStream(nothing, Stabiliser() if stabilise else None, scenes=scenes)

    def __call__(self, estimate: Estimate) -> Rendered:
        """Steady one estimate; call in the order of the stream."""
        return Rendered(estimate, estimate.frame.picture, scaled=self._stream.take(estimate))
