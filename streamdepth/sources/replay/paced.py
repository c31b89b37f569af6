"""Inputs that could wait, played as if they were live: for windows and viewers, which need not show every frame."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from streamdepth.frames import Frame, SourceInfo
from streamdepth.protocols import Source, warnings_of

_LONGEST_PAUSE = 2.0
"""Seconds, or twice the time between two frames; a gap in the timestamps that is longer is shortened to this."""
HELD_RATE = Fraction(5)
"""Times a second that a picture which stands comes again: what the viewer changes is seen on it."""
_MARGIN = 1.0


class Pace:
    """When the frames of a recording are due: the first at once, each other one as its timestamp says."""

    def __init__(self, rate: Fraction | None) -> None:
        self.longest_pause = max(_LONGEST_PAUSE, float(2 / rate)) if rate else _LONGEST_PAUSE
        """Seconds that a frame is waited for at most."""
        self._start: float | None = None

    def restart(self) -> None:
        """The next frame is due at once, whatever its timestamp."""
        self._start = None

    def remaining(self, pts: Fraction, now: float) -> float:
        """Seconds until a frame is due, at `now` of the clock; not positive where it is."""
        at = float(pts)
        if self._start is None:
            self._start = now - at
        # A pause that is too long moves the start, so that what follows is shown at its own speed again.
        self._start = min(self._start, now - at + self.longest_pause)
        return self._start + at - now


class Played:
    """A source that plays another one: `inner`, as if it were live, at the speed of `clock`."""

    def __init__(
        self,
        inner: Source,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self.inner = inner
        self._clock, self._wait = clock, wait
        self._pace = Pace(inner.info.rate)
        self._info = self._described(inner.info)

    @property
    def info(self) -> SourceInfo:
        """That of `inner`, but live."""
        return self._info

    @property
    def warnings(self) -> list[str]:
        """What `inner` has to report."""
        return list(warnings_of(self.inner))

    def close(self) -> None:
        """Close `inner`."""
        self.inner.close()

    def _described(self, inner: SourceInfo) -> SourceInfo:
        """What a recording says of itself while it is played: it is live, and waits are part of reading."""
        return replace(inner, live=True, read_timeout=inner.read_timeout + self._pace.longest_pause + _MARGIN)


class PacedSource(Played):
    """A file played at its own speed: the frames of `inner`, in order, none before it is due by the clock.

    The first frame is due at once, each other one as long after it as its timestamp says. Nothing is skipped here:
    a caller that is late gets the next frame without delay, and the hand-over to inference drops what it has no
    time for. Where decoding is slower than the file's own speed, the file plays as fast as it can. `captured_at`
    is when the frame was handed out.
    """

    def read(self) -> Frame | None:
        """The next frame of `inner` once it is due; None after the last."""
        frame = self.inner.read()
        if frame is None:
            return None
        remaining = self._pace.remaining(frame.pts, self._clock())
        if remaining > 0:
            self._wait(remaining)
        return replace(frame, captured_at=self._clock())


class HeldPicture(Played):
    """One picture as a live source without end: what a window shows until its viewer leaves.

    The first frame of `inner` comes again five times a second, so that what the viewer changes is seen.
    """

    _held: Frame | None = None

    def read(self) -> Frame | None:
        """The picture, a fifth of a second after the last time; None only where `inner` has none."""
        if self._held is None:
            self._held = self.inner.read()
            return self._held
        index = self._held.index + 1
        self._wait(float(1 / HELD_RATE))
        self._held = replace(self._held, index=index, pts=index / HELD_RATE, captured_at=self._clock())
        return self._held

    def _described(self, inner: SourceInfo) -> SourceInfo:
        return replace(inner, live=True, rate=HELD_RATE, time_base=1 / HELD_RATE, frame_count=None)
