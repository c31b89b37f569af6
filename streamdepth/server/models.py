"""The networks that the service answers with: loaded once, an engine of each for every lane."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from streamdepth.errors import UsageError
from streamdepth.heap import keep_for_pictures
from streamdepth.machine import thread_count
from streamdepth.server.pictures import Lane
from streamdepth.threads.scheduling import give_way
from streamdepth.values import dataclass

if TYPE_CHECKING:
    from streamdepth.engine import Engine, EngineOptions

USUAL_SIZES = ((1280, 720), (1024, 768))
"""Pictures whose network inputs are compiled before the first request."""


@dataclass(frozen=True)
class Served:
    """A network that is served."""

    name: str
    sha256: str
    """Of its weights."""
    runtime: str
    precision: str


@dataclass(frozen=True)
class Loaded:
    """All networks, the usual one first, and what each lane works with."""

    models: tuple[Served, ...]
    lanes: tuple[Lane, ...]

    def named(self, name: str) -> Served:
        """The model of that name, or the usual one where it is empty; raises `UsageError`."""
        found = next((model for model in self.models if name in ("", model.name)), None)
        if found is None:
            names = ", ".join(model.name for model in self.models)
            raise UsageError(f"there is no model {name[:80]!r} here", f"ask for {names}, or leave it out")
        return found


def load(
    options: EngineOptions,
    models: Sequence[str],
    lanes: int | None,
    load_engine: Callable[[EngineOptions], Engine],
) -> Loaded:
    """Load each of `models` for `lanes` threads (None: one a core); raises as `load_engine`.

    The calling thread gives way for good. OpenCV uses no threads of its own, and the heap to keep what a
    picture took for the next.
    """
    import cv2

    give_way()  # and with this thread all that a runtime starts
    keep_for_pictures()
    cv2.setNumThreads(1)
    count = thread_count(lanes)
    loaded = [
        load_engine(replace(options, model=model, threads=count, side_by_side=True)) for model in models
    ]
    if len({engine.name for engine in loaded}) < len(loaded):
        raise UsageError("a model was named twice", "name each once")
    each = [_lanes(engine, count) for engine in loaded]
    for engines in each:
        for width, height in USUAL_SIZES:
            for engine in engines:
                engine.warm_up(width, height)
    served = tuple(Served(e.name, e.sha256, e.runtime_name, e.precision) for e in loaded)
    return Loaded(served, tuple({engine.name: engine for engine in lane} for lane in zip(*each, strict=True)))


def _lanes(engine: Engine, count: int) -> Sequence[Engine]:
    """As many as there are to be; of a runtime that has one only, the one, which then is not for several threads."""
    lanes = engine.lanes_of(count)
    if len(lanes) < count:
        raise UsageError(
            f"{engine.runtime_name} works on one picture at a time", "use --engine openvino or onnxruntime"
        )
    return lanes
