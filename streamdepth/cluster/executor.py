"""Who carries tasks out: workers of a cluster, or this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from streamdepth.cluster.tasks import Answer, Task
from streamdepth.cluster.work import carry_out
from streamdepth.errors import StopRequested

Done = Callable[[Task, Answer], None]
"""Gets each answer when it is there, on the thread that called."""


class Executor(Protocol):
    """Carries out tasks, in any order and side by side."""

    def run(self, tasks: Sequence[Task], done: Done, must_stop: Callable[[], bool]) -> None:
        """All of them.

        Raises `ClusterError` where that does not come to an end, `StopRequested` soon after `must_stop` says so.
        """

    def close(self) -> None:
        """Let go of the workers."""


class Here:
    """This process, one task after the other."""

    def run(self, tasks: Sequence[Task], done: Done, must_stop: Callable[[], bool]) -> None:
        """As `Executor`."""
        for task in tasks:
            if must_stop():
                raise StopRequested
            done(task, carry_out(task))

    def close(self) -> None:
        """There is nothing to let go of."""
