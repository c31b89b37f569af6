"""Depth that holds still: each map in the units of those before it, still pixels smoothed, moved pixels new.

A network that looks at one picture gives depth up to a scale and a shift, and its answer for the same scene differs
from frame to frame. Three things are done about it, in the order of `Stabiliser.__call__`:

1. **What moved?** Small luma pictures are compared with a memory of luma (`Motion`). The answer is a gate g in 0..1
   for each pixel: 0 is still, 1 is moved.
2. **Align.** Scale s and shift t are fitted on the still pixels, so that a = s * d + t has the units of a reference
   (`fit_samples`). The reference is the slow mean of the maps *as the network gave them*, so nothing that was
   aligned becomes what later maps are aligned to, except where a pixel moved; and there the slow mean takes it back
   with a time constant of `REFERENCE_SECONDS`. Aligning each map to the aligned one before it would add up its errors.
3. **Smooth.** A still pixel settles, S += f * (a - S) with f = 1 - exp(-dt / tau): the time constant tau is in seconds
   whatever the frame rate. One with j = 1 takes its new depth at once, S = a - u. The network changes its mind about
   whole surfaces, and S follows that slowly: u is what the still pixels around are off by (`_around`), so that what
   moved keeps its outline and stands at the height of what is beside it. j is g where depth is news, that is, where
   a - S - u is more than the flicker of still pixels. What is near news is news as well: the soft edge of a thing,
   which differs by little, goes where the thing goes, and leaves no outline behind.

All that is judged is judged in half the size of the maps, in which luma is looked at as well; the smoothing alone is of
every pixel. Of the reference there are only the places that are fitted.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthMap, Frame
from streamdepth.imaging.exponential_mean import weight_of_new
from streamdepth.imaging.quantiles import quantile
from streamdepth.imaging.scale_and_shift import Samples, ScaleAndShift, fit_samples, samples_of
from streamdepth.imaging.small_luma import small_luma
from streamdepth.rendering.shots import Step
from streamdepth.rendering.stabilise.motion import Motion, MotionState, as_share, beyond
from streamdepth.values import dataclass

Map = NDArray[np.float32]

SMOOTHING_SECONDS = 0.5
REFERENCE_SECONDS = 5.0
FLICKER_SHARE = 0.1
"""Weight of a map's flicker in the running estimate."""
NEWS = 5.0
"""Standard deviations of flicker at which the depth of a moved pixel begins to be news; at twice as many it is."""
NEWS_BOX = (3, 3)
"""In half the size of the map."""
_REACHED = np.ones((3, 3), np.uint8)
"""By which news is widened, in half the size of the map."""
CELL = 8
"""Side, in half the size of the map, of the cells in which it is looked at what still pixels are off by."""
CELLS = (3, 3)
"""So many cells count as around a pixel."""
FEW_STILL = 0.2
"""Share of still pixels around one at which half of what they are off by is believed."""
NO_FLICKER = 1e3 * float(np.finfo(np.float32).tiny)
"""Below this a map does not flicker at all, and what is divided by it is no number any more."""
LEAST_QUIET = 64
"""Still pixels, of those looked at, that it takes to measure flicker."""


@dataclass(frozen=True, eq=False)
class ShotState:
    """What is known of a shot so far; arrays are float32 and never written to."""

    smooth: Map
    """(h, w): the last steadied map."""
    half: Map
    """The same in half the size."""
    fitted: Samples
    """The slow mean of the maps as the network gave them, at the `samples_of` half the size."""
    flicker: float | None
    """Standard deviation of still depth; None before it was seen."""
    motion: MotionState


class Stabiliser:
    """Steadies the depth maps of one stream.

    Forgets everything where a shot starts (`Step.starts`) and where the size of the maps changes. `smoothing` is the
    time constant of still pixels in seconds. All that it knows is `state`, which another one can go on from.
    """

    def __init__(self, smoothing: float = SMOOTHING_SECONDS, state: ShotState | None = None) -> None:
        self._smoothing = smoothing
        self.state = state
        self.stayed: Map | None = None
        """float32, 0..1, in half the size: how far each pixel of the last map is what it was; None in the first."""

    def __call__(self, frame: Frame, depth: DepthMap, step: Step) -> DepthMap:
        """The steadied map, a new one of the same size and meaning; called once a frame, in order."""
        return self.steady(luma_for(frame, depth), depth, step)

    def steady(self, luma: NDArray[np.uint8], depth: DepthMap, step: Step) -> DepthMap:
        """The same with the `luma_for` a frame instead of that."""
        state, half = self.state, halved(depth.values)
        if state is None or step.starts or state.smooth.shape != depth.values.shape:
            motion = Motion.of_first(luma).state
            self.state = ShotState(depth.values, half, samples_of(half), None, motion)
            self.stayed = None
            return depth
        fresh = weight_of_new(step.elapsed, self._smoothing)
        renewal = weight_of_new(step.elapsed, REFERENCE_SECONDS)
        self.state, self.stayed = _taken(state, luma, (depth.values, half), fresh, renewal)
        return DepthMap(self.state.smooth, depth.meaning)


def luma_for(frame: Frame, depth: DepthMap) -> NDArray[np.uint8]:
    """The small picture in which motion is looked for: half of the map is enough, and noise averages out."""
    return small_luma(frame.picture.content, _half(depth.values))


def halved(values: Map) -> Map:
    """A map in half its size, the mean of each four; a side of one stays."""
    return np.asarray(cv2.resize(values, _half(values), interpolation=cv2.INTER_AREA), np.float32)


def _taken(
    state: ShotState, luma: NDArray[np.uint8], maps: tuple[Map, Map], fresh: float, renewal: float
) -> tuple[ShotState, Map]:
    """`state` after a map, given whole and in half its size, and how far its pixels stayed.

    `fresh` and `renewal` are the weights of the new in still pixels and in the reference.
    """
    values, half = maps
    motion = Motion(state.motion)
    gate = motion(luma, fresh)
    seen, moved = samples_of(half), samples_of(gate)
    found = fit_samples(seen, state.fitted, np.float32(1.0) - moved)
    own = _change(half, state.half, found)
    around = _around(own, gate)
    own -= around
    flicker = _flicker_after(state.flicker, own, gate)
    jump = _jump(own, gate, flicker)
    smooth = _smoothed(_change(values, state.smooth, found), state.smooth, jump, around, fresh)
    fitted = _renewed(state.fitted, seen, moved, found, renewal)
    return ShotState(smooth, halved(smooth), fitted, flicker, motion.state), np.float32(1.0) - jump


def _change(values: Map, smooth: Map, found: ScaleAndShift) -> Map:
    """What a map is in the units of the reference, less `smooth`: a new map."""
    return np.asarray(cv2.addWeighted(values, found.scale, smooth, -1.0, found.shift), np.float32)


def _around(change: Map, gate: Map) -> Map:
    """The mean change of the still pixels around each pixel; where there are few of them, less than that."""
    height, width = gate.shape
    cells = max(1, width // CELL), max(1, height // CELL)
    still = np.float32(1.0) - gate[::2, ::2]  # one in four is enough
    total, count = (
        cv2.blur(cv2.resize(values, cells, interpolation=cv2.INTER_AREA), CELLS)
        for values in (change[::2, ::2] * still, still)
    )
    return np.asarray(cv2.resize(total / (count + np.float32(FEW_STILL)), (width, height)), np.float32)


def _smoothed(change: Map, smooth: Map, jump: Map, around: Map, fresh: float) -> Map:
    """`smooth` after a `change`; `jump` and `around` are in half the size."""
    whole = smooth.shape[::-1]
    weight = jump * np.float32(1.0 - fresh)
    weight += np.float32(fresh)
    after = np.asarray(cv2.resize(jump * around, whole), np.float32)
    cv2.subtract(smooth, after, after)
    cv2.accumulateProduct(change, cv2.resize(weight, whole), after)
    return after


def _renewed(
    reference: Samples, values: Samples, moved: Samples, found: ScaleAndShift, renewal: float
) -> Samples:
    aligned = values * np.float32(found.scale)
    aligned += np.float32(found.shift)
    return _between(_between(reference, aligned, moved), values, np.float32(renewal))


def _between(old: Samples, new: Samples, weight: Samples | np.float32) -> Samples:
    """`old + weight * (new - old)`, with one array made."""
    moved = new - old
    moved *= weight
    moved += old
    return moved


def _flicker_after(before: float | None, own: Map, gate: Map) -> float | None:
    quiet = np.abs(own[::2, ::2][gate[::2, ::2] == 0.0])
    if quiet.size < LEAST_QUIET:
        return before
    seen = 1.4826 * quantile(quiet, 0.5)
    return seen if before is None else before + FLICKER_SHARE * (seen - before)


def _jump(own: Map, gate: Map, flicker: float | None) -> Map:
    if flicker is None or flicker < NO_FLICKER:
        return gate
    news = np.abs(np.asarray(cv2.blur(own, NEWS_BOX), np.float32))
    return as_share(cv2.dilate(beyond(news, NEWS * flicker), _REACHED)) * gate


def _half(values: Map) -> tuple[int, int]:
    """(width, height) of the luma pictures."""
    return max(1, values.shape[1] // 2), max(1, values.shape[0] // 2)
