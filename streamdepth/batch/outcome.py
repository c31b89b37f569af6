"""What came of each input, and of all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Any, Protocol

from streamdepth.batch.inputs import LeftOut
from streamdepth.batch.planned_run import PlannedRun
from streamdepth.values import dataclass, field


class State(Enum):
    """How it ended with an input."""

    DONE = "done"
    SKIPPED = "skipped"
    """Its outputs were there already, or another run was writing them."""
    LEFT_OUT = "left out"
    """It was never meant to be rendered."""
    FAILED = "failed"
    STOPPED = "stopped"
    """The run was ended in the middle."""
    NOT_BEGUN = "not begun"


@dataclass(frozen=True)
class Outcome:
    """How it ended with one input."""

    name: str
    state: State
    reason: str = ""
    """Why, in a sentence; empty where it is done."""
    outputs: tuple[Path, ...] = ()
    kept: tuple[Path, ...] = ()
    """Playable parts of outputs that were not completed."""
    frames: int = 0
    seconds: float = 0.0
    report: Mapping[str, Any] = field(default_factory=dict)
    """The figures of its run, as `--report` has them of one run; empty where there was none."""

    def as_json(self) -> dict[str, Any]:
        """For the report of all."""
        return {
            "input": self.name,
            "state": self.state.value,
            "reason": self.reason or None,
            "outputs": [str(path) for path in self.outputs],
            "kept": [str(path) for path in self.kept],
            "frames": self.frames,
            "seconds": round(self.seconds, 3),
            "report": dict(self.report) or None,
        }


@dataclass(frozen=True)
class Ending:
    """How a run ended."""

    state: State
    reason: str
    seconds: float


class Reports(Protocol):
    """A run, as far as what became of it goes."""

    def report(self) -> dict[str, Any]:
        """Its figures; empty before there are any."""

    def kept_parts(self) -> list[Path]:
        """What it left unfinished."""


def outcome_of_run(name: str, outputs: tuple[Path, ...], run: Reports | None, ending: Ending) -> Outcome:
    """That of an input whose run is over; None is a run that could not even be made."""
    report = run.report() if run is not None else {}
    kept = tuple(run.kept_parts()) if run is not None else ()
    state, reason = ending.state, ending.reason
    if state is State.DONE:
        state, reason = done_by(report)
    return Outcome(name, state, reason, outputs, kept, _written(report), ending.seconds, report)


def done_by(report: Mapping[str, Any]) -> tuple[State, str]:
    """How a run that went through ended, and why, by its report."""
    if report.get("complete_already"):
        return State.SKIPPED, "it is complete already"
    return (State.DONE, "") if _written(report) else (State.STOPPED, "no picture came")


def _written(report: Mapping[str, Any]) -> int:
    return int(report["frames"]["written"]) if report else 0


def of_left_out(left: LeftOut) -> Outcome:
    """That of something that no run is for."""
    return Outcome(left.name, State.FAILED if left.is_failure else State.LEFT_OUT, left.reason)


def of_unbegun(planned: PlannedRun, state: State, reason: str) -> Outcome:
    """That of a run that was not begun."""
    return Outcome(planned.name, state, reason, planned.outputs)


def counts_of(outcomes: Sequence[Outcome]) -> dict[State, int]:
    """How many ended how; every state is there."""
    counts = Counter(outcome.state for outcome in outcomes)
    return {state: counts[state] for state in State}


def describe(outcomes: Sequence[Outcome], seconds: float) -> dict[str, Any]:
    """The report of all as a JSON-ready dictionary."""
    counts = counts_of(outcomes)
    return {
        "files": [outcome.as_json() for outcome in outcomes],
        "counts": {state.value: count for state, count in counts.items()},
        "frames": sum(outcome.frames for outcome in outcomes),
        "seconds": round(seconds, 3),
    }
