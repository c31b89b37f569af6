"""What a plan takes in time and space: each input is opened, and some frames of a few sizes are really rendered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streamdepth.batch.job import Job
from streamdepth.batch.plan import Plan
from streamdepth.batch.trial import Trial, try_out
from streamdepth.batch.work import is_there
from streamdepth.run.engines import Engines
from streamdepth.run.surroundings import Surroundings

MEASURED = 48
"""Frames that are rendered of the first input of a size: more than the encoder looks ahead."""
LOOKED_AT = 2
"""Frames of every other."""
MOST_SIZES = 3
"""Sizes that are measured; of others time and space go by their pixels."""


@dataclass(frozen=True)
class Estimate:
    """About what one job takes; None is not known."""

    job: Job
    trial: Trial
    is_there: bool = False
    """Whether it is skipped."""
    seconds: float | None = None
    octets: int | None = None


@dataclass(frozen=True)
class Pace:
    """What a frame of so many pixels costs."""

    pixels: int
    seconds: float
    octets: float


def estimate(plan: Plan, surroundings: Surroundings, engines: Engines) -> Iterator[Estimate]:
    """One for each job, in order, as it is looked at; raises `StreamdepthError` where the network cannot be loaded."""
    paces: list[Pace] = []
    for job in plan.jobs:
        if plan.skip_existing and is_there(job):
            yield Estimate(job, Trial(), is_there=True)
            continue
        trial = try_out(job, LOOKED_AT, surroundings, engines)
        known = {pace.pixels for pace in paces}
        if not trial.error and trial.pixels not in known and len(known) < MOST_SIZES:
            trial = try_out(job, MEASURED, surroundings, engines)
            if trial.rendered:
                paces.append(pace_of(trial))
        yield _estimate(job, trial, paces)


def pace_of(trial: Trial) -> Pace:
    """What each of its frames took."""
    return Pace(trial.pixels, trial.seconds / trial.rendered, trial.octets / trial.rendered)


def expected(pixels: int, paces: Sequence[Pace]) -> Pace:
    """By the measured size that is nearest: more pixels cost in proportion, fewer are not taken to cost less time."""
    nearest = min(paces, key=lambda pace: max(pixels, pace.pixels) / min(pixels, pace.pixels))
    ratio = pixels / nearest.pixels
    return Pace(pixels, nearest.seconds * max(1.0, ratio), nearest.octets * ratio)


def _estimate(job: Job, trial: Trial, paces: Sequence[Pace]) -> Estimate:
    if trial.error or trial.frames is None or not paces:
        return Estimate(job, trial)
    pace = expected(trial.pixels, paces)
    return Estimate(job, trial, seconds=pace.seconds * trial.frames, octets=round(pace.octets * trial.frames))
