from __future__ import annotations

import pytest

from streamdepth.server.jobs.lease import LEASE
from streamdepth.server.jobs.notices import BACKOFF, MOST_TRIES
from streamdepth.server.jobs.record import LONGEST_LEASE, LONGEST_REST, MOVES, Record, State, Wishes

NEW = Record("a", "sum", ".mp4", 10, 100.0, Wishes().of(".mp4"))


def test_a_job_moves_only_where_it_may():
    running = NEW.moved(State.RUNNING, 101.0)
    assert (running.state, running.ended, running.version) == (State.RUNNING, None, 1)
    assert running.moved(State.WAITING, 102.0).state is State.WAITING
    done = running.moved(State.DONE, 103.0)
    assert (done.is_over, done.ended) == (True, 103.0)
    for state in State:
        with pytest.raises(ValueError, match="cannot become"):
            done.moved(state, 104.0)
    with pytest.raises(ValueError, match="a job that is waiting cannot become done"):
        NEW.moved(State.DONE, 101.0)
    assert set(MOVES) == set(State)


def test_a_client_hears_how_far_it_is():
    running = NEW.moved(State.RUNNING, 101.0)
    assert running.to_json()["progress"] is None
    told = running.progressed(25, 100, 3.0).to_json()
    assert (told["progress"], told["seconds_left"], told["layout"]) == (0.25, 3.0, "overlay")
    failed = running.moved(State.FAILED, 102.0, "no film")
    assert failed.to_json()["reason"] == "no film"
    assert running.moved(State.DONE, 102.0).to_json()["progress"] == 1.0


def test_what_was_running_waits_again_unless_it_ends_whoever_begins_it():
    assert NEW.found(200.0) is NEW
    record = NEW
    for times in (1, 2):
        record = record.moved(State.RUNNING, 101.0).found(102.0)
        assert (record.state, record.begun) == (State.WAITING, times)
    told = record.moved(State.RUNNING, 103.0).moved(State.WAITING, 104.0)
    assert told.begun == 0, "a service that ends as it should says so"
    record = record.moved(State.RUNNING, 103.0).found(104.0)
    assert (record.state, record.ended) == (State.FAILED, 104.0)
    assert "3 workers in a row" in record.reason


def test_a_job_that_gets_on_is_begun_as_often_as_its_workers_are_killed():
    record = NEW
    for times in range(1, 6):
        record = record.taken("me", 101.0, 131.0).progressed(300 * times, 2000, 1.0).found(132.0)
        assert (record.state, record.begun) == (State.WAITING, 1)


def test_a_job_is_its_workers_until_its_lease_is_over():
    taken = NEW.taken("me", 101.0, 131.0)
    assert taken.is_done_by("me")
    assert not taken.is_done_by("another")
    assert not taken.may_be_taken(130.0)
    assert taken.may_be_taken(131.0)
    assert taken.leased("me", 141.0).version == taken.version, "nobody is told of it"
    later = taken.put_off(110.0, 140.0, "it was written by another run")
    assert (later.state, later.worker, later.may_be_taken(139.0)) == (State.WAITING, "", False)
    gone = later.moved(State.CANCELLED, 111.0)
    assert not gone.may_be_taken(200.0)
    assert not gone.is_settled, "its files are there"


def test_what_was_written_before_the_clock_was_set_back_is_waited_for_no_longer():
    now, hour = 10_000.0, 3600.0
    taken = NEW.taken("me", now, now + 30)
    assert [taken.may_be_taken(when) for when in (now, now + 31, now - hour)] == [False, True, True]
    cancelled = NEW.moved(State.CANCELLED, now).leased("me", now + 30)
    assert [cancelled.is_left(when) for when in (now, now + 31, now - hour)] == [False, True, True]
    wished = Record("a", "sum", ".mp4", 10, 100.0, Wishes(webhook="orders"))
    told = wished.taken("me", now, now + 30).moved(State.DONE, now).noticed(now + hour)
    assert [told.notice_is_due(when) for when in (now, now + hour, now - hour)] == [False, True, True]


def test_no_lease_and_no_rest_that_is_given_looks_as_if_the_clock_was_set_back():
    assert LEASE < LONGEST_LEASE
    assert max(BACKOFF.delay(tries, 1.0) for tries in range(MOST_TRIES)) < LONGEST_REST
