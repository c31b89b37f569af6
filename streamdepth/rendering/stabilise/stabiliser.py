"""Depth that holds still: each map in the units of those before it, still pixels smoothed, moved pixels new.

A network that looks at one picture gives depth up to a scale and a shift, and its answer for the same scene differs
from frame to frame. Three things are done about it, in the order of `Stabiliser.__call__`:

1. **What moved?** Small luma pictures are compared with a memory of luma (`Motion`). The answer is a gate g in 0..1
   for each pixel: 0 is still, 1 is moved.
2. **Align.** Scale s and shift t are fitted on the still pixels, so that a = s * d + t has the units of a reference
   (`fit_samples`). The reference is the slow mean of the maps *as the network gave them*, so nothing that was
   aligned becomes what later maps are aligned to, except where a pixel moved; and there the slow mean takes it back
   with a time constant of `REFERENCE_SECONDS`. Aligning each map to the aligned one before it would add up its errors.
3. **Smooth.** S += w * (a - S) with w = j + (1 - j) * (1 - exp(-dt / tau)): a still pixel settles with the time
   constant tau, in seconds whatever the frame rate, and one with j = 1 takes its new depth at once. j is g where
   the depth of a pixel that moved is news, that is, differs from S by more than the flicker of still pixels does. S
   lags behind when the units of the reference move; by how much is known (`_lag_after`), and is no flicker.

All that is judged is judged in half the size of the maps, in which luma is looked at as well; the smoothing alone is of
every pixel. Of the reference there are only the places that are fitted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthMap, Frame
from streamdepth.imaging.quantiles import quantile
from streamdepth.imaging.scale_and_shift import Samples, ScaleAndShift, fit_samples, samples_of
from streamdepth.imaging.small_luma import small_luma
from streamdepth.rendering.shots import Step
from streamdepth.rendering.stabilise.motion import Motion, MotionState, within_one

Map = NDArray[np.float32]

SMOOTHING_SECONDS = 0.5
REFERENCE_SECONDS = 5.0
FLICKER_SHARE = 0.1
"""Weight of a map's flicker in the running estimate."""
NEWS = 3.0
"""Standard deviations of flicker at which the depth of a moved pixel begins to be news; at twice as many it is."""
NEWS_BOX = (3, 3)
"""In half the size of the map."""
NO_FLICKER = float(np.finfo(np.float32).tiny)
"""Below this a map does not flicker at all, and what is divided by it is no number any more."""
LEAST_QUIET = 64
"""Still pixels, of those looked at, that it takes to tell what flicker is."""


@dataclass(frozen=True, eq=False)
class ShotState:
    """What is known of a shot so far; arrays are float32 and never written to."""

    smooth: Map
    """(h, w): the last steadied map."""
    half: Map
    """The same in half the size."""
    fitted: Samples
    """The slow mean of the maps as the network gave them, at the `samples_of` half the size."""
    lag: ScaleAndShift
    """Takes the units of the reference to those of the smoothed map, which follow more slowly."""
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
            motion, line = Motion.of_first(luma).state, ScaleAndShift(1.0, 0.0)
            self.state = ShotState(depth.values, half, samples_of(half), line, None, motion)
            self.stayed = None
            return depth
        fresh = _share(step.elapsed, self._smoothing)
        renewal = _share(step.elapsed, REFERENCE_SECONDS)
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
    flicker = _flicker_after(state, values, gate, found)
    jump = _jump(_change(half, state.half, found, state.lag), gate, flicker)
    smooth = _smoothed(state.smooth, values, found, jump, fresh)
    after = ShotState(
        smooth,
        halved(smooth),
        _renewed(state.fitted, seen, moved, found, renewal),
        _lag_after(state.lag, found, fresh, renewal),
        flicker,
        motion.state,
    )
    return after, np.float32(1.0) - jump


def _change(values: Map, smooth: Map, found: ScaleAndShift, lag: ScaleAndShift) -> Map:
    """What a map is in the units of the reference, less what `smooth` was in them."""
    shift = found.shift + lag.shift / lag.scale
    return np.asarray(cv2.addWeighted(values, found.scale, smooth, -1.0 / lag.scale, shift), np.float32)


def _smoothed(smooth: Map, values: Map, found: ScaleAndShift, jump: Map, fresh: float) -> Map:
    weight = jump * np.float32(1.0 - fresh)
    weight += np.float32(fresh)
    step = np.asarray(cv2.addWeighted(values, found.scale, smooth, -1.0, found.shift), np.float32)
    step *= cv2.resize(weight, values.shape[::-1])
    step += smooth
    return step


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


def _flicker_after(state: ShotState, values: Map, gate: Map, found: ScaleAndShift) -> float | None:
    height, width = (2 * side for side in gate.shape)
    new, old = (np.ascontiguousarray(whole[:height:4, :width:4]) for whole in (values, state.smooth))
    quiet = np.abs(_change(new, old, found, state.lag)[gate[::2, ::2] == 0.0])
    if quiet.size < LEAST_QUIET:
        return state.flicker
    seen = 1.4826 * quantile(quiet, 0.5)
    return seen if state.flicker is None else state.flicker + FLICKER_SHARE * (seen - state.flicker)


def _jump(change: Map, gate: Map, flicker: float | None) -> Map:
    if flicker is None or flicker < NO_FLICKER:
        return gate
    news = np.abs(np.asarray(cv2.blur(change, NEWS_BOX), np.float32))
    news *= np.float32(1.0 / (NEWS * flicker))
    news -= np.float32(1.0)
    news = within_one(news)
    news *= gate
    return news


def _lag_after(lag: ScaleAndShift, found: ScaleAndShift, fresh: float, renewal: float) -> ScaleAndShift:
    """The lag of still pixels after a frame: they take `fresh` of the reference's units, which then move themselves.

    The reference takes `renewal` of a map that is (r - shift) / scale for what was r, so r becomes gain * r + offset.
    """
    scale, shift = lag.scale + fresh * (1.0 - lag.scale), lag.shift * (1.0 - fresh)
    gain, offset = 1.0 + renewal * (1.0 / found.scale - 1.0), -renewal * found.shift / found.scale
    return ScaleAndShift(scale / gain, shift - scale * offset / gain)


def _share(elapsed: float, time_constant: float) -> float:
    """Weight of the new in an exponential mean after `elapsed` seconds."""
    return 1.0 - math.exp(-elapsed / time_constant)


def _half(values: Map) -> tuple[int, int]:
    """(width, height) of the luma pictures."""
    return max(1, values.shape[1] // 2), max(1, values.shape[0] // 2)
