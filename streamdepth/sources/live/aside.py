"""An input that is opened aside while another is shown."""

from __future__ import annotations

from collections.abc import Callable

from streamdepth.errors import NoFrameYet, SourceError, SourceTimeout, Trouble
from streamdepth.frames import Frame
from streamdepth.protocols import Source
from streamdepth.sources.live.stream import Stream

MOST_HANGING = 4
"""Inputs that were let go and have not closed yet: with so many, no other is opened."""


class Aside:
    """Opens one input at a time, each in a thread of its own, within `patience` seconds by `clock`."""

    def __init__(self, clock: Callable[[], float], patience: float) -> None:
        self._clock = clock
        self._patience = patience
        self._number: int | None = None
        self._stream: Stream | None = None
        self._since = 0.0
        self._leaving: list[Stream] = []

    def want(self, number: int | None, connect: Callable[[], Source] | None = None) -> None:
        """Open input `number` with `connect`, unless it is the one that is being opened; None wants none.

        Raises SourceError while too many others still hang.
        """
        if number == self._number:
            return
        if self._stream is not None:
            self.let_go(self._stream)
        self._number, self._stream = None, None
        if number is None or connect is None:
            return
        self._leaving = [stream for stream in self._leaving if not stream.leave(0.0)]
        if len(self._leaving) >= MOST_HANGING:
            raise SourceError("too many inputs hang", "try again in a minute", Trouble.TIMEOUT)
        self._number, self._stream, self._since = number, Stream(connect), self._clock()

    def first(self) -> tuple[Stream, Frame] | None:
        """The input with its first picture, now the caller's, or None without one yet; raises why there is none."""
        stream = self._stream
        if stream is None:
            return None
        try:
            frame = stream.next(0.0)
        except NoFrameYet:
            self._check_patience(stream)
            return None
        self._number, self._stream = None, None
        if frame is None:
            raise stream.failure or SourceError("it ended at once", "", Trouble.ENDED)
        return stream, frame

    def let_go(self, stream: Stream) -> None:
        """Take no more of a stream, and do not wait for it to close."""
        if not stream.leave(0.0):
            self._leaving.append(stream)

    def _check_patience(self, stream: Stream) -> None:
        if self._clock() - self._since < self._patience:
            return
        self._number, self._stream = None, None
        self.let_go(stream)
        raise SourceTimeout("it gives no picture", "check it with streamdepth doctor", Trouble.TIMEOUT)
