"""How much of a source is taken, and what of it an earlier run has done already."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from streamdepth.errors import SourceError
from streamdepth.frames import Frame, LeftOff
from streamdepth.pixels import sum_of
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Limits:
    """How much of a source is taken, and how long a stage may take.

    `max_fps` thins frames by their timestamps; `duration` is in seconds of the source's time, of a live source
    from the first frame that is worked on; `frames` counts frames taken from a file, or frames shown of a live source.
    """

    max_fps: Fraction | None = None
    duration: Fraction | None = None
    frames: int | None = None
    inference_timeout: float = 60.0


class Thinner:
    """Applies `Limits` to a sequence of frames by their own timestamps.

    Of a live source the time counts from the first frame that was worked on: what came while the network was loaded or
    warmed up is not part of what was asked for.
    """

    def __init__(self, limits: Limits, live: bool) -> None:
        self._limits = limits
        self._live = live
        self._first: Fraction | None = None
        self._taken = 0
        self._next_due: Fraction | None = None

    def begin(self, frame: Frame) -> None:
        """Let the time begin, where it has not yet; called by the thread that shows frames."""
        if self._first is None:
            self._first = frame.pts

    def is_past_end(self, frame: Frame) -> bool:
        """Whether the limits end the source before `frame`."""
        if not self._live:
            self.begin(frame)
        first, limits = self._first, self._limits
        if limits.duration is not None and first is not None and frame.pts - first >= limits.duration:
            return True
        enough = not self._live and limits.frames is not None and self._taken >= limits.frames
        return enough and self._is_due(frame)

    def takes(self, frame: Frame) -> bool:
        """Whether `max_fps` lets `frame` through; keeps the average rate, not only the gap."""
        if self._limits.max_fps is not None:
            if not self._is_due(frame):
                return False
            step = 1 / self._limits.max_fps
            due = self._next_due if self._next_due is not None else frame.pts
            self._next_due = max(due + step, frame.pts)
        self._taken += 1
        return True

    def _is_due(self, frame: Frame) -> bool:
        return self._next_due is None or frame.pts >= self._next_due

    @property
    def holds_back(self) -> bool:
        """Whether a frame is best handed on when the next is taken: of a file, how long it is shown is known then."""
        return self._limits.max_fps is not None and not self._live

    def go_on(self, left_off: LeftOff) -> None:
        """Count what an earlier run took, of a source that gives what follows."""
        self._first, self._taken = left_off.first, left_off.taken


def shown_on(frame: Frame, left_out: Frame, rate: Fraction | None) -> Frame:
    """`frame`, shown until one behind it that is left out is over; `rate` is what the source has a second."""
    lasts = left_out.shown_for or (1 / rate if rate else Fraction(0))
    return replace(frame, shown_for=left_out.pts + lasts - frame.pts)


class Done:
    """Knows which frames an earlier run has worked on, if there was one.

    Their source is read again, where it cannot go on by itself; then the last of them must be what it was.
    """

    def __init__(self, left_off: LeftOff | None, thinner: Thinner) -> None:
        self._left_off = left_off
        self._thinner = thinner
        self._has_begun = False

    def holds(self, frame: Frame) -> bool:
        """Whether `frame` was worked on; raises SourceError where it is another one than then."""
        last, first_read, self._has_begun = self._left_off, not self._has_begun, True
        if last is None:
            return False
        if frame.index > last.index:
            if first_read:
                self._thinner.go_on(last)
            return False
        self._thinner.begin(frame)
        self._thinner.takes(frame)
        if frame.index == last.index and (frame.pts != last.pts or sum_of(frame.picture) != last.sum):
            raise SourceError(
                f"the input gives another picture at {float(last.pts):.3f} s than when the film was begun",
                "start anew: --no-resume",
            )
        return True
