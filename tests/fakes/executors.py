"""Executors of a cluster's tasks without a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streamdepth.cluster.executor import Done
from streamdepth.cluster.tasks import Task
from streamdepth.cluster.work import carry_out
from streamdepth.errors import StopRequested
from streamdepth.machine import thread_count


class Here:
    """This process, one task after the other."""

    @property
    def machines(self) -> tuple[int, ...]:
        """This one."""
        return (thread_count(None),)

    def run(self, tasks: Sequence[Task], done: Done, must_stop: Callable[[], bool]) -> None:
        """As `Executor`."""
        for task in tasks:
            if must_stop():
                raise StopRequested
            done(task, carry_out(task))

    def everywhere(self, task: Task) -> bool:
        """As `Executor`."""
        carry_out(task)
        return True

    def close(self) -> None:
        """There is nothing to let go of."""
