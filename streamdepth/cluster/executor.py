"""What carries out tasks: the workers of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from streamdepth.cluster.tasks import Answer, Task

LOCAL = "local"
"""The address of workers of this machine, which are started for the run."""
Done = Callable[[Task, Answer], None]
"""Gets each answer when it is there, on the thread that called."""


class Executor(Protocol):
    """Carries out tasks, in any order and side by side."""

    @property
    def machines(self) -> tuple[int, ...]:
        """How many processors each machine has that is there."""

    def run(self, tasks: Sequence[Task], done: Done, must_stop: Callable[[], bool]) -> None:
        """All of them, each of which is answered. Raises `StopRequested` soon after `must_stop` says so."""

    def everywhere(self, task: Task) -> bool:
        """Once on each machine, within a bounded time; whether all answered."""

    def close(self) -> None:
        """Let go of the workers."""


class Shared:
    """An executor that its owner closes, not this batch."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    @property
    def machines(self) -> tuple[int, ...]:
        """Its machines."""
        return self._executor.machines

    def run(self, tasks: Sequence[Task], done: Done, must_stop: Callable[[], bool]) -> None:
        """As it does."""
        self._executor.run(tasks, done, must_stop)

    def everywhere(self, task: Task) -> bool:
        """As it does."""
        return self._executor.everywhere(task)

    def close(self) -> None:
        """It stays."""
