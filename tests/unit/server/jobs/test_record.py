from __future__ import annotations

import pytest

from streamdepth.server.jobs.record import MOVES, Record, State

NEW = Record("a", "sum", ".mp4", 10, 100.0)


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
    assert running.told()["progress"] is None
    told = running.progressed(25, 100, 3.0).told()
    assert (told["progress"], told["seconds_left"], told["layout"]) == (0.25, 3.0, "overlay")
    failed = running.moved(State.FAILED, 102.0, "no film")
    assert failed.told()["reason"] == "no film"
    assert running.moved(State.DONE, 102.0).told()["progress"] == 1.0
