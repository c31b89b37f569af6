from __future__ import annotations

import threading

import pytest

from streamdepth.threads.handoff import Ended
from streamdepth.threads.priority_queue import PriorityQueue

BOUND = 10.0


def test_the_most_urgent_is_taken_first_and_of_equals_the_oldest():
    queue = PriorityQueue(5)
    for item, priority in (("job", 2), ("first", 1), ("second", 1), ("live", 0)):
        assert queue.put(item, priority)
    assert [queue.ahead(priority) for priority in (0, 1, 2)] == [1, 3, 4]
    assert [queue.take() for _ in range(4)] == ["live", "first", "second", "job"]


def test_what_finds_no_room_is_refused_at_once():
    queue = PriorityQueue(1)
    assert queue.put("one", 1)
    assert queue.is_full
    assert not queue.put("two", 0)
    assert queue.take() == "one"
    assert queue.put("two", 0)


def test_what_is_removed_gives_its_place_up():
    queue = PriorityQueue(2)
    mine, other = object(), object()
    queue.put(mine, 1)
    queue.put(other, 1)
    assert queue.remove(mine)
    assert not queue.remove(mine)
    assert len(queue) == 1
    assert queue.take() is other


def test_the_end_gives_back_what_waits_and_wakes_those_who_wait(until):
    queue, ended = PriorityQueue(2), []

    def take():
        queue.take()
        try:
            queue.take()
        except Ended:
            ended.append(True)

    taker = threading.Thread(target=take, daemon=True)
    taker.start()
    queue.put("one", 1)
    until(lambda: len(queue) == 0)
    taker.join(0.05)
    assert queue.close() == []
    taker.join(BOUND)
    assert ended == [True]
    assert not queue.put("late", 0)
    again = PriorityQueue(2)
    again.put("left", 1)
    assert again.close() == ["left"]
    with pytest.raises(Ended):
        again.take()
