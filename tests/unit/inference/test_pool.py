"""One engine for many users: who is served when, who is refused, and what becomes of those who leave."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest

from streamdepth.errors import Overloaded
from streamdepth.inference.pool import Pool, Priority
from streamdepth.threads.ticket import Withdrawn

BOUND = 10.0


@contextmanager
def a_pool(lanes=1, capacity=4, **more):
    pool = Pool([f"lane {number}" for number in range(lanes)], capacity, **more)
    try:
        yield pool
    finally:
        pool.close(BOUND)


class Held:
    """Work that does not end until it is let go."""

    def __init__(self):
        self.begun, self.released = threading.Event(), threading.Event()

    def __call__(self, turn):
        self.begun.set()
        assert self.released.wait(BOUND)
        turn.check()
        return turn.lane


@contextmanager
def busy(pool, lanes=1, rank=Priority.REQUEST):
    """Every lane of the pool has work that goes on meanwhile."""
    held = [Held() for _ in range(lanes)]
    tickets = [pool.submit(work, rank) for work in held]
    try:
        assert all(work.begun.wait(BOUND) for work in held)
        yield tickets
    finally:
        for work in held:
            work.released.set()


def test_work_is_done_on_as_many_lanes_as_there_are():
    with a_pool(lanes=2) as pool:
        with busy(pool, lanes=2) as tickets:
            assert pool.figures.running == 2
        assert {ticket.wait(BOUND) for ticket in tickets} == {"lane 0", "lane 1"}


def test_the_most_urgent_work_goes_first_and_of_equals_the_oldest():
    order = []
    with a_pool() as pool:
        with busy(pool):
            wanted = [("job", Priority.JOB), ("one", Priority.REQUEST), ("two", Priority.REQUEST)]
            wanted += [("live", Priority.LIVE)]
            tickets = [
                pool.submit(lambda _turn, name=name: order.append(name), rank) for name, rank in wanted
            ]
        for ticket in tickets:
            ticket.wait(BOUND)
    assert order == ["live", "one", "two", "job"]


def test_a_full_line_refuses_at_once_and_says_when_to_come_again():
    with a_pool(capacity=4, seconds=2.0) as pool, busy(pool):
        tickets = [pool.submit(lambda turn: turn.lane) for _ in range(4)]
        with pytest.raises(Overloaded, match="too much waits already"):
            pool.check_room()
        with pytest.raises(Overloaded, match="too much waits already") as refused:
            pool.submit(lambda turn: turn.lane)
        assert refused.value.retry_after == pytest.approx(5.0), "half of the five pieces before it"
        for ticket in tickets:
            ticket.cancel()


def ask(pool, refusals=20):
    """Until so many were refused; those who wait leave again."""
    waiting = []
    while refusals:
        try:
            waiting.append(pool.submit(lambda _turn: None))
        except Overloaded:
            refusals -= 1
    for ticket in waiting:
        ticket.cancel()


def crowd(pool, now, *, work=Priority.REQUEST, answered=0):
    """More is refused than taken, while no lane is ever idle: half a second of it at a time."""
    for _ in range(20):
        with busy(pool, pool.figures.lanes, rank=work) as running:
            ask(pool)
            for _ in range(answered):
                pool.note_answered()
            now[0] += 0.5
        for ticket in running:
            ticket.wait(BOUND)


def room(pool):
    """How many may wait behind what is worked on."""
    waiting = []
    try:
        while True:
            waiting.append(pool.submit(lambda _turn: None))
    except Overloaded:
        return len(waiting)
    finally:
        for ticket in waiting:
            ticket.cancel()


@pytest.mark.parametrize(
    ("lanes", "shortens", "may_wait"), [(1, True, 1), (2, True, 1), (4, True, 2), (4, False, 9)]
)
def test_a_line_that_shortens_lets_one_wait_for_two_lanes_while_most_are_refused(lanes, shortens, may_wait):
    now = [0.0]
    with a_pool(lanes, capacity=9, seconds=0.5, clock=lambda: now[0], shortens=shortens) as pool:
        crowd(pool, now)
        with busy(pool, lanes):
            assert room(pool) == may_wait


@pytest.mark.parametrize(
    "how",
    [{"work": Priority.LIVE}, {"work": Priority.JOB}, {"answered": 20}],
    ids=["live", "films", "cached"],
)
def test_it_stays_long_where_lanes_work_on_other_things_and_where_most_are_answered_without_them(how):
    now = [0.0]
    with a_pool(capacity=4, seconds=0.5, clock=lambda: now[0], shortens=True) as pool:
        crowd(pool, now, **how)
        with busy(pool):
            assert room(pool) == 4


def test_it_stays_long_as_long_as_what_a_piece_takes_is_a_guess():
    now = [0.0]
    with a_pool(capacity=4, seconds=0.5, clock=lambda: now[0], shortens=True) as pool, busy(pool):
        for _ in range(3):
            ask(pool)
            now[0] += 20.0
        assert room(pool) == 4


def test_in_a_line_that_is_short_a_picture_of_a_film_takes_no_request_its_place():
    now = [0.0]
    with a_pool(capacity=4, seconds=0.5, clock=lambda: now[0], shortens=True) as pool:
        crowd(pool, now)
        with busy(pool):
            for ticket in [
                pool.submit(lambda _turn: None, rank) for rank in (Priority.JOB, Priority.REQUEST)
            ]:
                ticket.cancel()


def test_a_line_that_shortens_is_as_long_as_before_once_lanes_have_idled():
    now = [0.0]
    with a_pool(capacity=4, seconds=0.5, clock=lambda: now[0], shortens=True) as pool:
        crowd(pool, now)
        now[0] += 60.0
        with busy(pool):
            assert room(pool) == 4


def test_the_wait_follows_from_what_is_before_it():
    with a_pool(lanes=2, seconds=3.0) as pool:
        assert pool.wait() == 0.0
        with busy(pool, lanes=2):
            assert pool.wait() == pytest.approx(1.5), "the first of two lanes to be free"
            waiting = pool.submit(lambda _turn: None, Priority.JOB)
            assert pool.wait() == pytest.approx(1.5)
            assert pool.wait(Priority.JOB) == pytest.approx(3.0)
            waiting.cancel()


def test_what_cannot_be_done_in_time_is_not_begun():
    now = [100.0]
    done = []
    with a_pool(seconds=3.0, clock=lambda: now[0]) as pool:
        with busy(pool):
            with pytest.raises(Overloaded, match="in the time that its client gives"):
                pool.submit(lambda _turn: done.append("hopeless"), deadline=105.9)
            ticket = pool.submit(lambda _turn: done.append("late"), deadline=106.1)
            now[0] = 104.0  # the work before it took longer than was thought
        with pytest.raises(Overloaded):
            ticket.wait(BOUND)
    assert done == []


def test_who_leaves_gives_the_place_up():
    done = []
    with a_pool(capacity=1) as pool:
        with busy(pool) as (running,):
            waiting = pool.submit(lambda _turn: done.append("nobody wants this"))
            waiting.cancel()
            next_one = pool.submit(lambda _turn: done.append("next"))
            running.cancel()
        with pytest.raises(Withdrawn):
            running.wait(BOUND)
        next_one.wait(BOUND)
    assert done == ["next"]


def test_an_error_is_that_of_its_ticket_alone():
    with a_pool() as pool:
        failing = pool.submit(lambda _turn: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            failing.wait(BOUND)
        assert pool.submit(lambda turn: turn.lane).wait(BOUND) == "lane 0"


def test_what_fails_quickly_does_not_make_the_wait_look_short():
    now = [0.0]
    with a_pool(seconds=3.0, clock=lambda: now[0]) as pool:

        def fails(_turn):
            now[0] += 0.001
            raise KeyError

        with pytest.raises(KeyError):
            pool.submit(fails).wait(BOUND)
        assert pool.figures.seconds == 3.0


def test_a_pool_that_closes_refuses_what_waits_and_lets_end_what_runs():
    pool = Pool(["lane"], 4)
    with busy(pool) as (running,):
        waiting = pool.submit(lambda _turn: None)
        closing = threading.Thread(target=pool.close, args=(BOUND,), daemon=True)
        closing.start()
        with pytest.raises(Overloaded, match="the service is shutting down"):
            waiting.wait(BOUND)
    assert running.wait(BOUND) == "lane"
    closing.join(BOUND)
    assert not closing.is_alive()
    with pytest.raises(Overloaded):
        pool.submit(lambda _turn: None)


def test_what_is_least_urgent_is_overtaken_for_some_seconds_and_no_longer():
    now, order = [100.0], []
    with a_pool(capacity=8, clock=lambda: now[0]) as pool:
        with busy(pool):
            tickets = []
            for moment, name, rank in (
                (100.0, "job", Priority.JOB),
                (102.0, "soon", Priority.REQUEST),
                (103.5, "later", Priority.REQUEST),
                (103.6, "live", Priority.LIVE),
            ):
                now[0] = moment
                tickets.append(pool.submit(lambda _turn, name=name: order.append(name), rank))
        for ticket in tickets:
            ticket.wait(BOUND)
    assert order == ["soon", "live", "job", "later"]


def test_a_live_picture_finds_room_in_a_full_line_and_goes_first():
    order = []
    with a_pool(capacity=1) as pool:
        with busy(pool):
            waiting = pool.submit(lambda _turn: order.append("a request"))
            with pytest.raises(Overloaded):
                pool.submit(lambda _turn: order.append("one more"))
            live = pool.submit(lambda _turn: order.append("a live picture"), Priority.LIVE)
        for ticket in (waiting, live):
            ticket.wait(BOUND)
    assert order == ["a live picture", "a request"]
