from __future__ import annotations

import pytest

from streamdepth.pipeline.ahead import LookAhead, in_view
from streamdepth.threads.handoff import Ended, Handoff


class Foreseeing:
    """Wants to know `ahead` more than the one that is drawn."""

    def __init__(self, ahead):
        self.ahead = ahead
        self.waiting = []

    def foresee(self, item):
        self.waiting.append(item)

    @property
    def knows_next(self):
        return len(self.waiting) > self.ahead

    def draw(self, item):
        assert self.waiting.pop(0) == item


def supply(*items, over=True):
    made = Handoff(max(1, len(items)), when_full="wait")
    for item in items:
        made.put(item)
    if over:
        made.close()
    return made


@pytest.mark.parametrize("ahead", [0, 1, 2, 9])
def test_each_comes_in_order_once_enough_behind_it_is_foreseen(ahead):
    renderer = Foreseeing(ahead)
    items = LookAhead(supply(*range(5)), renderer, lambda: 0.0)
    for expected in range(5):
        assert items.get(0.0) == expected
        assert renderer.waiting == list(range(expected, min(5, expected + ahead + 1)))
        renderer.draw(expected)
    with pytest.raises(Ended):
        items.get(0.0)


def test_what_is_slow_to_come_is_waited_for_as_usual_and_nothing_is_lost():
    renderer, queue = Foreseeing(1), supply(0, over=False)
    items = LookAhead(queue, renderer, lambda: 0.0)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            items.get(0.0)
    queue.put(1)
    assert items.get(0.0) == 0
    assert renderer.waiting == [0, 1]


def test_the_time_to_foresee_is_told_once():
    times = iter(range(100))
    items = LookAhead(supply(0, 1), Foreseeing(1), lambda: float(next(times)))
    items.get(0.0)
    assert items.spent() == 2.0
    assert items.spent() == 0.0


@pytest.mark.parametrize("ahead", [0, 2, 9])
def test_items_in_view_come_like_that_without_any_thread(ahead):
    renderer, seen = Foreseeing(ahead), []
    for item in in_view(range(5), renderer.foresee, lambda: renderer.knows_next):
        seen.append((item, list(renderer.waiting)))
        renderer.draw(item)
    assert seen == [(one, list(range(one, min(5, one + ahead + 1)))) for one in range(5)]
