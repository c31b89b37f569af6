"""An engine that can step: several sizes of a network, and another network, behind one engine for a promise."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import cv2
import numpy as np

from streamdepth.engine.engine import Engine
from streamdepth.engine.options import EngineOptions
from streamdepth.engine.selection.table import times_of
from streamdepth.frames import DepthMap
from streamdepth.models.registry import MIDAS_SMALL, NANO
from streamdepth.pixels import BGRImage, Picture
from streamdepth.promise.keeper import Keeper
from streamdepth.promise.ladder import Rung, ladder_of
from streamdepth.promise.promises import keeper_of
from streamdepth.promise.target import Target
from streamdepth.reporting.events import Observe, Said
from streamdepth.run.network.engines import Engines, Lane, RunEngine
from streamdepth.run.network.loading import word_of_loading
from streamdepth.run.promise.spec import PromiseSpec
from streamdepth.run.spec import NetworkSpec
from streamdepth.values import dataclass

SIZES = (256, 192, 160, 128)
"""Tried below the size that is asked for. Below 128 a picture of 16:9 has hardly less work left."""
MOST_SIZES = 4
"""As many as OpenVINO keeps compiled: a step must not wait for a compilation."""
BETTER_DOWN_TO = 192
"""Below it `midas-small` is left for `nano` in a larger size, where both may be taken."""


def rung_engines(
    load: Engines, promise: PromiseSpec, *, interpolates: bool, for_several: bool, one_network: bool = False
) -> Engines:
    """Engines of `load` that keep a promise, unless they do already, as those that several runs share.

    `for_several` makes them such: then lanes are shared. With `one_network`, only its size changes.
    """

    def engines(network: NetworkSpec, cache_dir: Path | None, observe: Observe) -> RunEngine:
        engine = load(network, cache_dir, observe)
        if keeper_of(engine) is not None:
            return engine
        wanted = replace(network, model=_whole(engine).name) if one_network else network
        chosen = list(_measured(engine, load, wanted, cache_dir, observe))
        target = Target(promise.target_latency, promise.target_fps)
        ladder = ladder_of(
            [one.rung for one in chosen], may_leave_out=target.fps is None and not interpolates
        )
        by_way = {(one.rung.model, one.rung.size): one.engine for one in chosen}
        rungs = [by_way[rung.model, rung.size] for rung in ladder]
        keeper = Keeper(
            target,
            ladder,
            lambda line: observe(Said(line, is_warning=True)),
            interpolates=interpolates,
            lanes=len(engine.lanes) if for_several else 1,
        )
        return RungEngine(rungs, keeper)

    return engines


@dataclass(frozen=True)
class _Measured:
    rung: Rung
    engine: Engine


def _measured(
    engine: RunEngine, load: Engines, network: NetworkSpec, cache_dir: Path | None, observe: Observe
) -> Iterator[_Measured]:
    """Everything that may be taken, the best depth first."""
    first = _whole(engine)
    sizes = sizes_below(first, network.size)
    if network.model == "auto" and first.name == MIDAS_SMALL.name:
        better = [size for size in sizes if size >= BETTER_DOWN_TO] or sizes[:1]
        yield from _timed(first, better, network, cache_dir, observe)
        first = _whole(load(replace(network, model=NANO.name), cache_dir, observe))
    yield from _timed(first, sizes, network, cache_dir, observe)


def sizes_below(engine: Engine, most: int) -> list[int]:
    """Sizes to try, at most as large as what was asked for; one where the network fixes its input."""
    if engine.card.fixed_size is not None:
        return [most]
    lower = [size for size in SIZES if size < most]
    return [most, *lower[:1], *lower[1:][-(MOST_SIZES - 2) :]]


def _timed(
    engine: Engine, sizes: Sequence[int], network: NetworkSpec, cache_dir: Path | None, observe: Observe
) -> Iterator[_Measured]:
    cache = EngineOptions(cache_dir=cache_dir).cache
    with word_of_loading(observe) as word:
        times = times_of(engine, sizes, cache, network.threads, word.notify)
    for size in sizes:
        rung = Rung(engine.name, size, engine.precision, times[size])
        yield _Measured(rung, engine.resized(size))


def _whole(engine: RunEngine) -> Engine:
    """The engine of a run that is no part of another, as loaders of live runs give it."""
    assert isinstance(engine, Engine), "a promise is kept by networks that were loaded here"
    return engine


class RungLane:
    """A `Lane` that infers with the engine of the rung to be on; maps are always of the size of the first rung.

    So what follows (steadying, zones, distances, files of depth) never sees another size.
    """

    def __init__(self, engines: Sequence[Engine], keeper: Keeper) -> None:
        self._engines = tuple(engines)
        self._keeper = keeper

    def warm_up(self, width: int, height: int) -> None:
        """Compile what each rung needs: a step is not to wait for it."""
        for engine in dict.fromkeys(self._engines):
            engine.warm_up(width, height)

    def estimate(self, image: BGRImage) -> DepthMap:
        """As `Engine.estimate`."""
        return self.estimate_picture(Picture.of_bgr(image))

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """As `Engine.estimate_picture`."""
        rung = self._keeper.rung
        begin = time.monotonic()
        engine = self._engines[rung]
        depth = replace(engine.estimate_picture(picture), network=engine.sha256)
        self._keeper.inferred(rung, time.monotonic() - begin)
        content = picture.content
        size = self._engines[0].input_size(content.width, content.height)
        if depth.values.shape == size[::-1]:
            return depth
        values = cv2.resize(depth.values, size, interpolation=cv2.INTER_LINEAR)
        return replace(depth, values=np.asarray(values, np.float32))


class RungEngine(RungLane):
    """A `RunEngine` with all rungs; what it says of itself is of the rung that it is on."""

    def __init__(self, engines: Sequence[Engine], keeper: Keeper) -> None:
        super().__init__(engines, keeper)
        self.keeper: Keeper | None = keeper

    @property
    def _present(self) -> Engine:
        return self._engines[self._keeper.rung]

    @property
    def name(self) -> str:
        """As `Engine`."""
        return self._present.name

    @property
    def sha256(self) -> str:
        """As `Engine`."""
        return self._present.sha256

    @property
    def runtime_name(self) -> str:
        """As `Engine`."""
        return self._present.runtime_name

    @property
    def precision(self) -> str:
        """As `Engine`."""
        return self._present.precision

    def input_size(self, width: int, height: int) -> tuple[int, int]:
        """As `Engine`."""
        return self._present.input_size(width, height)

    @cached_property
    def lanes(self) -> Sequence[Lane]:
        """As `Engine`, each with all rungs."""
        networks = {id(engine.runtime): engine for engine in self._engines}
        lanes_of = {key: engine.lanes for key, engine in networks.items()}
        count = min(map(len, lanes_of.values()))
        return [
            RungLane(
                [lanes_of[id(engine.runtime)][lane].resized(engine.size) for engine in self._engines],
                self._keeper,
            )
            for lane in range(count)
        ]
