"""A source in a thread of its own: where it hangs, its caller does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from streamdepth.errors import NoFrameYet
from streamdepth.frames import Frame
from streamdepth.protocols import Source
from streamdepth.threads.handoff import Ended, Handoff
from streamdepth.threads.worker import Flag, Worker

LOOK = 0.2
"""Seconds that `read` of a live source waits before it says that there is no frame yet: how soon its caller can end."""
LEAVE = 0.5
"""Seconds that a source is given to say goodbye."""


@runtime_checkable
class StandsBy(Protocol):
    """A source that may be open for long before it is read, as while a network is loaded.

    What lay in buffers until then would be taken for new, and where they are full many cameras hang up.
    """

    def stand_by(self) -> None:
        """Until the first `read` take what the other side sends, and keep the newest picture alone."""


class Stream:
    """One source: opened, read and closed by a thread of its own, which ends once `leave` is called."""

    def __init__(self, connect: Callable[[], Source]) -> None:
        self.source: Source | None = None
        """What is read, once it is open."""
        self.failure: BaseException | None = None
        """What ended it, once `next` has returned None; None where the other side ended it."""
        self.waits = Flag()
        """Set each time the source says itself that it has no frame yet: so it is there, and does not hang."""
        self._left = Flag()
        self._stands_by = False
        self._frames: Handoff[Frame] = Handoff(1, when_full="wait")
        self._worker = Worker("connection", lambda: self._run(connect), on_error=self._fail).start()

    def stand_by(self) -> None:
        """Keep the newest frame alone until one is asked for."""
        self._stands_by = True
        self._frames.change("drop-oldest")

    def next(self, patience: float, when_silent: Callable[[], None] = lambda: None) -> Frame | None:
        """The next frame, None at the end.

        After `patience` seconds without one it raises NoFrameYet, or what `when_silent` raises, which is called before.
        """
        if self._stands_by:
            self._stands_by = False
            self._frames.change("wait")
        try:
            return self._frames.get(patience)
        except Ended:
            return None
        except TimeoutError:
            pass
        when_silent()
        raise NoFrameYet

    def leave(self, patience: float = LEAVE) -> bool:
        """Take no more; wait a moment for the source to close, then leave it to itself. Whether it has ended."""
        self._left.set()
        self._frames.abandon()
        return not self._worker.is_running(patience)

    def _run(self, connect: Callable[[], Source]) -> None:
        source = connect()
        try:
            self.source = source
            while not self._left.is_set() and self._hand_on(source):
                pass
        finally:
            source.close()
        self._frames.close()

    def _fail(self, error: BaseException) -> None:
        self.failure = error
        self._frames.close()

    def _hand_on(self, source: Source) -> bool:
        """Wait for one frame and for the caller to take it; False at the end."""
        try:
            frame = source.read()
        except NoFrameYet:
            self.waits.set()
            return True
        return frame is not None and self._frames.put(frame)
