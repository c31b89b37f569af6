"""The network of a run: loaded with its progress reported, and below the viewers' priority where there are any."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from streamdepth.errors import StreamdepthError
from streamdepth.frames import DepthMap, SourceInfo
from streamdepth.heap import give_back
from streamdepth.pipeline.inference import several_at_once
from streamdepth.pixels import BGRImage, Picture
from streamdepth.protocols import DepthEngine, SharedEngine
from streamdepth.reporting.events import Fetched, LoadBegan, LoadEnded, Observe, Said
from streamdepth.run.network.engines import Lane, RunEngine
from streamdepth.run.network.no_network import NoNetwork
from streamdepth.run.spec import NetworkSpec
from streamdepth.threads.aside import begin_aside
from streamdepth.threads.scheduling import give_way
from streamdepth.values import dataclass

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
    """Within it, fetching, converting and measuring a network report their progress."""
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
        side_by_side=network.side_by_side,
        cache_dir=cache_dir,
        normalisation=network.normalisation,
        depth_kind=network.depth_kind,
    )


def behind_others(load: Callable[[], T]) -> Callable[[], T]:
    """Begin `load` in a thread that gives way, and with it all threads that it starts; what this gives waits for it."""

    def give_way_and_load() -> T:
        give_way()
        return load()

    return begin_aside("loading", give_way_and_load)


class Loading:
    """The network of a run on its way. `is_aside` says that somebody watches: then it may begin before it is needed."""

    def __init__(self, load: Callable[[], RunEngine], *, is_aside: bool) -> None:
        self._load = load
        self._is_aside = is_aside
        self._begun: Callable[[], RunEngine] | None = None
        self.has_failed = False
        """Whether what was begun came to nothing: then an input is waited for in vain."""

    def begin(self) -> None:
        """Load it while input and outputs are opened; nothing where nobody watches, or it has begun."""
        if self._is_aside and self._begun is None:
            self._begun = behind_others(self._tried)

    def _tried(self) -> RunEngine:
        try:
            return self._load()
        except BaseException:
            self.has_failed = True
            raise

    @contextmanager
    def loading_error_first(self) -> Iterator[None]:
        """Within it an input is opened. Where that fails, an error of loading is raised instead of the input's."""
        try:
            yield
        except StreamdepthError:
            if self.has_failed and self._begun is not None:
                self._begun()
            raise

    def ready_for(self, info: SourceInfo) -> RunEngine:
        """The engine, with what pictures of a source need compiled; raises what `load` raises."""
        if not self._is_aside:
            return _warm(self._load(), info)
        engine = (self._begun or behind_others(self._load))()
        return behind_others(lambda: _warm(engine, info))()


def _warm(engine: RunEngine, info: SourceInfo) -> RunEngine:
    working = engine.lanes[0] if several_at_once(info) else engine
    working.warm_up(info.width, info.height)
    give_back()  # what loading took for a moment: 20 MB with nano, which pictures would lie beside
    return engine


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
