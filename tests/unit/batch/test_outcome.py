"""What came of all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streamdepth.batch.inputs import LeftOut
from streamdepth.batch.outcome import Ending, Outcome, State, describe, of_left_out, outcome_of_run


def test_the_report_counts_every_state_and_has_every_input() -> None:
    done = Outcome("a.mp4", State.DONE, outputs=(Path("out/a.mp4"),), frames=3, seconds=1.23456)
    gone = of_left_out(LeftOut("b.mp4", "there is no file", is_failure=True))
    beside = of_left_out(LeftOut("c.nfo", "no film"))
    report = describe([done, gone, beside], 2.0)
    assert report["counts"] == {
        "done": 1,
        "skipped": 0,
        "left out": 1,
        "failed": 1,
        "stopped": 0,
        "not begun": 0,
    }
    assert report["files"][0] == {
        "input": "a.mp4",
        "state": "done",
        "reason": None,
        "outputs": ["out/a.mp4"],
        "kept": [],
        "frames": 3,
        "seconds": 1.235,
        "report": None,
    }
    assert report["files"][1]["reason"] == "there is no file"
    assert report["frames"] == 3


class _Ran:
    """A run that is over, with its report."""

    def __init__(self, **report: Any) -> None:
        self._report = {"frames": {"written": 3}, **report}

    def report(self) -> dict[str, Any]:
        return self._report

    def kept_parts(self) -> list[Path]:
        return []


def test_what_an_earlier_run_had_completed_is_skipped_and_a_failure_stays_one() -> None:
    def ended(run: _Ran, state: State) -> tuple[State, str]:
        outcome = outcome_of_run(
            "a.mp4", (Path("a"),), run, Ending(state, "why" * (state is not State.DONE), 1)
        )
        return outcome.state, outcome.reason

    assert ended(_Ran(), State.DONE) == (State.DONE, "")
    assert ended(_Ran(frames={"written": 0}), State.DONE) == (State.STOPPED, "no picture came")
    assert ended(_Ran(complete_already=True), State.DONE) == (State.SKIPPED, "it is complete already")
    assert ended(_Ran(complete_already=True), State.FAILED) == (State.FAILED, "why")
