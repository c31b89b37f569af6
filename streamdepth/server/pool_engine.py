"""The pool of the service as the engine of a run: films, cameras and pictures share its lanes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from streamdepth.frames import DepthMap
from streamdepth.inference.engine import PooledEngine
from streamdepth.inference.pool import Pool, Priority
from streamdepth.pixels import BGRImage, Picture
from streamdepth.reporting.events import Observe
from streamdepth.run.spec import NetworkSpec
from streamdepth.server.models import Served
from streamdepth.server.pictures import Lane


class PoolEngine:
    """A `RunEngine`: a report shows the model's facts, and its lanes wait in the line of the pool."""

    def __init__(self, pool: Pool[Lane], model: Served, lane: Lane, priority: Priority) -> None:
        """`lane` describes all lanes; `priority` is that of each picture."""
        self.name, self.sha256 = model.name, model.sha256
        self.runtime_name, self.precision = model.runtime, model.precision
        self._facts = lane[model.name]
        self._engine = PooledEngine(pool, lambda one: one[model.name], priority)
        self._count = pool.figures.lanes

    @property
    def lanes(self) -> Sequence[PoolEngine]:
        """As many pictures of a film are in the line at once as there are lanes."""
        return (self,) * self._count

    def __call__(self, network: NetworkSpec, cache_dir: Path | None, observe: Observe) -> PoolEngine:
        """As `Engines`: the network of the service, whatever a film would take by itself."""
        return self

    def input_size(self, width: int, height: int) -> tuple[int, int]:
        """(w, h) of the network's input."""
        return self._facts.input_size(width, height)

    def warm_up(self, width: int, height: int) -> None:
        """Nothing: the first picture compiles what is missing, in its lane."""

    def estimate(self, image: BGRImage) -> DepthMap:
        """Depth of an (H, W, 3) uint8 picture."""
        return self._engine.estimate(image)

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """Depth of a picture."""
        return self._engine.estimate_picture(picture)
