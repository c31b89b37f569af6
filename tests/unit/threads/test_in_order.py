from __future__ import annotations

import threading

import pytest

from streamdepth.threads.handoff import Ended
from streamdepth.threads.in_order import InOrder

BOUND = 10.0


def in_thread(target):
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def test_what_was_begun_first_is_taken_first_whatever_is_ready_first():
    made = InOrder(2)
    first, second = made.reserve(), made.reserve()
    made.fill(second, "b")
    with pytest.raises(TimeoutError):
        made.get(timeout=0)
    made.fill(first, "a")
    assert [made.get(timeout=0), made.get(timeout=0)] == ["a", "b"]


def test_a_place_that_is_filled_takes_room_until_it_is_taken():
    made = InOrder(1)
    made.fill(made.reserve(), "a")
    places = []
    thread = in_thread(lambda: places.append(made.reserve()))
    thread.join(0.1)
    assert thread.is_alive()
    assert made.get(timeout=BOUND) == "a"
    thread.join(BOUND)
    made.fill(places[0], "b")
    assert made.get(timeout=BOUND) == "b"


def test_a_place_given_back_ends_what_comes_after_it_and_nothing_before():
    made = InOrder(3)
    places = [made.reserve() for _ in range(3)]
    made.fill(places[2], "c")
    made.give_back(places[1])
    made.fill(places[0], "a")
    assert made.get(timeout=0) == "a"
    with pytest.raises(Ended):
        made.get(timeout=0)
    assert made.reserve() is None


@pytest.mark.parametrize("waits", ["reserve", "get"])
def test_abandon_releases_whoever_waits(waits):
    made = InOrder(1)
    place = made.reserve()
    answers = []

    def wait():
        try:
            answers.append(made.reserve() if waits == "reserve" else made.get())
        except Ended:
            answers.append(None)

    thread = in_thread(wait)
    made.abandon()
    thread.join(BOUND)
    assert answers == [None]
    made.fill(place, "late")
    with pytest.raises(Ended):
        made.get(timeout=0)


def test_places_and_items_of_many_threads_keep_their_order():
    made, numbers, turn = InOrder(3), iter(range(300)), threading.Lock()

    def work():
        while True:
            with turn:
                number, place = next(numbers, None), made.reserve()
            if number is None:
                return made.give_back(place)
            made.fill(place, number)

    threads = [in_thread(work) for _ in range(3)]
    assert [made.get(timeout=BOUND) for _ in range(300)] == list(range(300))
    with pytest.raises(Ended):
        made.get(timeout=BOUND)
    for thread in threads:
        thread.join(BOUND)
        assert not thread.is_alive()


def test_a_capacity_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        InOrder(0)


def filled(made, *items):
    for item in items:
        made.fill(made.reserve(), item)


def test_who_takes_in_bursts_sleeps_until_one_is_ready_and_then_takes_all_there_is():
    made, taken = InOrder(5, burst=3), []
    filled(made, "first")
    assert made.get(timeout=0) == "first"
    thread = in_thread(lambda: [taken.append(made.get(timeout=BOUND)) for _ in range(4)])
    filled(made, "a", "b")
    thread.join(0.1)
    assert taken == []
    filled(made, "c", "d")
    thread.join(BOUND)
    assert taken == ["a", "b", "c", "d"]


def test_a_burst_is_not_waited_for_beyond_the_time_out_nor_at_the_end():
    made = InOrder(5, burst=3)
    filled(made, "at once", "a")
    assert [made.get(timeout=0), made.get(timeout=0)] == ["at once", "a"]
    filled(made, "b")
    assert made.get(timeout=0.01) == "b"
    with pytest.raises(TimeoutError):
        made.get(timeout=0.01)
    place = made.reserve()
    filled(made, "b")
    made.fill(place, "first")
    made.give_back(made.reserve())
    assert [made.get(timeout=BOUND), made.get(timeout=BOUND)] == ["first", "b"]
    with pytest.raises(Ended):
        made.get(timeout=BOUND)


def test_who_reserves_is_let_in_again_after_a_burst():
    made, places = InOrder(3, burst=2), []
    filled(made, "a", "b", "c")
    thread = in_thread(lambda: places.append(made.reserve()))
    assert [made.get(timeout=0) for _ in range(3)] == ["a", "b", "c"]
    thread.join(BOUND)
    assert len(places) == 1


@pytest.mark.parametrize("burst", [0, 4])
def test_a_burst_fits_into_the_capacity(burst):
    with pytest.raises(ValueError, match="burst"):
        InOrder(3, burst=burst)
