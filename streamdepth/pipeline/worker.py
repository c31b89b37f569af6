"""The one kind of thread: named, joined with a bound, its error carried to whoever started it."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from streamdepth.errors import StageStuck
from streamdepth.pipeline.handoff import Handoff

T = TypeVar("T")

LEAST_PRIORITY = 19
_PREFIX = "streamdepth-"
HEED_SIGNALS = 0.1
"""Seconds between two looks of a caller that waits for a foreign call."""


class Worker:
    """Runs `target` once in a thread of its own.

    An exception that leaves `target` is kept in `error` and reported to `on_error` from the thread itself. The
    thread is a daemon: one that is stuck in a foreign call cannot keep the process alive. `target` and `on_error` are
    let go of once they have run: they mostly refer to who holds the worker, and both, with a decoder of some megabytes,
    would stay until Python next looks for such circles, which in a steady run it rarely does. The traceback of an error
    is such a circle as well: who keeps the worker and raises the error no further drops it (`with_traceback(None)`).
    """

    def __init__(
        self, name: str, target: Callable[[], None], *, on_error: Callable[[BaseException], None]
    ) -> None:
        self.name = name
        self.error: BaseException | None = None
        self._calls: tuple[Callable[[], None], Callable[[BaseException], None]] | None = (target, on_error)
        self._thread = threading.Thread(target=self._run, name=_PREFIX + name, daemon=True)

    def start(self) -> Worker:
        """Start the thread; call once."""
        self._thread.start()
        return self

    def is_running(self, patience: float) -> bool:
        """Whether the thread still runs after `patience` seconds, or its end if that is sooner."""
        self._thread.join(patience)
        return self._thread.is_alive()

    def join(self, timeout: float) -> None:
        """Wait at most `timeout` seconds; raises `StageStuck` when the thread is still running then."""
        if self.is_running(timeout):
            raise _stuck(self.name, timeout)

    def _run(self) -> None:
        assert self._calls is not None  # it is started once
        (target, on_error), self._calls = self._calls, None
        try:
            target()
        except BaseException as error:
            self.error = error
            on_error(error)


def left_behind() -> bool:
    """Whether a `Worker` still runs: one in a foreign call that nobody could end, when everything else has ended.

    Python must not end normally then. It stops such a thread where it comes back from the foreign call, and where that
    is C++ the process dies of it (`terminate called without an active exception`).
    """
    return any(thread.name.startswith(_PREFIX) for thread in threading.enumerate())


def give_way(niceness: int = 5) -> None:
    """Let the calling thread, and the threads that it will start, run behind all others of this process.

    On Linux only, where each thread has a priority of its own; it cannot be taken back. `niceness` adds to that of the
    process's first thread; where the system does not allow it, everything runs as before. Five steps are a third of
    the share of other busy threads: enough that a thread of the network that wakes runs at once, and not so much that
    another busy program takes everything.
    """
    if sys.platform == "linux":
        wanted = min(LEAST_PRIORITY, os.getpriority(os.PRIO_PROCESS, os.getpid()) + niceness)
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), wanted)


@contextlib.contextmanager
def long_turns() -> Iterator[None]:
    """Meanwhile the calling thread, and those that it starts, are not interrupted by each thread that wakes.

    For work of which only the total counts: threads that hand pictures on would push each other off their cores for
    each one, and find the caches full of another's. Linux only (SCHED_BATCH, sched(7)); elsewhere nothing changes.
    """
    # Whoever chose another policy than the usual one knows why.
    if sys.platform != "linux" or os.sched_getscheduler(0) != os.SCHED_OTHER:
        yield
        return
    _schedule(os.SCHED_BATCH)
    try:
        yield
    finally:
        _schedule(os.SCHED_OTHER)


def _schedule(policy: int) -> None:
    with contextlib.suppress(OSError):  # where a sandbox forbids it, everything runs as before
        os.sched_setscheduler(0, policy, os.sched_param(0))


def run_aside(name: str, call: Callable[[], T]) -> T:
    """The result of a foreign call that may block for long, made in a thread of its own.

    Python hears a signal only between its own instructions: waiting here, the caller still answers to Ctrl-C at
    once, and leaves the call behind. Raises what the call raises; `call` itself bounds how long it takes.
    """
    return run_bounded(name, call, math.inf, discard=lambda _late: None)


def run_bounded(name: str, call: Callable[[], T], limit: float, *, discard: Callable[[T], None]) -> T:
    """The result of a foreign call as `run_aside` makes it; raises `StageStuck` when it takes `limit` seconds.

    What such a call returns after all, later, goes to `discard` (in its own thread), so that nothing stays open.
    """
    results: Handoff[T] = Handoff(1, when_full="wait", on_drop=discard)
    worker = Worker(name, lambda: _put(results, call()), on_error=lambda _error: None).start()
    give_up_at = time.monotonic() + limit
    while worker.is_running(HEED_SIGNALS):
        if time.monotonic() >= give_up_at:
            results.abandon()
            raise _stuck(name, limit)
    if worker.error is not None:
        raise worker.error
    return results.get(0.0)


def _stuck(name: str, seconds: float) -> StageStuck:
    return StageStuck(f"the {name} stage did not end within {seconds:g} s", "it was left behind; start again")


def _put(results: Handoff[T], result: T) -> None:
    results.put(result)


class Watch:
    """Tells how long a stage has been inside one call that is bounded: written by the stage, read by another."""

    def __init__(self, stage: str, limit: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._stage = stage
        self._limit = limit
        self._clock = clock
        self._since: float | None = None

    def __enter__(self) -> None:
        self._since = self._clock()

    def __exit__(self, *_: object) -> None:
        self._since = None

    def check(self) -> None:
        """Raise `StageStuck` when the present call has outlived the limit."""
        since = self._since
        if since is not None and self._clock() - since > self._limit:
            raise StageStuck(
                f"the {self._stage} stage has not answered for {self._limit:g} s",
                "check the camera, the network or the disk it waits for, and start again",
            )


Flag = threading.Event
"""Set once, from any thread, to ask stages to end."""

Lock = threading.Lock
"""For the few values that two threads share outside a hand-over."""
