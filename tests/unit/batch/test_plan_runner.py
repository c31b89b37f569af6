from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from streamdepth.batch.events import InputEnded
from streamdepth.batch.inputs import LeftOut
from streamdepth.batch.outcome import Outcome, State
from streamdepth.batch.plan import Plan
from streamdepth.batch.plan_runner import PlanRunner


class Twice(PlanRunner):
    def execute(self) -> None:
        self._leave_out()
        self._end(1, Outcome("a.mp4", State.DONE, frames=7))


def test_what_became_of_each_input_is_told_at_once_and_stands_in_the_report(tmp_path: Path) -> None:
    told: list[Any] = []
    report = tmp_path / "report.json"
    left = (LeftOut("notes.txt", "no film", is_failure=False),)
    batch = Twice(Plan(runs=(), left_out=left, report=report), told.append)
    batch.execute()
    assert [(event.number, event.outcome.name) for event in told if isinstance(event, InputEnded)] == [
        (None, "notes.txt"),
        (1, "a.mp4"),
    ]
    assert batch.outcomes == tuple(event.outcome for event in told)
    batch.write_report()
    counts = json.loads(report.read_text())["counts"]
    assert (counts["done"], counts["left out"], batch.report()["frames"]) == (1, 1, 7)
