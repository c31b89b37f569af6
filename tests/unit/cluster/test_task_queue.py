from __future__ import annotations

from pathlib import Path

from streamdepth.cluster.task_queue import TaskQueue
from streamdepth.cluster.tasks import Film, Greet, Task
from streamdepth.run.spec import RunSpec

FILM = Film(RunSpec(), Path("folder"), "mark")


def tasks(*weights: float) -> list[Task]:
    return [Task(f"piece {weight:g}", Greet(FILM), weight) for weight in weights]


def test_the_longest_is_first_and_what_was_lost_comes_before_all_that_wait():
    queue = TaskQueue(tasks(1, 3, 2))
    first = queue.take()
    assert first.weight == 3
    assert queue.lost(first) == 2
    assert [queue.take().weight for _ in range(3)] == [3, 2, 1]
    assert not queue


def test_three_workers_are_enough_to_lose():
    queue = TaskQueue(tasks(1))
    for number in (2, 3):
        assert queue.lost(queue.take()) == number
    assert queue.lost(queue.take()) is None
    assert not queue


def test_tasks_of_one_name_are_counted_apart():
    queue = TaskQueue(tasks(1, 1))
    assert [queue.lost(task) for task in (queue.take(), queue.take())] == [2, 2]
