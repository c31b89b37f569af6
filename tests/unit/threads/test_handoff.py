from __future__ import annotations

import threading

import pytest

from streamdepth.threads.handoff import Ended, Handoff

BOUND = 10.0


def in_thread(target):
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    return thread


def test_drop_oldest_keeps_the_newest_and_reports_what_it_dropped():
    dropped = []
    handoff = Handoff(1, when_full="drop-oldest", on_drop=dropped.append)
    assert all(handoff.put(n) for n in range(3))
    assert dropped == [0, 1]
    assert handoff.get(timeout=0) == 2


def test_wait_keeps_everything_in_order():
    handoff = Handoff(2, when_full="wait")

    def put_all():
        for n in range(100):
            handoff.put(n)
        handoff.close()

    in_thread(put_all)
    assert list(handoff) == list(range(100))


def test_wait_never_holds_more_than_its_capacity(until):
    handoff = Handoff(2, when_full="wait")
    put = []
    thread = in_thread(lambda: [put.append(n) for n in range(3) if handoff.put(n)])
    until(lambda: len(put) == 2)
    thread.join(0.1)
    assert thread.is_alive()
    assert put == [0, 1]
    assert handoff.get(timeout=BOUND) == 0
    thread.join(BOUND)
    assert put == [0, 1, 2]


def test_an_item_that_waits_for_room_drops_the_oldest_once_it_may():
    dropped = []
    handoff = Handoff(1, when_full="wait", on_drop=dropped.append)
    handoff.put(0)
    thread = in_thread(lambda: handoff.put(1))
    handoff.change("drop-oldest")
    thread.join(BOUND)
    assert (handoff.get(timeout=0), dropped) == (1, [0])


def test_close_lets_the_reader_take_what_is_there():
    handoff = Handoff(3, when_full="wait")
    handoff.put("a")
    handoff.put("b")
    handoff.close()
    assert list(handoff) == ["a", "b"]
    with pytest.raises(Ended):
        handoff.get(timeout=0)


def test_abandon_releases_a_writer_that_waits_and_counts_every_item():
    dropped = []
    handoff = Handoff(1, when_full="wait", on_drop=dropped.append)
    handoff.put(1)
    answers = []
    thread = in_thread(lambda: answers.append(handoff.put(2)))
    handoff.abandon()
    thread.join(BOUND)
    assert answers == [False]
    assert sorted(dropped) == [1, 2]


def test_put_after_abandon_is_refused_and_counted():
    dropped = []
    handoff = Handoff(1, when_full="drop-oldest", on_drop=dropped.append)
    handoff.abandon()
    assert not handoff.put(1)
    assert dropped == [1]


def test_close_wakes_a_reader_that_waits():
    handoff = Handoff(1, when_full="wait")
    ended = []

    def read():
        try:
            handoff.get()
        except Ended:
            ended.append(True)

    thread = in_thread(read)
    handoff.close()
    thread.join(BOUND)
    assert ended == [True]


def test_get_times_out():
    with pytest.raises(TimeoutError):
        Handoff(1, when_full="wait").get(timeout=0.01)


def test_a_capacity_below_one_is_refused():
    with pytest.raises(ValueError, match="at least 1"):
        Handoff(0, when_full="wait")


def test_who_puts_in_bursts_sleeps_until_there_is_room_for_one(until):
    handoff = Handoff(3, when_full="wait", burst=2)
    put = []
    thread = in_thread(lambda: [put.append(n) for n in range(5) if handoff.put(n)])
    until(lambda: len(put) == 3)
    assert put == [0, 1, 2]
    assert handoff.get(timeout=0) == 0
    thread.join(0.1)
    assert put == [0, 1, 2]
    assert handoff.get(timeout=0) == 1
    thread.join(BOUND)
    assert put == [0, 1, 2, 3, 4]
    assert [handoff.get(timeout=0) for _ in range(3)] == [2, 3, 4]


def test_an_end_releases_a_writer_that_waits_for_room_for_a_burst():
    handoff = Handoff(3, when_full="wait", burst=2)
    assert all(handoff.put(n) for n in range(3))
    answers = []
    thread = in_thread(lambda: answers.append(handoff.put(3)))
    handoff.abandon()
    thread.join(BOUND)
    assert answers == [False]


@pytest.mark.parametrize("burst", [0, 4])
def test_a_burst_fits_into_the_capacity(burst):
    with pytest.raises(ValueError, match="burst"):
        Handoff(3, when_full="wait", burst=burst)
