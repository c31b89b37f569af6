"""What zones need of one picture: its depth in the units of their rules."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthMap, DepthRange, Rendered, SourceState
from streamdepth.imaging.small_luma import small_luma
from streamdepth.pixels import Picture
from streamdepth.values import dataclass
from streamdepth.zones.polygon import WHOLE
from streamdepth.zones.zone import Unit

Map = NDArray[np.float32]
NO_METRES = "there are no distances in metres"
NO_RANGE = "nothing spans the range of depth"


@dataclass(frozen=True, eq=False)
class Sight:
    """One picture; maps are (h, w) float32."""

    time: Fraction
    """Its timestamp in seconds."""
    nearness: Map
    """Larger is nearer, in the units of the depth map."""
    relative: Map | None = None
    """0 at the near end of the range that is shown, 1 at the far end, and beyond; None where there is no such range."""
    metres: Map | None = None
    withheld: str = NO_METRES
    """Why there are no metres, where there are none."""
    error: float | None = None
    """Share by which the distances that metres are made of foretold each other, where that is known."""
    luma: NDArray[np.uint8] | None = None
    """The small picture, (h / 2, w / 2), where it was asked for."""
    inner: tuple[float, float, float, float] = WHOLE
    """What of the picture the maps show: left, top, width and height in shares of it."""
    reason: str = ""
    """Why the picture says nothing at all, as when its camera is away or another one is shown."""

    def distances(self, unit: Unit) -> Map | None:
        """In a unit, as far as it is known: smaller is nearer."""
        return self.metres if unit is Unit.METRES else self.relative

    def why_none(self, unit: Unit) -> str:
        """Why there are no such distances."""
        return self.withheld if unit is Unit.METRES else NO_RANGE


def sight_of(rendered: Rendered, *, with_luma: bool) -> Sight:
    """Of a picture as it is shown."""
    frame, depth = rendered.estimate.frame, rendered.depth
    metres, measured = rendered.metres, rendered.measured
    half = max(1, depth.values.shape[1] // 2), max(1, depth.values.shape[0] // 2)
    reason = _why_unseen(rendered)
    return Sight(
        frame.pts,
        depth.values if depth.meaning.larger_is_nearer else -depth.values,
        _relative(depth, rendered.scaled.span) if rendered.scaled is not None else None,
        metres,
        NO_METRES if measured is None else measured.reason,
        None if measured is None else measured.error,
        small_luma(frame.picture.content, half) if with_luma and not reason else None,
        _inner(frame.picture),
        reason,
    )


def has_metres(rendered: Rendered) -> bool:
    """Whether the depth of a picture has a unit, though it may be withheld."""
    return rendered.measured is not None or rendered.metres is not None


def _relative(depth: DepthMap, span: DepthRange) -> Map | None:
    width = span.high - span.low
    if width <= 1e-6 * max(abs(span.low), abs(span.high), 1e-6):
        return None
    share = (depth.values - np.float32(span.low)) * np.float32(1.0 / width)
    return np.float32(1.0) - share if depth.meaning.larger_is_nearer else share


def _inner(picture: Picture) -> tuple[float, float, float, float]:
    inner = picture.inner
    if inner is None:
        return WHOLE
    width, height = picture.width, picture.height
    return inner.left / width, inner.top / height, inner.width / width, inner.height / height


def _why_unseen(rendered: Rendered) -> str:
    """Zones are places of what the first input sees."""
    condition, other = rendered.condition, rendered.estimate.frame.switched_to
    if other:
        return f"another input is shown: {other}"
    if condition.state is SourceState.LIVE:
        return ""
    return f"the camera is {condition.state.value}" + (f" ({condition.reason})" if condition.reason else "")
