"""Where a run gets its engine: it loads one of its own, or takes what several runs share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from streamdepth.protocols import DepthEngine, PictureEngine
from streamdepth.reporting.events import Observe
from streamdepth.reporting.report import EngineFacts
from streamdepth.run.spec import NetworkSpec
from streamdepth.threads.worker import Lock


class Lane(DepthEngine, PictureEngine, Protocol):
    """An engine for one thread, as a run needs it."""

    def warm_up(self, width: int, height: int) -> None:
        """Compile what pictures of `width` x `height` pixels need; called before the first estimate."""


class RunEngine(Lane, EngineFacts, Protocol):
    """An engine that the report describes, with its lanes for files."""

    @property
    def lanes(self) -> Sequence[Lane]:
        """As `ManyLanes`."""


@runtime_checkable
class Reusable(Protocol):
    """An engine whose later runs could be affected by an earlier one."""

    def start_over(self) -> None:
        """As `Engine.start_over`."""


class Engines(Protocol):
    """Gives each run its engine; `load_network` is one, which loads anew for each."""

    def __call__(self, network: NetworkSpec, cache_dir: Path | None, observe: Observe) -> RunEngine:
        """The engine of `network`; raises as `load_network` does."""


class LoadedOnce:
    """Loads a network with `load` for the first run that wants it, and keeps it for those that follow.

    The engines are for runs one after the other: two at the same time must not share one (see `DepthEngine`).
    """

    def __init__(self, load: Engines) -> None:
        self._load = load
        self._loaded: dict[tuple[NetworkSpec, Path | None], RunEngine] = {}
        self._lock = Lock()

    def __call__(self, network: NetworkSpec, cache_dir: Path | None, observe: Observe) -> RunEngine:
        """As `Engines`; a network that could not be loaded is tried again by the next run."""
        key = (network, cache_dir)
        with self._lock:
            if key not in self._loaded:
                self._loaded[key] = self._load(network, cache_dir, observe)
            elif isinstance(engine := self._loaded[key], Reusable):
                engine.start_over()
            return self._loaded[key]
