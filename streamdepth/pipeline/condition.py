"""What the condition of a source means for its pictures: one that goes away, comes back or freezes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from streamdepth.frames import CLOCK_TICK, Condition, Estimate, Frame, Rendered, SourceState
from streamdepth.protocols import Interpolator, MarksCondition, Renderer, Source, Watched

STAND_IN_EVERY = 0.25
"""Seconds between two pictures that stand in for a source that is away: its age in seconds is seen to count."""


class Watcher:
    """Draws estimates with the condition of `source`, if it reports one and `renderer` can show it."""

    def __init__(self, source: Source, renderer: Renderer) -> None:
        self._source = source if isinstance(source, Watched) else None
        self._renderer = renderer
        self._marker = renderer if isinstance(renderer, MarksCondition) else None
        self._connection = 0
        self._last: Rendered | None = None
        self._next_stand_in = 0.0
        self._began: Fraction | None = None
        """By the clock of captures, when the timestamps of the source were 0."""
        self._latest: Fraction | None = None

    def draw(self, estimate: Estimate, now: float) -> Rendered:
        """Render one estimate, after a reset of the renderer where it belongs to another connection."""
        if estimate.frame.connection != self._connection:
            self._connection = estimate.frame.connection
            if self._marker is not None:
                self._marker.reset()
        self._note(estimate.frame)
        rendered = self._renderer(self._after_stand_ins(estimate))
        # Of a file, a picture less while the next is drawn.
        self._last = None if self._source is None else rendered
        return self._with_condition(rendered, now)

    def between(self, frame: Frame, interpolator: Interpolator, now: float) -> Rendered | None:
        """Draw a frame of the same connection with the last depth moved to it; None where that says nothing of it."""
        if frame.connection != self._connection:
            return None
        rendered = interpolator.between(frame)
        if rendered is None:
            return None
        self._note(frame)
        self._last = rendered
        return self._with_condition(rendered, now)

    def stand_in(self, now: float) -> Rendered | None:
        """A few times a second while the source is away, its last picture with the timestamp of now; else None."""
        condition = self._condition()
        if self._last is None or condition.state is not SourceState.AWAY or now < self._next_stand_in:
            return None
        self._next_stand_in = now + STAND_IN_EVERY
        moved = self._moved(self._last, now)
        self._latest = moved.estimate.frame.pts
        return self._marked(moved, condition, now)

    def _condition(self) -> Condition:
        return Condition() if self._source is None else self._source.condition

    def _with_condition(self, rendered: Rendered, now: float) -> Rendered:
        condition = self._condition()
        # A picture that came just before the source went away is not one that stands in.
        return self._marked(rendered, condition, now) if condition.state is SourceState.FROZEN else rendered

    def _marked(self, rendered: Rendered, condition: Condition, now: float) -> Rendered:
        if self._marker is None:
            return replace(rendered, condition=condition)
        return self._marker.mark(rendered, condition, now)

    def _after_stand_ins(self, estimate: Estimate) -> Estimate:
        """`estimate`, whose picture may be older by moments than the last that stood in for it, but comes later."""
        latest, self._latest = self._latest, None
        if latest is None or estimate.frame.pts > latest:
            return estimate
        return replace(estimate, frame=replace(estimate.frame, pts=latest + CLOCK_TICK))

    def _note(self, frame: Frame) -> None:
        # Of the frame as it came: one that was moved behind a stand-in would move the next ones once more.
        self._began = Fraction(frame.captured_at) - frame.pts

    def _moved(self, rendered: Rendered, now: float) -> Rendered:
        frame = rendered.estimate.frame
        assert self._began is not None
        since = round((Fraction(now) - self._began) / CLOCK_TICK) * CLOCK_TICK
        frame = replace(frame, pts=max(since, frame.pts + CLOCK_TICK), captured_at=now)
        return replace(rendered, estimate=replace(rendered.estimate, frame=frame))
