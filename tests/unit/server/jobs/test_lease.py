from __future__ import annotations

import threading

import pytest
from depth_services import until

from streamdepth.server.jobs import lease as leases
from streamdepth.server.jobs.lease import Lease
from streamdepth.server.jobs.progress import Progress
from streamdepth.server.jobs.record import Record, State
from streamdepth.server.jobs.sqlite_store import SqliteStore
from streamdepth.server.jobs.store import StoreAway


class Stage:
    """A store whose clock is turned, with a job that is taken by "me"."""

    def __init__(self, folder):
        self.now = 100.0
        self.store = SqliteStore(folder / "jobs.sqlite", clock=lambda: self.now)
        self.record = Record("a", "sum", ".mp4", 10, 100.0).taken("me", 100.0, 130.0)
        self.store.add(self.record)
        self.stopped = threading.Event()
        self.progress = Progress()

    def lease(self):
        return Lease(self.store, self.record, "me", self.progress, self.stopped.set)

    def kept(self):
        return self.store.get("a")


@pytest.fixture
def stage(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "BEAT", 0.01)
    made = Stage(tmp_path)
    yield made
    made.store.close()


def test_a_lease_is_renewed_while_its_worker_lives_and_progress_is_recorded(stage):
    with stage.lease():
        stage.now = 115.0
        until(lambda: stage.kept().until == 145.0)
        stage.progress.begin(250, 50)
        stage.progress.reached(10)
        until(lambda: stage.kept().frames == 260)
        assert stage.kept().of == 300
    stage.now = 140.0
    assert stage.kept().until == 145.0
    assert not stage.stopped.is_set()


def test_a_lease_of_before_the_clock_was_set_back_is_renewed(stage):
    with stage.lease():
        stage.now = 20.0
        until(lambda: stage.kept().until == 50.0)
    assert not stage.stopped.is_set()


@pytest.mark.parametrize("state", [State.CANCELLED, State.WAITING])
def test_who_lost_a_job_ends_and_changes_it_no_more(stage, state):
    with stage.lease():
        stage.progress.begin(0, 50)
        stage.store.change("a", lambda record: record.moved(state, 101.0))
        assert stage.stopped.wait(20)
        stage.progress.reached(10)
    assert (stage.kept().state, stage.kept().frames) == (state, 0)


def test_while_the_store_is_away_the_work_goes_on(stage, monkeypatch, caplog):
    asked = []

    def away(*_given):
        asked.append(1)
        raise StoreAway("the Redis does not answer")

    with stage.lease():
        with monkeypatch.context() as patched:
            patched.setattr(stage.store, "change", away)
            stage.now = 129.0
            until(lambda: len(asked) > 2)
        until(lambda: stage.kept().until == 159.0)
    assert not stage.stopped.is_set()
    assert caplog.text.count("goes on") == 1
