"""How a run keeps a promise: engines that can step, and the part of one run in what its engine promised."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from streamdepth.frames import SourceInfo
from streamdepth.promise.promises import keeper_of
from streamdepth.reporting.events import Observe, Said
from streamdepth.run.network.engines import Engines
from streamdepth.run.spec import RunSpec

if TYPE_CHECKING:
    from streamdepth.metres.learning import Measuring
    from streamdepth.promise.keeper import Pace


def engines_that_keep(load: Engines, spec: RunSpec, of_several: Sequence[RunSpec] | None = None) -> Engines:
    """Engines of `load` that keep what a run promises; as they are where it promises nothing.

    `of_several` are the runs that share the lanes of one, where several do. Where any of them has distances, it is one
    network: those were taken with one, and depth of another is no line of it.
    """
    if not spec.promise.is_made:
        return load
    from streamdepth.run.promise.rung_engine import rung_engines

    return rung_engines(
        load,
        spec.promise,
        interpolates=spec.picture.interpolate,
        for_several=of_several is not None,
        one_network=any(run.input.metres is not None for run in (spec, *(of_several or ()))),
    )


def pace_of(engine: object, info: SourceInfo, observe: Observe, renderer: Measuring) -> Pace | None:
    """The part of a run in what its engine promises; distances that `renderer` shows hold their network."""
    keeper = keeper_of(engine)
    if keeper is None:
        return None
    from streamdepth.metres.learning import calibration_of

    def held() -> str | None:
        known = calibration_of(renderer)
        return None if known is None else known.model

    rate = None if info.rate is None else float(info.rate)
    return keeper.join(rate, lambda line: observe(Said(line)), held)
