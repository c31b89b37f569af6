"""The outcome of work that another thread will do: waited for in a thread, or passed to a callback."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from typing import TypeVar

from streamdepth.threads.awake import LONGEST, Awake

T = TypeVar("T")


class Withdrawn(Exception):
    """Nobody wants the work any more: not an error, but what ends it."""


class Ticket(Future[T]):
    """For work that was handed in; `cancel` gives its place up, also when it has begun.

    `on_cancel` is called by whoever cancels it, once at most.
    """

    def __init__(self, on_cancel: Callable[[], object]) -> None:
        super().__init__()
        self._on_cancel: Callable[[], object] | None = on_cancel
        self._is_wanted = True

    def cancel(self) -> bool:
        """Want it no longer: what waits is taken out, and work that has begun ends at its next `check`."""
        self._is_wanted = False
        on_cancel, self._on_cancel = self._on_cancel, None
        if on_cancel is not None:
            on_cancel()
        return super().cancel()

    def check(self) -> None:
        """Raise `Withdrawn` where nobody wants the work any more; called by the work between its steps."""
        if not self._is_wanted:
            raise Withdrawn

    def wait(self, seconds: float) -> T:
        """Its result; raises what the work raised, `TimeoutError` after so long, `Withdrawn` when it was cancelled."""
        waited = Awake()
        try:
            while not self.done() and (left := seconds - waited.look()) > 0:
                with suppress(TimeoutError):
                    self.exception(min(left, LONGEST / 2))
            return self.result(0)
        except CancelledError as error:
            raise Withdrawn from error

    def do(self, work: Callable[[], T]) -> bool:
        """Do the work in the calling thread, unless nobody wants it; returns whether there is a result."""
        if not self.set_running_or_notify_cancel():
            return False
        self._on_cancel = None  # it refers to what refers to this
        try:
            result = work()
        except BaseException as error:
            self.set_exception(error)
            del self  # whose error has a traceback that refers to this call
            return False
        self.set_result(result)
        return True

    def fail(self, error: BaseException) -> None:
        """The work is not begun, for a reason."""
        self._on_cancel = None
        if self.set_running_or_notify_cancel():
            self.set_exception(error)
