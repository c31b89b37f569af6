from __future__ import annotations

import gc
import weakref

import pytest

from streamdepth.threads import ticket as tickets
from streamdepth.threads.awake import Awake
from streamdepth.threads.ticket import Ticket, Withdrawn


def test_it_tells_the_result_and_the_error_of_the_work():
    ticket = Ticket(lambda: None)
    assert ticket.do(lambda: 7)
    assert ticket.wait(0) == 7
    failing = Ticket(lambda: None)
    assert not failing.do(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        failing.wait(0)
    refused = Ticket(lambda: None)
    refused.fail(OSError("full"))
    with pytest.raises(OSError, match="full"):
        refused.wait(0)


def test_who_waits_longer_than_it_takes_is_told():
    with pytest.raises(TimeoutError):
        Ticket(lambda: None).wait(0)


def test_a_process_that_was_stopped_waits_on(monkeypatch):
    ticket = Ticket(lambda: None)
    times = iter([0.0, 90.0])

    def clock():
        now = next(times)
        if now:  # it goes on, and so does the one that works
            ticket.do(lambda: 7)
        return now

    monkeypatch.setattr(tickets, "Awake", lambda: Awake(clock))
    assert ticket.wait(30.0) == 7


def test_what_is_cancelled_before_it_begins_is_not_done():
    told, done = [], []
    ticket = Ticket(lambda: told.append(True))
    assert ticket.cancel()
    assert ticket.cancel()
    assert not ticket.do(lambda: done.append(True))
    assert (told, done) == ([True], [])
    with pytest.raises(Withdrawn):
        ticket.wait(0)


def test_what_is_cancelled_in_its_middle_ends_at_its_next_check():
    ticket, steps = Ticket(lambda: None), []

    def work():
        steps.append("decoded")
        ticket.cancel()
        ticket.check()
        steps.append("inferred")

    assert not ticket.do(work)
    assert steps == ["decoded"]


def test_neither_a_result_nor_an_error_waits_for_the_collector():
    gc.disable()
    try:
        for work in (lambda: 1, lambda: 1 // 0):
            ticket = Ticket(lambda: None)
            ticket.do(work)
            seen = weakref.ref(ticket)
            del ticket
            assert seen() is None
    finally:
        gc.enable()
