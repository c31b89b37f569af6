"""What runs a network: the protocol of the runtimes, and the engine that turns pictures into depth with one."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from streamdepth.engine.picture_input import Channels, Given, ReadPicture, as_picture
from streamdepth.errors import ModelError, UsageError
from streamdepth.frames import DepthMap
from streamdepth.models.normalisation import Normalisation
from streamdepth.models.preprocess import network_size, prepare
from streamdepth.models.registry import ModelCard, Sides
from streamdepth.pixels import Picture

Batch = NDArray[np.float32]
MOST_LANES = 4
"""Pictures at a time: each holds a few large arrays, and beyond this a lane of more threads is as good."""


class Runtime(Protocol):
    """A network, loaded, in one runtime."""

    @property
    def name(self) -> str:
        """As `--engine` calls it."""

    @property
    def precision(self) -> str:
        """As `--precision` calls it."""

    def infer(self, batch: Batch) -> Batch:
        """float32 (N, 3, H, W), normalised, in a size that the network takes -> float32 (N, H, W), an array of its own.

        Sizes are any multiples of 32 for the networks of the registry.

        Raises `UsageError` for any other input and `ModelError` where the runtime fails.
        """


@runtime_checkable
class LanedRuntime(Protocol):
    """A runtime that can work on several pictures at once."""

    def lanes(self) -> Sequence[Runtime]:
        """At least one runtime with the same network, each for a thread of its own; `self` where one is best."""


@dataclass(frozen=True)
class EngineOptions:
    """What `load_engine` was asked for."""

    model: str = "auto"
    weights: Path | None = None
    runtime: str = "auto"
    precision: str = "auto"
    size: int = 256
    threads: int | None = None
    cache_dir: Path | None = None
    normalisation: Normalisation | None = None
    """Of a network that does not say itself how its input is normalised."""


class Engine:
    """A `DepthEngine`: preparation, a runtime, a check. One thread at a time: the input buffer is used again."""

    def __init__(self, runtime: Runtime, card: ModelCard, sha256: str, size: int = 256) -> None:
        self.runtime = runtime
        self.card = card
        self.sha256 = sha256
        """Of the weights file, in hexadecimal."""
        self.size = size
        self.read_picture: ReadPicture | None = None
        """Reads the image at a path, for `estimate`; `streamdepth.load_engine` sets it."""
        self._buffer: Batch | None = None

    @property
    def name(self) -> str:
        """Of the model: `midas-small`, `nano`, or the name of a network file."""
        return self.card.name

    @property
    def runtime_name(self) -> str:
        """As `--engine` calls it."""
        return self.runtime.name

    @property
    def precision(self) -> str:
        """As `--precision` calls it."""
        return self.runtime.precision

    @cached_property
    def lanes(self) -> tuple[Engine, ...]:
        """Engines with this network, each for a thread of its own: for a file, where only the rate counts.

        Together they give more pictures a second than this one, and each of them takes longer for one.
        """
        runtimes = self.runtime.lanes() if isinstance(self.runtime, LanedRuntime) else (self.runtime,)
        if len(runtimes) == 1:
            return (self,)
        return tuple(Engine(runtime, self.card, self.sha256, self.size) for runtime in runtimes)

    def input_size(self, width: int, height: int) -> tuple[int, int]:
        """(w, h) of the network's input for a picture of `width` x `height` pixels."""
        return network_size(self.card, width, height, self.size)

    def warm_up(self, width: int, height: int) -> None:
        """Compile what pictures of `width` x `height` pixels need, so that the first one is not late."""
        columns, rows = self.input_size(width, height)
        self.runtime.infer(np.zeros((1, 3, rows, columns), np.float32))

    def estimate(self, image: Given, channels: Channels = "bgr") -> DepthMap:
        """Depth of a picture: an (H, W, 3) uint8 array, a picture of Pillow, the path of an image, or a `Picture`.

        `channels` says in which order an array has them: `bgr` is that of OpenCV, and `rgb` that of most others. The
        depth is (h, w) float32, finite, in the size of the network's input. Raises `UsageError` for anything but such a
        picture, `SourceError` where the file cannot be read, and `ModelError` where the network gives no numbers.
        """
        return self.estimate_picture(as_picture(image, channels, self.read_picture))

    def estimate_picture(self, picture: Picture) -> DepthMap:
        """`estimate` of a `Picture`, without its bars; of planes no BGR larger than the network's input is made."""
        values = self.runtime.infer(self.prepare(picture))[0]
        if not np.isfinite(values).all():
            raise ModelError(
                f"{self.name} gives values that are no numbers on {self.runtime_name} in {self.precision}",
                "use --precision fp32, another --engine, or other weights",
            )
        return DepthMap(values, self.card.meaning)

    def prepare(self, picture: Picture) -> Batch:
        """The network's input for what is inside the bars of a picture, valid until the next call."""
        content = picture.content
        card, size = self.card, self.input_size(content.width, content.height)
        self._buffer = prepare(content, size, card.mean, card.std, card.resampling, self._buffer)
        return self._buffer


def shared_threads(threads: int | None) -> tuple[int, int]:
    """How many lanes there should be, and threads in each, where `threads` may work in all (None: one a CPU)."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    total = allowed if threads is None else threads
    lanes = min(MOST_LANES, total)
    return lanes, total // lanes


def check_batch(batch: Batch, stride: int = 32, size: Sides | None = None) -> None:
    """Raise `UsageError` unless `batch` is float32 (N, 3, H, W) of a size that the network takes.

    A side is as `size` says; where that says nothing, any multiple of `stride`.
    """
    fits = batch.dtype == np.float32 and batch.ndim == 4 and batch.shape[1] == 3 and batch.size > 0
    columns, rows = size or (None, None)
    if not fits or not (_takes(batch.shape[3], stride, columns) and _takes(batch.shape[2], stride, rows)):
        sizes = f"H {_allowed(stride, rows)}, W {_allowed(stride, columns)}"
        raise UsageError(
            f"the network takes (N, 3, H, W) float32, {sizes}, not {batch.shape} {batch.dtype}",
            "make the batch with streamdepth.models.preprocess",
        )


def _takes(length: int, stride: int, fixed: int | None) -> bool:
    return length % stride == 0 if fixed is None else length == fixed


def _allowed(stride: int, fixed: int | None) -> str:
    return f"a multiple of {stride}" if fixed is None else f"= {fixed}"
