from __future__ import annotations

import threading

import pytest

from streamdepth.threads.turnstile import Turnstile


def taken_in_a_thread(turnstile, rank, order, name):
    def take():
        thing = turnstile.take(rank, 10.0)
        order.append(name)
        turnstile.give_back(thing)

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    return thread


def test_the_smallest_rank_goes_first_and_of_equals_the_one_that_came_first(until):
    turnstile, order = Turnstile(["one"]), []
    held = turnstile.take(0.0, 1.0)
    threads = []
    for name, rank in (("late", 2.0), ("first", 1.0), ("second", 1.0)):
        threads.append(taken_in_a_thread(turnstile, rank, order, name))
        until(lambda: len(turnstile._waiting) == len(threads))
    turnstile.give_back(held)
    for thread in threads:
        thread.join(10)
    assert order == ["first", "second", "late"]


def test_one_who_wants_what_is_not_free_holds_up_nobody():
    turnstile, got = Turnstile(["one", "two"]), []
    hung = turnstile.take(0.0, 1.0)
    waiting = threading.Thread(
        target=lambda: got.append(turnstile.take(0.0, 10.0, lambda thing: thing == hung)), daemon=True
    )
    waiting.start()
    other = turnstile.take(5.0, 10.0)
    assert other != hung
    turnstile.give_back(hung)
    waiting.join(10)
    assert got == [hung]


def test_a_wait_has_a_bound_and_leaves_no_trace():
    turnstile = Turnstile(["one"])
    held = turnstile.take(0.0, 1.0)
    with pytest.raises(TimeoutError):
        turnstile.take(0.0, 0.01)
    turnstile.give_back(held)
    assert turnstile.take(9.0, 1.0) == "one"
