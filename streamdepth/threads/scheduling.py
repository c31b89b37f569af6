"""Which thread runs first when cores are scarce, and for how long at a time (Linux; elsewhere nothing changes)."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

LEAST_PRIORITY = 19


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
    # Another policy than the usual one was chosen for a reason.
    if sys.platform != "linux" or os.sched_getscheduler(0) != os.SCHED_OTHER:
        yield
        return
    _schedule(os.SCHED_BATCH)
    try:
        yield
    finally:
        _schedule(os.SCHED_OTHER)


@contextlib.contextmanager
def usual_threads() -> Iterator[None]:
    """Meanwhile something is opened that would make real-time threads; they are none when this ends.

    SVT-AV1 makes its own threads and the one that opens it such, for good, where the process may, as root in a
    container may: they would be served before all else of the machine. Linux only.
    """
    if sys.platform != "linux":
        yield
        return
    policy, parameters, before = os.sched_getscheduler(0), os.sched_getparam(0), _threads()
    try:
        yield
    finally:
        for thread in (threading.get_native_id(), *(_threads() - before)):
            with contextlib.suppress(OSError):  # it may be over
                if os.sched_getscheduler(thread) in (os.SCHED_FIFO, os.SCHED_RR):
                    os.sched_setscheduler(thread, policy, parameters)


def _threads() -> set[int]:
    return {int(task.name) for task in Path("/proc/self/task").iterdir()}


def _schedule(policy: int) -> None:
    with contextlib.suppress(OSError):  # where a sandbox forbids it, everything runs as before
        os.sched_setscheduler(0, policy, os.sched_param(0))
