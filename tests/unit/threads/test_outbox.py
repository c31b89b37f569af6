from __future__ import annotations

import pytest

from streamdepth.threads.handoff import Ended
from streamdepth.threads.outbox import Outbox
from streamdepth.threads.worker import Worker


def filled(count, capacity=3):
    box, items = Outbox(capacity), [object() for _ in range(count)]
    for item in items:
        box.put(item)
    return box, items


def test_what_waits_stays_until_it_is_delivered():
    box, (a, b, c) = filled(3)
    assert box.first(2, 0.0) == box.first(2, 0.0) == [a, b]
    box.done(a)
    assert box.first(9, 0.0) == [b, c]
    assert (len(box), box.dropped) == (2, 0)


def test_where_it_is_full_the_oldest_is_dropped_and_counted():
    box, items = filled(5)
    assert box.first(9, 0.0) == items[2:]
    assert box.dropped == 2
    assert box.put(object()) is False
    box.done(items[0])
    assert len(box) == 3


def test_equal_items_are_told_apart():
    box = Outbox(3)
    first, second = [1], [1]
    box.put(first)
    box.put(second)
    box.done(second)
    assert box.first(2, 0.0)[0] is first


def test_what_waits_at_the_end_is_still_delivered_and_what_comes_later_is_not():
    box, (a,) = filled(1)
    box.close()
    assert box.put(object()) is False
    assert (box.first(9, 0.0), box.dropped) == ([a], 1)
    box.done(a)
    with pytest.raises(Ended):
        box.first(1, 60.0)


def test_nothing_comes_of_an_empty_one_in_time():
    assert Outbox(1).first(1, 0.0) == []
    assert Outbox(1).wait_closed(0.0) is False


def test_who_waits_for_an_item_or_for_the_end_gets_it():
    box, got = Outbox(1), []
    taking = Worker("take", lambda: got.extend(box.first(1, 60.0)), on_error=lambda _: None).start()
    box.put("item")
    taking.join(60.0)
    ending = Worker("end", lambda: got.append(box.wait_closed(60.0)), on_error=lambda _: None).start()
    box.close()
    ending.join(60.0)
    assert got == ["item", True]
