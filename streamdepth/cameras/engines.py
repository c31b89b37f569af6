"""The one network of several cameras, as each of their runs sees it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from streamdepth.engine import Engine
from streamdepth.frames import DepthMap
from streamdepth.inference.motion import Motion
from streamdepth.inference.shares import Share, SharedLanes, weight_of
from streamdepth.pixels import BGRImage, Picture
from streamdepth.promise.keeper import Keeper
from streamdepth.promise.promises import keeper_of
from streamdepth.reporting.events import Observe, ignore
from streamdepth.run.network.engines import Engines, Lane, RunEngine
from streamdepth.run.spec import NetworkSpec
from streamdepth.threads.scheduling import give_way
from streamdepth.threads.worker import Lock


class NetworkForAll:
    """Loads the network for the first camera that wants it; `engines` gives each its share."""

    def __init__(
        self, load: Engines, observe: Observe = ignore, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`observe` gets what happens to the network, which is of no single camera."""
        self._load = load
        self._observe = observe
        self._clock = clock
        self._lock = Lock()
        self._network: tuple[RunEngine, SharedLanes[Lane]] | None = None

    def engines(self, is_watched: Callable[[], bool]) -> Engines:
        """The engines of one camera's run, which `is_watched` or not."""

        def engines(network: NetworkSpec, cache_dir: Path | None, observe: Observe) -> RunEngine:
            with self._lock:
                if self._network is None:
                    loaded = self._load(replace(network, side_by_side=True), cache_dir, self._observe)
                    self._network = _teller_of(loaded), SharedLanes(loaded.lanes, self._clock)
                engine, shared = self._network
            motion = Motion()

            def weight() -> float:
                return weight_of(is_watched=is_watched(), motion=motion.level(self._clock()))

            return CameraEngine(
                engine, shared.join(weight), lambda picture: motion.see(picture, self._clock())
            )

        return engines


def _teller_of(loaded: RunEngine) -> RunEngine:
    """What describes the network: one of those that work, not another copy in memory that does nothing."""
    first = loaded.lanes[0]
    return first if isinstance(first, Engine) else loaded


class CameraEngine:
    """What one camera has of a network that all share."""

    def __init__(self, facts: RunEngine, share: Share[Lane], see: Callable[[Picture], None]) -> None:
        """`facts` is the engine whose lanes they share: a picture a thread, together they do the most.

        `see` is shown each picture of this camera that is inferred.
        """
        self._share = share
        self._facts = facts
        self._see = see
        self._has_given_way = False

    @property
    def keeper(self) -> Keeper | None:
        """What keeps the promise of all cameras; None where there is none."""
        return keeper_of(self._facts)

    @property
    def name(self) -> str:
        """As `RunEngine`."""
        return self._facts.name

    @property
    def sha256(self) -> str:
        """As `RunEngine`."""
        return self._facts.sha256

    @property
    def runtime_name(self) -> str:
        """As `RunEngine`."""
        return self._facts.runtime_name

    @property
    def precision(self) -> str:
        """As `RunEngine`."""
        return self._facts.precision

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
    def turn(self) -> Iterator[_Seen]:
        """As `SharedEngine`: behind all other threads, so that viewers are served first, where nothing is promised."""
        if not self._has_given_way and self.keeper is None:
            give_way()
            self._has_given_way = True
        with self._share.turn() as lane:
            yield _Seen(lane, self._see)

    def estimate(self, image: BGRImage) -> DepthMap:
        """Depth of an (H, W, 3) uint8 picture."""
        return self.estimate_picture(Picture.of_bgr(image))

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """Depth of a picture of any size."""
        with self.turn() as lane:
            return lane.estimate_picture(picture)


class _Seen:
    """A lane for one turn of a camera."""

    def __init__(self, lane: Lane, see: Callable[[Picture], None]) -> None:
        self._lane = lane
        self._see = see

    def estimate(self, image: BGRImage) -> DepthMap:
        """Depth of an (H, W, 3) uint8 picture."""
        return self.estimate_picture(Picture.of_bgr(image))

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """Depth of a picture of any size."""
        self._see(picture)
        return self._lane.estimate_picture(picture)
