"""What happens in a batch, beside what happens in each of its runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from streamdepth.batch.job import Job
from streamdepth.batch.outcome import Outcome


@dataclass(frozen=True)
class JobBegan:
    """The run of an input begins."""

    number: int
    """From 1."""
    count: int
    job: Job
    share_done: float
    """Of all the work, from 0 to 1, by the octets of the inputs."""
    share: float
    """Of this input."""


@dataclass(frozen=True)
class JobEnded:
    """An input is done with, or was left out; these come without a `JobBegan`."""

    number: int | None
    """None for what no run is for."""
    count: int
    outcome: Outcome


Tell = Callable[[JobBegan | JobEnded], None]
"""Gets each of them when it happens, on the thread that executes; it must neither wait nor raise."""


def ignore(_event: JobBegan | JobEnded) -> None:
    """Of a batch that nobody watches."""
