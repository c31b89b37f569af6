from __future__ import annotations

import threading

import pytest

from streamdepth.threads.handoff import Ended
from streamdepth.threads.line import Line

BOUND = 10.0


def test_the_most_urgent_is_taken_first_and_of_equals_the_oldest():
    line = Line(5)
    for item, priority in (("job", 2), ("first", 1), ("second", 1), ("live", 0)):
        assert line.put(item, priority)
    assert [line.ahead(priority) for priority in (0, 1, 2)] == [1, 3, 4]
    assert [line.take() for _ in range(4)] == ["live", "first", "second", "job"]


def test_what_finds_no_room_is_refused_at_once():
    line = Line(1)
    assert line.put("one", 1)
    assert line.is_full
    assert not line.put("two", 0)
    assert line.take() == "one"
    assert line.put("two", 0)


def test_what_is_removed_gives_its_place_up():
    line = Line(2)
    mine, other = object(), object()
    line.put(mine, 1)
    line.put(other, 1)
    assert line.remove(mine)
    assert not line.remove(mine)
    assert len(line) == 1
    assert line.take() is other


def test_the_end_gives_back_what_waits_and_wakes_those_who_wait():
    line, ended = Line(2), []

    def take():
        line.take()
        try:
            line.take()
        except Ended:
            ended.append(True)

    taker = threading.Thread(target=take, daemon=True)
    taker.start()
    line.put("one", 1)
    taker.join(0.05)
    assert line.close() == []
    taker.join(BOUND)
    assert ended == [True]
    assert not line.put("late", 0)
    again = Line(2)
    again.put("left", 1)
    assert again.close() == ["left"]
    with pytest.raises(Ended):
        again.take()
