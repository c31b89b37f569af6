"""The network of a run: loaded with word of it, and behind those who watch where somebody does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from streamdepth.frames import DepthMap
from streamdepth.pixels import BGRImage, Picture
from streamdepth.protocols import DepthEngine, SharedEngine
from streamdepth.reporting.events import Fetched, LoadBegan, LoadEnded, Observe, Said
from streamdepth.run.engines import Lane, RunEngine
from streamdepth.run.no_network import NoNetwork
from streamdepth.run.spec import NetworkSpec
from streamdepth.threads.aside import run_aside
from streamdepth.threads.scheduling import give_way

if TYPE_CHECKING:
    from streamdepth.engine import Engine, EngineOptions

T = TypeVar("T")


@dataclass(frozen=True)
class Word:
    """What a loader calls: `progress` with the bytes of a download, `notify` with a sentence."""

    progress: Callable[[int, int | None], None]
    notify: Callable[[str], None]


@contextmanager
def word_of_loading(observe: Observe) -> Iterator[Word]:
    """Within it, whatever fetches, converts or measures a network has somebody to tell."""
    observe(LoadBegan())
    try:
        yield Word(lambda done, total: observe(Fetched(done, total)), lambda line: observe(Said(line)))
    finally:
        observe(LoadEnded())


def load_network(network: NetworkSpec, cache_dir: Path | None, observe: Observe) -> Engine:
    """The engine that is wanted; raises as `load_engine` does."""
    from streamdepth.engine import load_engine

    with word_of_loading(observe) as word:
        return load_engine(engine_options(network, cache_dir), word.progress, word.notify)


def engine_options(network: NetworkSpec, cache_dir: Path | None) -> EngineOptions:
    """What the engine is asked for."""
    from streamdepth.engine import EngineOptions

    return EngineOptions(
        network.model,
        runtime=network.engine,
        precision=network.precision,
        size=network.size,
        threads=network.threads,
        cache_dir=cache_dir,
        normalisation=network.normalisation,
        depth_kind=network.depth_kind,
    )


def behind_others(load: Callable[[], T]) -> T:
    """What `load` gives, called in a thread that gives way, and with it all threads that it starts."""

    def give_way_and_load() -> T:
        give_way()
        return load()

    return run_aside("loading", give_way_and_load)


def behind_viewers(engine: RunEngine | NoNetwork) -> DepthEngine:
    """An engine whose threads run behind those that serve viewers; one that several runs share does so by itself."""
    return engine if isinstance(engine, SharedEngine) else GivesWay(engine, lambda: engine.lanes)


class GivesWay:
    """An engine whose threads run behind the others: viewers on the network are served first."""

    def __init__(self, inner: Lane, lanes: Callable[[], Sequence[Lane]] = tuple) -> None:
        """`lanes` loads them: of what is live nobody asks for any."""
        self._inner = inner
        self._lanes = lanes
        self._has_given_way = False

    @property
    def lanes(self) -> Sequence[GivesWay]:
        """Those of the engine that is wrapped."""
        return [GivesWay(lane) for lane in self._lanes()]

    def estimate(self, image: BGRImage) -> DepthMap:
        """As the engine that is wrapped; the thread that calls first is the one that gives way."""
        self._give_way()
        return self._inner.estimate(image)

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """As `estimate`."""
        self._give_way()
        return self._inner.estimate_picture(picture)

    def _give_way(self) -> None:
        if not self._has_given_way:
            give_way()
            self._has_given_way = True
