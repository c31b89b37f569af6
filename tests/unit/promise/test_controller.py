from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from streamdepth.promise.controller import (
    MOST_PATIENCE,
    PATIENCE,
    RELAPSE,
    Seen,
    State,
    first_state,
    is_out_of_reach,
    step,
)
from streamdepth.promise.ladder import Rung, ladder_of
from streamdepth.promise.target import Target

RUNGS = ladder_of(
    [Rung("nano", size, "fp32", seconds) for size, seconds in ((256, 0.02), (192, 0.01), (128, 0.005))],
    may_leave_out=True,
)
TARGET = Target(0.05)
GOOD = Seen(pictures=100, late=0, latency=0.03, inference=0.01, due=30.0)
BAD = replace(GOOD, late=10)
LAST = len(RUNGS) - 1


def test_it_begins_with_the_best_rung_that_takes_half_of_what_there_is() -> None:
    assert first_state(RUNGS, TARGET, 25.0, 0.0).rung == 0
    assert first_state(RUNGS, TARGET, 30.0, 0.0).rung == 1
    assert first_state(RUNGS, Target(0.015), 30.0, 0.0).rung == 2
    assert first_state(RUNGS, Target(0.001), 30.0, 0.0).rung == 2  # before any picture is left out
    assert first_state(RUNGS, Target(fps=Fraction(30)), 30.0, 0.0).rung == 1


def test_it_steps_down_where_more_pictures_are_late_than_was_promised() -> None:
    state = State(0, 0.0)
    assert step(state, RUNGS, TARGET, replace(GOOD, late=5, inference=0.02), 10.0) == state
    assert step(state, RUNGS, TARGET, replace(GOOD, late=6, inference=0.02), 10.0) == State(1, 10.0)


def test_it_steps_past_rungs_that_would_not_keep_it_either() -> None:
    slow = replace(BAD, inference=0.08, latency=0.09)  # four times the table
    assert step(State(0, 0.0), RUNGS, TARGET, slow, 10.0).rung == 2
    assert step(State(0, 0.0), RUNGS, TARGET, replace(slow, latency=0.4), 10.0).rung == len(RUNGS) - 1


def test_few_late_pictures_say_nothing_nor_do_those_right_after_a_step() -> None:
    assert step(State(0, 0.0), RUNGS, TARGET, Seen(8, 2, 0.03, 0.02, 30.0), 10.0).rung == 0
    assert step(State(0, 0.0), RUNGS, TARGET, Seen(7, 7, 0.03, 0.02, 30.0), 10.0).rung == 0
    assert step(State(0, 9.5), RUNGS, TARGET, BAD, 10.0).rung == 0


def test_it_steps_up_after_a_quiet_while_where_the_better_rung_keeps_it_by_what_depth_takes_now() -> None:
    state = State(1, 0.0)
    assert step(state, RUNGS, TARGET, GOOD, PATIENCE - 0.1) == state
    assert step(state, RUNGS, TARGET, GOOD, PATIENCE) == State(0, PATIENCE, came_up=True)
    assert step(state, RUNGS, TARGET, replace(GOOD, late=2), 9.0) == state
    assert step(state, RUNGS, TARGET, replace(GOOD, latency=0.04), 9.0) == state  # 40 + 10 ms is too near
    assert (
        step(state, RUNGS, TARGET, replace(GOOD, inference=0.018, latency=0.02), 9.0) == state
    )  # 36 ms of 33
    assert step(state, RUNGS, TARGET, replace(GOOD, inference=0.018, latency=0.02, due=0.0), 9.0).rung == 0


def test_a_step_up_that_is_taken_back_is_tried_again_after_twice_the_time() -> None:
    state, now = State(0, 0.0, came_up=True), 0.0
    waits = []
    for _ in range(8):
        now = state.since + 2.0
        down = step(state, RUNGS, TARGET, BAD, now)
        assert down.rung == 1
        waits.append(down.patience_for(0))
        assert step(down, RUNGS, TARGET, GOOD, now + waits[-1] - 0.1) == down
        state = step(down, RUNGS, TARGET, GOOD, now + waits[-1])
        assert state.rung == 0
    assert waits == [8.0, 16.0, 32.0, 64.0, 128.0, MOST_PATIENCE, MOST_PATIENCE, MOST_PATIENCE]


def test_a_step_up_that_held_makes_the_next_one_as_soon_as_the_first() -> None:
    state = State(0, 0.0, came_up=True, patience=((0, 64.0),))
    assert step(state, RUNGS, TARGET, GOOD, RELAPSE - 1) == state
    held = step(state, RUNGS, TARGET, GOOD, RELAPSE)
    assert held.patience_for(0) == PATIENCE
    assert step(held, RUNGS, TARGET, BAD, RELAPSE + 1).patience_for(0) == PATIENCE


def test_a_target_is_out_of_reach_where_the_fastest_rung_has_been_tried() -> None:
    last = State(len(RUNGS) - 1, 0.0)
    assert is_out_of_reach(last, LAST, BAD, PATIENCE)
    assert not is_out_of_reach(last, LAST, GOOD, PATIENCE)
    assert not is_out_of_reach(last, LAST, BAD, PATIENCE - 1)
    assert not is_out_of_reach(State(0, 0.0), LAST, BAD, PATIENCE)
    assert step(last, RUNGS, TARGET, BAD, 9.0) == last  # and it keeps trying


def test_no_step_leaves_the_rungs_that_may_be_taken_and_one_outside_of_them_comes_back_at_once() -> None:
    slow = replace(BAD, inference=0.08, latency=0.4)
    assert step(State(0, 0.0), RUNGS, TARGET, slow, 10.0, range(2)).rung == 1
    assert step(State(1, 0.0), RUNGS, TARGET, slow, 10.0, range(2)) == State(1, 0.0)
    assert step(State(1, 0.0), RUNGS, TARGET, GOOD, 10.0, range(1, 3)) == State(1, 0.0)
    assert step(State(1, 9.9), RUNGS, TARGET, GOOD, 10.0, range(2, 4)) == State(2, 10.0)
    assert step(State(3, 9.9), RUNGS, TARGET, GOOD, 10.0, range(2)) == State(1, 10.0)
