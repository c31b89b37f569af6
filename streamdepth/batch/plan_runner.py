"""What every way to carry out a plan has: the outcome of each input so far, and the report of all."""

from __future__ import annotations

import time
from typing import Any

from streamdepth.batch.events import InputEnded, ObserveInput
from streamdepth.batch.outcome import Outcome, describe, of_left_out
from streamdepth.batch.plan import Plan
from streamdepth.reporting.report import write_report

STOPPED = "the batch was stopped"


class PlanRunner:
    """Base of what carries out a plan; `observe_input` gets the outcome of each input."""

    def __init__(self, plan: Plan, observe_input: ObserveInput) -> None:
        self.plan = plan
        self._observe_input = observe_input
        self._outcomes: list[Outcome] = []
        self._began = time.monotonic()

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """What became of each input so far."""
        return tuple(self._outcomes)

    def report(self) -> dict[str, Any]:
        """The figures of all so far."""
        return describe(self._outcomes, time.monotonic() - self._began)

    def write_report(self) -> None:
        """Write the report where it was asked for."""
        if self.plan.report is not None:
            write_report(self.plan.report, self.report())

    def _leave_out(self) -> None:
        """What no run is for ends first."""
        for left in self.plan.left_out:
            self._end(None, of_left_out(left))

    def _end(self, number: int | None, outcome: Outcome) -> None:
        """An input is done with; `number` is that of its run, if it has one."""
        self._outcomes.append(outcome)
        self._observe_input(InputEnded(number, len(self.plan.runs), outcome))
