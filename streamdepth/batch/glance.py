"""An engine for runs that are only looked at: what they have to say does not depend on depth."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from streamdepth.frames import DepthMap
from streamdepth.pixels import BGRImage, Picture
from streamdepth.reporting.events import Observe
from streamdepth.run.network.engines import Engines, RunEngine
from streamdepth.run.spec import NetworkSpec


class Glances:
    """Gives runs of one network an engine that infers the first picture of each size, and no other."""

    def __init__(self, engines: Engines) -> None:
        self._engines = engines
        self._known: dict[tuple[int, int], DepthMap] = {}

    def __call__(self, network: NetworkSpec, cache_dir: Path | None, observe: Observe) -> RunEngine:
        """As `Engines`."""
        return Glance(self._engines(network, cache_dir, observe), self._known)


class Glance:
    """The engine of one run; `known` is the depth of each size so far."""

    def __init__(self, engine: RunEngine, known: dict[tuple[int, int], DepthMap]) -> None:
        self._engine = engine
        self._known = known
        self.name, self.sha256 = engine.name, engine.sha256
        self.runtime_name, self.precision = engine.runtime_name, engine.precision
        self.input_size = engine.input_size

    @property
    def lanes(self) -> Sequence[Glance]:
        """Itself."""
        return (self,)

    def warm_up(self, width: int, height: int) -> None:
        """Nothing is to be fast."""

    def estimate(self, image: BGRImage) -> DepthMap:
        """As `DepthEngine`."""
        return self.estimate_picture(Picture.of_bgr(image))

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """The depth of the first picture of this size."""
        size = picture.content.width, picture.content.height
        if size not in self._known:
            self._known[size] = self._engine.estimate_picture(picture)
        return self._known[size]
