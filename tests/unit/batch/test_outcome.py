"""What came of all."""

from __future__ import annotations

from pathlib import Path

from streamdepth.batch.inputs import LeftOut
from streamdepth.batch.outcome import Outcome, State, describe, of_left_out


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
