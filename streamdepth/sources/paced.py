"""Inputs that could wait, played as if they were live: for a window or a viewer, where nobody asks for every frame."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from streamdepth.frames import Frame, SourceInfo
from streamdepth.stages import Source

_LONGEST_PAUSE = 2.0
"""Seconds, or twice the time between two frames; a gap in the timestamps that is longer is shortened to this."""
_HELD_RATE = Fraction(5)
_MARGIN = 1.0


class _Played:
    """What it takes to play another source."""

    def __init__(self, inner: Source, clock: Callable[[], float], wait: Callable[[float], None]) -> None:
        self.inner = inner
        self._clock, self._wait = clock, wait

    @property
    def warnings(self) -> list[str]:
        """What `inner` has to tell."""
        return list(getattr(self.inner, "warnings", ()))

    def close(self) -> None:
        """Close `inner`."""
        self.inner.close()


class PacedSource(_Played):
    """A file played at its own speed: the frames of `inner`, in order, none before it is due by the clock.

    The first frame is due at once, each other one as long after it as its timestamp says. Nothing is skipped here:
    a reader who comes late gets the next frame without delay, and the hand-over to inference drops what it has no
    time for. Where decoding is slower than the file's own speed, the file plays as fast as it can. `captured_at`
    is when the frame was handed out.
    """

    def __init__(
        self,
        inner: Source,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(inner, clock, wait)
        rate = inner.info.rate
        self._longest_pause = max(_LONGEST_PAUSE, float(2 / rate)) if rate else _LONGEST_PAUSE
        timeout = inner.info.read_timeout + self._longest_pause + _MARGIN
        self._info = replace(inner.info, live=True, read_timeout=timeout)
        self._start: float | None = None

    @property
    def info(self) -> SourceInfo:
        """That of `inner`, but live."""
        return self._info

    def read(self) -> Frame | None:
        """The next frame of `inner` once it is due; None after the last."""
        frame = self.inner.read()
        if frame is None:
            return None
        self._wait_until_due(float(frame.pts))
        return replace(frame, captured_at=self._clock())

    def _wait_until_due(self, pts: float) -> None:
        now = self._clock()
        if self._start is None:
            self._start = now - pts
        # A pause that is too long moves the start, so that what follows is shown at its own speed again.
        self._start = min(self._start, now - pts + self._longest_pause)
        remaining = self._start + pts - now
        if remaining > 0:
            self._wait(remaining)


class HeldPicture(_Played):
    """One picture as a live source without end: what a window shows until its viewer leaves.

    The first frame of `inner` comes again five times a second, so that what the viewer changes is seen.
    """

    def __init__(
        self,
        inner: Source,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(inner, clock, wait)
        self._info = replace(
            inner.info, live=True, rate=_HELD_RATE, time_base=1 / _HELD_RATE, frame_count=None
        )
        self._held: Frame | None = None

    @property
    def info(self) -> SourceInfo:
        """That of `inner`, but live and without end."""
        return self._info

    def read(self) -> Frame | None:
        """The picture, a fifth of a second after the last time; None only where `inner` has none."""
        if self._held is None:
            self._held = self.inner.read()
            return self._held
        index = self._held.index + 1
        self._wait(float(1 / _HELD_RATE))
        self._held = replace(self._held, index=index, pts=index / _HELD_RATE, captured_at=self._clock())
        return self._held
