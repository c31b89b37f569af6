"""The one network of several cameras, as each of their runs sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from streamdepth.frames import DepthMap
from streamdepth.inference.shares import Share, SharedLanes
from streamdepth.pixels import BGRImage, Picture
from streamdepth.reporting.events import Observe
from streamdepth.run.engines import Engines, Lane, RunEngine
from streamdepth.run.spec import NetworkSpec
from streamdepth.threads.scheduling import give_way
from streamdepth.threads.worker import Lock

WATCHED = 3.0
"""The weight of a camera that somebody watches, beside 1 of one that is only recorded."""


class NetworkForAll:
    """Loads the network for the first camera that wants it; `engines` gives each its share."""

    def __init__(self, load: Engines) -> None:
        self._load = load
        self._lock = Lock()
        self._network: tuple[RunEngine, SharedLanes[Lane]] | None = None

    def engines(self, is_watched: Callable[[], bool]) -> Engines:
        """The engines of one camera's run, which `is_watched` or not."""

        def engines(network: NetworkSpec, cache_dir: Path | None, observe: Observe) -> RunEngine:
            with self._lock:
                if self._network is None:
                    engine = self._load(network, cache_dir, observe)
                    self._network = engine, SharedLanes(engine.lanes)
                engine, shared = self._network
            return CameraEngine(engine, shared.join(lambda: WATCHED if is_watched() else 1.0))

        return engines


class CameraEngine:
    """What one camera has of a network that all share."""

    def __init__(self, facts: RunEngine, share: Share[Lane]) -> None:
        """`facts` is the engine whose lanes they share: a picture a thread, together they do the most."""
        self._share = share
        self._facts = facts
        self._has_given_way = False
        self.name, self.sha256 = facts.name, facts.sha256
        self.runtime_name, self.precision = facts.runtime_name, facts.precision

    @property
    def lanes(self) -> Sequence[Lane]:
        """A live run has one."""
        return (self,)

    def input_size(self, width: int, height: int) -> tuple[int, int]:
        """Network input (width, height) for a picture."""
        return self._facts.input_size(width, height)

    def warm_up(self, width: int, height: int) -> None:
        """Compile what pictures of `width` x `height` pixels need, in each lane when it is free."""
        for lane in self._share.each():
            lane.warm_up(width, height)

    @contextmanager
    def turn(self) -> Iterator[Lane]:
        """As `SharedEngine`: behind all other threads, so that viewers are served first."""
        if not self._has_given_way:
            give_way()
            self._has_given_way = True
        with self._share.turn() as lane:
            yield lane

    def estimate(self, image: BGRImage) -> DepthMap:
        """Depth of an (H, W, 3) uint8 picture."""
        with self.turn() as lane:
            return lane.estimate(image)

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """Depth of a picture of any size."""
        with self.turn() as lane:
            return lane.estimate_picture(picture)
