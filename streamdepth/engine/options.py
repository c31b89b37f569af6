"""What network is wanted and how it is to run: one value, from the caller down to the runtime."""

from __future__ import annotations

from pathlib import Path

from streamdepth.models.input_sizes import USUAL_SIZE
from streamdepth.models.weights.store import default_cache_dir
from streamdepth.values import dataclass


@dataclass(frozen=True)
class EngineOptions:
    """Options of `load_engine`; `streamdepth.load_engine` says what each may be."""

    model: str = "auto"
    weights: Path | None = None
    runtime: str = "auto"
    """The name of a backend: `--engine`."""
    precision: str = "auto"
    size: int = USUAL_SIZE
    threads: int | None = None
    cache_dir: Path | None = None
    normalisation: str | None = None
    """Of a network that does not say itself how its input is normalised."""
    depth_kind: str | None = None
    """Of a network that does not say itself what its values mean: see `models.meaning`."""
    side_by_side: bool = False
    """Whether several pictures are worked on at a time: `auto` is then the way with the best rate of all lanes
    together, and else the one that has a picture done soonest."""

    @property
    def cache(self) -> Path:
        """The folder for downloads, conversions and what was measured."""
        return self.cache_dir or default_cache_dir()
