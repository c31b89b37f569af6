"""The table of several inputs and their exit status."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamdepth.batch.events import InputEnded
from streamdepth.batch.outcome import Outcome, State
from streamdepth.cli.batch_words import MOST_DONE, exit_status, line_of, table

DONE = Outcome("a.mp4", State.DONE, outputs=(Path("out/a.mp4"),), frames=30, seconds=2.0)
FAILED = Outcome("longer.mp4", State.FAILED, "no video in it (look at it)")
STOPPED = Outcome("c.mp4", State.STOPPED, "the batch was stopped", kept=(Path("out/c.part.mp4"),))


def test_the_table_has_a_row_for_each_and_says_why() -> None:
    assert list(table([DONE, FAILED, STOPPED], 125.0)) == [
        "done       a.mp4       out/a.mp4 (30 frames in 2.0 s, 15.0 frames/s)",
        "failed     longer.mp4  no video in it (look at it)",
        "stopped    c.mp4       the batch was stopped; what was done is in out/c.part.mp4",
        "1 done, 1 failed, 1 stopped, in 2:05",
    ]


def test_of_thousands_that_are_done_it_has_the_number_and_all_others() -> None:
    lines = list(table([DONE] * (MOST_DONE + 1) + [FAILED], 1.0))
    assert lines == ["failed     longer.mp4  no video in it (look at it)", "41 done, 1 failed, in 1 s"]


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ([State.DONE, State.LEFT_OUT, State.SKIPPED], 0),
        ([], 0),
        ([State.DONE, State.FAILED], 3),
        ([State.SKIPPED, State.FAILED], 3),
        ([State.FAILED, State.FAILED, State.LEFT_OUT], 1),
        ([State.FAILED, State.NOT_BEGUN], 1),
        ([State.FAILED, State.STOPPED], 3),
        ([State.STOPPED, State.STOPPED], 0),
    ],
)
def test_the_exit_status_tells_all_from_some(states: list[State], status: int) -> None:
    assert exit_status([Outcome("x", state) for state in states]) == status


def test_each_is_told_when_it_is_over() -> None:
    assert line_of(InputEnded(2, 9, DONE)) == "2 of 9: a.mp4 is out/a.mp4 (30 frames in 2.0 s, 15.0 frames/s)"
    assert line_of(InputEnded(None, 9, FAILED)) == "longer.mp4 failed: no video in it (look at it)"
