"""What a plan takes in time and space: each input is opened, and some frames of a few sizes are really rendered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from streamdepth.batch.glance import Glances
from streamdepth.batch.plan import Plan
from streamdepth.batch.planned_run import PlannedRun
from streamdepth.batch.trial import Trial, try_out
from streamdepth.batch.work import is_there
from streamdepth.run.network.engines import Engines
from streamdepth.run.surroundings import Surroundings
from streamdepth.values import dataclass

MEASURED = 48
"""Frames that are rendered of the first input of a size: more than the encoder looks ahead."""
LOOKED_AT = 1
"""Frames of every other: one is enough to hear what its run has to say."""
MOST_SIZES = 3
"""Sizes that are measured; of others time and space go by their pixels."""


@dataclass(frozen=True)
class Estimate:
    """Roughly what one run takes; None is not known."""

    planned: PlannedRun
    trial: Trial
    is_there: bool = False
    """Whether it is skipped."""
    seconds: float | None = None
    bytes: int | None = None


@dataclass(frozen=True)
class Pace:
    """What a frame of so many pixels costs."""

    pixels: int
    seconds: float
    bytes: float


def estimate(plan: Plan, surroundings: Surroundings, engines: Engines) -> Iterator[Estimate]:
    """One for each run, in order, as it is looked at; raises `StreamdepthError` where the network cannot be loaded."""
    paces: list[Pace] = []
    glances = Glances(engines)
    for planned in plan.runs:
        if plan.skip_existing and is_there(planned):
            yield Estimate(planned, Trial(), is_there=True)
            continue
        trial = try_out(planned, LOOKED_AT, surroundings, glances)
        known = {pace.pixels for pace in paces}
        if not trial.error and trial.pixels not in known and len(known) < MOST_SIZES:
            trial = try_out(planned, MEASURED, surroundings, engines)
            if trial.rendered:
                paces.append(pace_of(trial))
        yield _estimate(planned, trial, paces)


def pace_of(trial: Trial) -> Pace:
    """What each of its frames took."""
    return Pace(trial.pixels, trial.seconds / trial.rendered, trial.bytes / trial.rendered)


def expected(pixels: int, paces: Sequence[Pace]) -> Pace:
    """By the measured size that is nearest: more pixels cost in proportion, fewer are not taken to cost less time."""
    nearest = min(paces, key=lambda pace: max(pixels, pace.pixels) / min(pixels, pace.pixels))
    ratio = pixels / nearest.pixels
    return Pace(pixels, nearest.seconds * max(1.0, ratio), nearest.bytes * ratio)


def _estimate(planned: PlannedRun, trial: Trial, paces: Sequence[Pace]) -> Estimate:
    if trial.error or trial.frames is None or not paces:
        return Estimate(planned, trial)
    pace = expected(trial.pixels, paces)
    return Estimate(
        planned, trial, seconds=pace.seconds * trial.frames, bytes=round(pace.bytes * trial.frames)
    )
