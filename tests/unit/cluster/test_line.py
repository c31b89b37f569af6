from __future__ import annotations

from pathlib import Path

from streamdepth.cluster.line import Line
from streamdepth.cluster.tasks import Film, Greet, Task
from streamdepth.run.spec import RunSpec

FILM = Film(RunSpec(), Path("folder"), "mark")


def tasks(*weights: float) -> list[Task]:
    return [Task(f"piece {weight:g}", Greet(FILM), weight) for weight in weights]


def test_the_longest_is_first_and_what_was_lost_comes_before_all_that_wait():
    line = Line(tasks(1, 3, 2))
    first = line.take()
    assert first.weight == 3
    assert line.lost(first) == 2
    assert [line.take().weight for _ in range(3)] == [3, 2, 1]
    assert not line


def test_three_workers_are_enough_to_lose():
    line = Line(tasks(1))
    for number in (2, 3):
        assert line.lost(line.take()) == number
    assert line.lost(line.take()) is None
    assert not line


def test_tasks_of_one_name_are_counted_apart():
    line = Line(tasks(1, 1))
    assert [line.lost(task) for task in (line.take(), line.take())] == [2, 2]
