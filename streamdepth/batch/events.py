"""What happens in a batch, beside what happens in each of its runs."""

from __future__ import annotations

from collections.abc import Callable

from streamdepth.batch.outcome import Outcome
from streamdepth.batch.planned_run import PlannedRun
from streamdepth.values import dataclass


@dataclass(frozen=True)
class InputBegan:
    """The run of an input begins."""

    number: int
    """From 1."""
    count: int
    planned: PlannedRun
    share_done: float
    """Of all the work, from 0 to 1, by the bytes of the inputs."""
    share: float
    """Of this input."""


@dataclass(frozen=True)
class InputEnded:
    """An input is done with, or was left out; these come without an `InputBegan`."""

    number: int | None
    """None for what no run is for."""
    count: int
    outcome: Outcome


ObserveInput = Callable[[InputBegan | InputEnded], None]
"""Gets each of them when it happens, on the thread that executes; it must neither wait nor raise."""


def ignore(_event: InputBegan | InputEnded) -> None:
    """Of a batch that nobody watches."""
