"""Which task is next: the longest first, and one whose worker was lost again, up to three times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from streamdepth.cluster.tasks import Task

TRIES = 3


class TaskQueue:
    """Tasks that wait for a worker."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._waiting = sorted(tasks, key=lambda task: task.weight, reverse=True)
        self._tasks = tasks
        self._tries: Counter[int] = Counter()
        """By `id`: two films may have one name, of which only secrets differ."""

    def __bool__(self) -> bool:
        return bool(self._waiting)

    @property
    def next(self) -> Task:
        """The one that `take` gives."""
        return self._waiting[0]

    def take(self) -> Task:
        """The next one."""
        return self._waiting.pop(0)

    def lost(self, task: Task) -> int | None:
        """The worker of a task was lost: it comes next. Returns which try that is; None after the last."""
        self._tries[id(task)] += 1
        if self._tries[id(task)] >= TRIES:
            return None
        self._waiting.insert(0, task)
        return self._tries[id(task)] + 1
