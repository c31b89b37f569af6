"""A recording for a viewer who may pause it and move within it; at its end it waits."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

from streamdepth.errors import SourceError
from streamdepth.frames import Frame, Playhead, PlayState, SourceInfo
from streamdepth.protocols import Seekable, Source
from streamdepth.sources.replay.paced import HELD_RATE, Played
from streamdepth.sources.timeline import LiveTimeline
from streamdepth.threads.worker import Lock

STEPS = {False: Fraction(5), True: Fraction(60)}
"""Seconds of a video that are skipped, near and far."""
PICTURE_STEPS = {False: Fraction(1), True: Fraction(10)}
"""The same of pictures, which are a second apart."""
CANNOT_MOVE = "this input cannot be moved within"
HEED = 0.05
"""Seconds within which a key of the viewer is handled while no picture is due."""


class Recorded(Source, Seekable, Protocol):
    """A source that could wait and can be read from elsewhere."""


class Player(Played):
    """The frames of `inner` at their own speed, until the viewer says otherwise: see `Playback`.

    While it is paused, and at its end, the last frame comes again five times a second. It goes on until it is closed.
    Timestamps are the seconds since the first picture, as of a camera; `Frame.connection` counts the moves.
    """

    def __init__(
        self,
        inner: Recorded,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(inner, clock, wait)
        self._recorded = inner
        self._steps = PICTURE_STEPS if inner.info.kind == "image" else STEPS
        self._length = inner.length
        self._timeline = LiveTimeline(inner.info.rate)
        self._moves = 0
        self._first: Fraction | None = None
        self._last: Frame | None = None
        self._next: Frame | None = None
        """Read, and not due yet."""
        self._lock = Lock()
        self._state = PlayState.PLAYING
        self._position = Fraction(0)
        self._wanted: Fraction | None = None
        self._trouble = ""

    @property
    def playhead(self) -> Playhead:
        """Where the viewer is, or will be in a moment; from any thread."""
        with self._lock:
            position = self._position if self._wanted is None else self._wanted
            return Playhead(self._state, self._place(position, self._state), self._trouble)

    def toggle_pause(self) -> None:
        """Hold the picture, or go on; at the end, play from the beginning; from any thread."""
        with self._lock:
            if self._state is PlayState.ENDED:
                self._wanted = Fraction(0)
            else:
                playing = self._state is PlayState.PLAYING
                self._state = PlayState.PAUSED if playing else PlayState.PLAYING

    def skip(self, direction: int, *, far: bool = False) -> None:
        """Move by 5 or 60 seconds, or by 1 or 10 pictures, backwards (-1) or forwards (1); from any thread."""
        with self._lock:
            base = self._position if self._wanted is None else self._wanted
            wanted = max(Fraction(0), base + direction * self._steps[far])
            self._wanted = wanted if self._length is None else min(wanted, self._length)

    def read(self) -> Frame | None:
        """The next frame once it is due, or the last one again; None only where `inner` has none at all."""
        moved = self._move()
        if self._last is not None and not moved and self._state is not PlayState.PLAYING:
            return self._again(self._last)
        self._next = self._next or self.inner.read()
        if self._next is None:
            return self._end()
        if self._last is None or moved or self._is_due(self._next):
            return self._show(self._next)
        return self._again(self._last)

    def _described(self, inner: SourceInfo) -> SourceInfo:
        return replace(super()._described(inner), time_base=None, frame_count=None)

    def _move(self) -> bool:
        """Go where the viewer wants to be; whether that was done."""
        with self._lock:
            wanted, self._wanted = self._wanted, None
        if wanted is None:
            return False
        try:
            self._recorded.seek(wanted)
        except SourceError:  # reported to the viewer; the picture stays
            with self._lock:
                self._trouble = CANNOT_MOVE
            return False
        self._next = None
        self._pace.restart()
        self._moves += 1
        with self._lock:
            self._trouble = ""
            if self._state is PlayState.ENDED:
                self._state = PlayState.PLAYING
        return True

    def _end(self) -> Frame | None:
        with self._lock:
            self._state = PlayState.ENDED
        return None if self._last is None else self._again(self._last)

    def _is_due(self, frame: Frame) -> bool:
        """Wait for it; False where the viewer wants something else before."""
        while (remaining := self._pace.remaining(frame.pts, self._clock())) > 0:
            if self._wanted is not None or self._state is not PlayState.PLAYING:
                return False
            self._wait(min(remaining, HEED))
        return True

    def _again(self, last: Frame) -> Frame:
        until = self._clock() + float(1 / HELD_RATE)
        while self._wanted is None and self._state is not PlayState.PLAYING:
            remaining = until - self._clock()
            if remaining <= 0:
                break
            self._wait(min(remaining, HEED))
        self._pace.restart()
        return self._placed(last)

    def _show(self, frame: Frame) -> Frame:
        self._next = None
        self._pace.remaining(
            frame.pts, self._clock()
        )  # which begins it, where this is the first or was moved to
        self._first = frame.pts if self._first is None else self._first
        with self._lock:
            self._position = frame.pts - self._first
        return self._placed(frame)

    def _placed(self, frame: Frame) -> Frame:
        self._last = self._timeline.placed(replace(frame, captured_at=self._clock()), self._moves)
        return self._last

    def _place(self, position: Fraction, state: PlayState) -> str:
        length = self._length
        if self._steps is PICTURE_STEPS:
            return f"{int(position) + 1} / {int(length or 0)}"
        if length is None:
            return _clock_time(position)
        # The last picture begins before the end.
        return f"{_clock_time(length if state is PlayState.ENDED else position)} / {_clock_time(length)}"


def _clock_time(seconds: Fraction) -> str:
    """`1:03`, or `1:02:03`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
