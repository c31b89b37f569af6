"""The depth side of one stream: estimates in, steady depth with its range out, also for pictures in between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import DepthMap, DepthRange, Estimate, Frame, ScaledDepth
from streamdepth.rendering.horizon import AT_ONCE, Coming, Horizon, View
from streamdepth.rendering.range import DepthScale, Remembers, percentile_range
from streamdepth.rendering.shots import (
    UNKNOWN,
    LastShown,
    Scenes,
    Shots,
    are_of_two_shots,
    grey_thumbnail,
)
from streamdepth.rendering.stabilise.stabiliser import ShotState, Stabiliser, luma_for
from streamdepth.rendering.warp import MotionSearch, flow_luma, warp
from streamdepth.values import dataclass


@dataclass(frozen=True, eq=False)
class StreamState:
    """All that the next depth of a stream depends on, but for pictures in between, which only live streams have."""

    shown: LastShown | None
    """None before the first estimate."""
    shot: ShotState | None
    """None before the first estimate, and where depth is not steadied."""
    range: DepthRange | None
    """None before the first estimate, and where the range does not follow the scene."""
    locked: DepthRange | None
    """The range that is held, if one is."""


@dataclass(frozen=True, eq=False)
class Glance:
    """All of a frame that a stream looks at: with it, and the depth, its pictures are not needed a second time."""

    shown: LastShown
    luma: NDArray[np.uint8]
    """What motion is looked for in, in half the size of the map."""

    @classmethod
    def at(cls, frame: Frame, depth: DepthMap) -> Glance:
        """Of a frame with its depth."""
        return cls(LastShown.of(frame), luma_for(frame, depth))


class DepthStream:
    """Follows one stream: finds its shots, steadies its depth, chooses its range, and holds that when it is locked.

    Without `stabiliser` maps stay as the network gave them. A frame with a span of its own keeps it. `locked` is a
    range to hold from the start. With a `horizon`, estimates are foreseen before they are taken: what follows shows
    which pixels are still, and the range to come.
    """

    def __init__(
        self,
        scale: DepthScale,
        stabiliser: Stabiliser | None = None,
        locked: DepthRange | None = None,
        scenes: Scenes = UNKNOWN,
        horizon: Horizon = AT_ONCE,
    ) -> None:
        self._scale = scale
        self._stabiliser = stabiliser
        self._locked = locked
        self._scenes = scenes
        self._shots = Shots(scenes=scenes)
        self._view = View(horizon)
        self._after: tuple[LastShown | None, ShotState | None] = None, None
        """What is known of the stream up to the last map that was taken."""
        self._search: MotionSearch | None = None
        self._last: tuple[Frame | None, ScaledDepth] | None = None
        """What was shown last; its frame only where `between` may be asked, which is where nothing is foreseen."""

    def foresee(self, estimate: Estimate) -> None:
        """An estimate that is taken later; called once for each, in the order of the stream."""
        stabiliser = self._stabiliser  # once: another thread may turn it off
        luma = None if stabiliser is None else luma_for(estimate.frame, estimate.depth)
        self._come(LastShown.of(estimate.frame), luma, estimate.depth, stabiliser, estimate.frame.span)

    def foresee_glance(self, glance: Glance, depth: DepthMap) -> None:
        """As `foresee`, of a frame that is elsewhere."""
        self._come(glance.shown, glance.luma, depth, self._stabiliser)

    @property
    def knows_next(self) -> bool:
        """Whether all is known that the next map to be taken depends on; else more is to be foreseen."""
        return self._view.is_complete

    def take(self, estimate: Estimate) -> ScaledDepth:
        """What to show of `estimate`; called once for each, in the order of the stream."""
        if not self._view:
            self.foresee(estimate)
        scaled = self.take_next()
        self._last = (estimate.frame if self._view.horizon == AT_ONCE else None), scaled
        return scaled

    def take_next(self) -> ScaledDepth:
        """The same of what was foreseen first; `between` knows nothing of it."""
        coming, depth, seen = self._view.take()
        self._after = coming.shown, coming.shot
        span = self._scale(seen, coming.step)  # while the range is locked too: it goes on from the present
        return ScaledDepth(depth, self._locked or coming.then or span)

    def _come(
        self,
        shown: LastShown,
        luma: NDArray[np.uint8] | None,
        depth: DepthMap,
        stabiliser: Stabiliser | None,
        then: DepthRange | None = None,
    ) -> None:
        step = self._shots.after(shown)
        half = stayed = shot = None
        if stabiliser is not None and luma is not None:
            depth = stabiliser.steady(luma, depth, step)
            stayed, shot = stabiliser.stayed, stabiliser.state
            half = None if shot is None else shot.half
        self._view.add(Coming(depth, percentile_range(depth.values), step, half, stayed, shown, shot, then))

    def between(self, frame: Frame) -> ScaledDepth | None:
        """The last depth, moved to where things are in a later `frame`; None where it says nothing about that frame.

        That is before the first estimate, across a cut, and in a picture of another size. Motion is looked for from
        the frame of the last estimate to this one directly, so nothing adds up from frame to frame.
        """
        origin, scaled = self._last or (None, None)
        if origin is None or scaled is None:
            return None
        new, old = frame.picture.content, origin.picture.content
        if (new.width, new.height) != (old.width, old.height):  # a camera turned, or a line that got slower
            return None
        if are_of_two_shots(grey_thumbnail(new), grey_thumbnail(old)):
            return None
        if self._search is None:
            self._search = MotionSearch()
        flow = self._search(flow_luma(new), flow_luma(old))
        moved = DepthMap(warp(scaled.depth.values, flow), scaled.depth.meaning)
        return ScaledDepth(moved, self._locked or scaled.span)

    @property
    def state(self) -> StreamState:
        """What is known up to the last map that was taken: a value, whose arrays are never written to."""
        shown, shot = self._after
        span = self._scale.state if isinstance(self._scale, Remembers) else None
        return StreamState(shown, shot, span, self._locked)

    def restore(self, state: StreamState) -> None:
        """Go on as the stream whose `state` this was, made in the same way and as steady as this one."""
        self._begin_at(state.shown)
        self._after = state.shown, state.shot
        self._locked = state.locked
        if self._stabiliser is not None:
            self._stabiliser.state = state.shot
        if isinstance(self._scale, Remembers):
            self._scale.state = state.range

    def _begin_at(self, shown: LastShown | None) -> None:
        self._shots = Shots(shown, self._scenes)
        self._view.clear()
        self._last = None

    def reset(self) -> None:
        """Forget the stream so far: the next frame starts a shot. A range that is held stays."""
        self._begin_at(None)

    @property
    def is_steadied(self) -> bool:
        """Whether depth is steadied."""
        return self._stabiliser is not None

    def steady(self, wanted: bool) -> None:
        """Steady depth from here on, knowing nothing of before, or no longer; from any thread."""
        if wanted != self.is_steadied:
            self._stabiliser = Stabiliser() if wanted else None

    @property
    def span(self) -> DepthRange | None:
        """The values that span the colours of the last estimate; None before the first."""
        return None if self._last is None else self._last[1].span

    @property
    def is_locked(self) -> bool:
        """Whether the range is held."""
        return self._locked is not None

    def toggle_lock(self) -> bool:
        """Hold the present range, or let it follow the scene again; returns whether it is held."""
        if self._locked is not None:
            self._locked = None
        elif self._last is not None:
            self._locked = self._last[1].span
        return self._locked is not None
