"""Foreign calls that may block for long, made in a thread of their own so that the caller stays awake."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from streamdepth.errors import StopRequested
from streamdepth.threads.awake import Awake
from streamdepth.threads.handoff import Handoff
from streamdepth.threads.worker import Worker, stuck

T = TypeVar("T")

HEED_SIGNALS = 0.1
"""Seconds between two looks of a caller that waits for a foreign call."""


def run_aside(name: str, call: Callable[[], T]) -> T:
    """The result of a foreign call that may block for long, made in a thread of its own.

    Python handles a signal only between its own instructions: waiting here, the caller still answers to Ctrl-C at
    once, and leaves the call behind. Raises what the call raises; `call` itself bounds how long it takes.
    """
    return begin_aside(name, call)()


def begin_aside(name: str, call: Callable[[], T]) -> Callable[[], T]:
    """Begin such a call, and go on: what this gives waits for the result, once, as `run_aside` does."""
    results: Handoff[T] = Handoff(1, when_full="wait")
    worker = Worker(name, lambda: _put(results, call()), on_error=lambda _error: None).start()

    def result() -> T:
        while worker.is_running(HEED_SIGNALS):
            pass
        return _result_of(worker, results)

    return result


def _never() -> bool:
    return False


def run_bounded(
    name: str,
    call: Callable[[], T],
    limit: float,
    *,
    discard: Callable[[T], None],
    is_stopped: Callable[[], bool] = _never,
) -> T:
    """The result of a foreign call as `run_aside` makes it; raises `StageStuck` when it takes `limit` seconds.

    Raises `StopRequested` soon after `is_stopped` says that nobody wants the result any more. What such a call returns
    after all, later, goes to `discard` (in its own thread), so that nothing stays open.
    """
    results: Handoff[T] = Handoff(1, when_full="wait", on_drop=discard)
    worker = Worker(name, lambda: _put(results, call()), on_error=lambda _error: None).start()
    waited = Awake()
    while worker.is_running(HEED_SIGNALS):
        if waited.look() >= limit:
            results.abandon()
            raise stuck(name, limit)
        if is_stopped():
            results.abandon()
            raise StopRequested
    return _result_of(worker, results)


def _result_of(worker: Worker, results: Handoff[T]) -> T:
    if worker.error is not None:
        raise worker.error
    return results.get(0.0)


def _put(results: Handoff[T], result: T) -> None:
    results.put(result)
