"""Timestamps that a consumer can rely on: exact, present and strictly increasing."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from streamdepth.frames import CLOCK_TICK, Frame
from streamdepth.imaging.letterbox import letterbox
from streamdepth.imaging.scaling import believed
from streamdepth.times import USUAL_RATE
from streamdepth.values import dataclass


class Timeline:
    """Places the frames of one stream in time.

    `time_base` is the unit of the timestamps in seconds, `rate` the nominal frames per second, which serves only
    where a timestamp is missing, and `origin` what is subtracted from each timestamp, in units of `time_base`.
    """

    def __init__(self, time_base: Fraction, rate: Fraction | None = None, origin: int = 0) -> None:
        self.adjusted = 0
        """How many timestamps did not increase and were moved."""
        self.paused = 0
        """How many frames at the nominal rate are missing before the last one; 0 where that is less than a second."""
        self._time_base = time_base
        self._rate = rate or USUAL_RATE
        self._step = max(1, round(1 / (self._rate * time_base)))
        self._longest_step = self._step + max(self._step, int(1 / time_base))
        self._origin = origin
        self._last: int | None = None

    def place(self, ticks: int | None) -> Fraction:
        """Seconds of a frame whose timestamp is `ticks`; None stands one frame after the last."""
        before = self._last
        if ticks is None:
            self._last = 0 if before is None else before + self._step
        else:
            self._last = self._after_last(ticks - self._origin)
        step = 0 if before is None else self._last - before
        self.paused = round(step * self._time_base * self._rate) - 1 if step >= self._longest_step else 0
        return self._last * self._time_base

    def _after_last(self, ticks: int) -> int:
        last = self._last
        if last is None or ticks > last:
            return ticks
        self.adjusted += 1
        return last + 1


class LiveTimeline:
    """Counts the pictures of a live source, over all its connections, and places them by when they were captured.

    Timestamps are the seconds since the first picture, in units of CLOCK_TICK.
    """

    def __init__(self, rate: Fraction | None = None) -> None:
        self._timeline = Timeline(CLOCK_TICK, rate)
        self._started: float | None = None
        self._count = 0

    @property
    def has_begun(self) -> bool:
        """Whether there was a picture; from any thread."""
        return self._started is not None

    def place(self, captured_at: float) -> tuple[int, Fraction]:
        """Index and timestamp of the next picture; `captured_at` is in seconds of one clock."""
        if self._started is None:
            self._started = captured_at
        self._count += 1
        return self._count - 1, self._timeline.place(round((captured_at - self._started) / CLOCK_TICK))

    def placed(self, frame: Frame, connection: int, fitted: Fitted | None = None) -> Frame:
        """A frame of a source that is shown through another one: in the count and time of that, and `fitted`."""
        index, pts = self.place(frame.captured_at)
        placed = replace(frame, index=index, pts=pts, connection=connection)
        return placed if fitted is None else fitted.of(placed)


@dataclass(frozen=True)
class Fitted:
    """What pictures of whatever shape are brought to, for what takes one only, as a recording does."""

    size: tuple[int, int]
    """(width, height)"""
    pixel_aspect: Fraction = Fraction(1)
    """Width of a pixel over its height."""

    def of(self, frame: Frame) -> Frame:
        """`frame`, whole and in proportion, with bars where it does not fill it."""
        stretch = believed(frame.pixel_aspect) / believed(self.pixel_aspect)
        picture = letterbox(frame.picture, self.size, stretch)
        sent = frame.sent
        if sent is not None and stretch != 1:
            sent = replace(sent, stretch=sent.stretch * stretch)
        return replace(frame, picture=picture, pixel_aspect=self.pixel_aspect, sent=sent)
