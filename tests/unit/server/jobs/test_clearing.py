from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from depth_services import until

from streamdepth.server.jobs import clearing
from streamdepth.server.jobs import jobs as jobs_module
from streamdepth.server.jobs.clearing import Clearing
from streamdepth.server.jobs.folder import Folder
from streamdepth.server.jobs.jobs import Jobs
from streamdepth.server.jobs.record import Record, State
from streamdepth.server.jobs.sqlite_store import SqliteStore
from streamdepth.server.jobs.store import StoreAway

PLACE = "0" * 32


class Shared(SqliteStore):
    """As one that workers elsewhere share; `now_is` is its clock, and it is away for the first few calls."""

    is_shared = True
    now_is = 100.0
    away = 3

    def now(self):
        return self.now_is

    def unsettled(self):
        self.away -= 1
        if self.away >= 0:
            raise StoreAway("it does not answer", "ask again")
        return super().unsettled()


@pytest.fixture
def jobs(tmp_path, monkeypatch):
    monkeypatch.setattr(clearing, "LOOK_EVERY", 0.01)
    made = Jobs(Folder(tmp_path), Shared(tmp_path / "jobs.sqlite"), 1000.0)
    worker = Clearing(made)
    (tmp_path / "jobs" / PLACE).mkdir()
    made.add(Record("a", "sum", ".mp4", 10, 90.0, place=PLACE))
    made.store.change("a", lambda one: one.taken("a worker that is killed", 91.0, 120.0))
    worker.start()
    yield made
    worker.close()
    made.store.close()


def test_a_job_is_as_old_as_the_store_says_and_is_kept_no_longer_where_its_clock_was_set_back(tmp_path):
    jobs = Jobs(Folder(tmp_path), Shared(tmp_path / "jobs.sqlite"), 1000.0)
    jobs.store.now_is = 50_000.0
    (tmp_path / "jobs" / PLACE).mkdir()
    assert jobs.add(Record("a", "sum", ".mp4", 10, 7e9, place=PLACE)).made == 50_000.0
    for state in (State.RUNNING, State.DONE):
        jobs.store.change("a", lambda one, state=state: one.moved(state, 50_000.0))
    for now, is_kept in ((10_000.0, True), (10_999.0, True), (11_001.0, False)):
        jobs.store.now_is = now
        jobs.clear()
        assert (jobs.find("a") is not None) is is_kept, now
    assert not jobs.folder.of(PLACE).exists()
    jobs.store.close()


def test_a_job_comes_behind_those_that_are_there_where_the_clock_was_set_back(tmp_path):
    jobs = Jobs(Folder(tmp_path), Shared(tmp_path / "jobs.sqlite"), 1000.0)
    jobs.store.away = 0
    for name, now in (("c", 1.7e9), ("b", 1.6e9), ("a", 1.6e9 + 1), ("d", 1.7e9 + 1)):
        jobs.store.now_is = now
        jobs.add(Record(name, "sum", ".mp4", 10, place=PLACE))
    assert [record.id for record in jobs.store.unsettled()] == ["c", "b", "a", "d"]
    jobs.store.close()


def test_a_job_that_is_cancelled_after_its_workers_death_ends_without_another(jobs):
    assert jobs.cancel("a")
    until(lambda: jobs.store.away < -3)
    assert jobs.find("a").state is State.CANCELLED, "its worker may live"
    jobs.store.now_is = 121.0
    until(lambda: jobs.find("a") is None)
    until(lambda: not jobs.folder.of(PLACE).exists())


def test_one_that_is_cancelled_twice_is_its_workers_still(jobs):
    assert jobs.cancel("a")
    assert jobs.cancel("a")
    assert jobs.find("a").state is State.CANCELLED
    assert jobs.folder.of(PLACE).exists(), "its worker may write there"


def test_one_in_a_state_of_another_release_is_left_to_the_worker_that_has_it(jobs):
    jobs.store.change("a", lambda one: replace(one, state=State.UNKNOWN))
    assert jobs.cancel("a")
    assert jobs.folder.of(PLACE).exists()
    jobs.store.now_is = 121.0
    until(lambda: jobs.find("a") is None)


@pytest.fixture
def told():
    """The levels of what is logged from before `jobs` on."""
    levels, handler = [], logging.Handler(logging.INFO)
    handler.emit = lambda record: levels.append(record.levelname)
    before = clearing.logger.level
    clearing.logger.setLevel(logging.INFO)
    clearing.logger.addHandler(handler)
    yield levels
    clearing.logger.removeHandler(handler)
    clearing.logger.setLevel(before)


def test_a_store_that_is_away_is_told_once_and_that_it_is_back(told, jobs):
    until(lambda: "INFO" in told)
    jobs.store.away = 3
    until(lambda: jobs.store.away < -3)
    assert told == ["WARNING", "INFO"]


def test_a_folder_that_is_away_for_a_while_is_cleared_later(jobs, tmp_path, monkeypatch):
    folder = tmp_path / "jobs"
    broken_off = folder / ("1" * 32)
    broken_off.mkdir()
    monkeypatch.setattr(jobs_module, "BROKEN_OFF", 0.0)
    monkeypatch.setattr(clearing, "CLEAR_EVERY", 0.0)
    folder.rename(tmp_path / "away")
    seen = jobs.store.away
    until(lambda: jobs.store.away < seen - 5)
    (tmp_path / "away").rename(folder)
    until(lambda: not broken_off.exists())


def test_one_whose_worker_is_known_to_be_dead_ends_at_once(jobs):
    jobs.store.now_is = 121.0
    assert jobs.cancel("a")
    assert jobs.find("a") is None
    assert not jobs.folder.of(PLACE).exists()
