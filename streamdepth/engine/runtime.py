"""A network, loaded, in one runtime: the protocol, and what the runtimes share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from streamdepth.engine.io_spec import IOSpec
from streamdepth.errors import UsageError
from streamdepth.machine import thread_count
from streamdepth.models.input_sizes import STRIDE
from streamdepth.models.registry import Sides

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


class FileRuntime(Runtime, Protocol):
    """A runtime that a backend opened, with what the network's file says about the network."""

    @property
    def metadata(self) -> str:
        """What streamdepth wrote into the file when it made it, as JSON; empty where it did not."""

    @property
    def io_spec(self) -> IOSpec | None:
        """What goes in and comes out; None where files of this format do not say."""


@runtime_checkable
class LanedRuntime(Protocol):
    """A runtime that can work on several pictures at once."""

    def lanes(self, most: int = MOST_LANES) -> Sequence[Runtime]:
        """One to `most` runtimes with the same network, each for a thread of its own; `self` where one is best."""


@runtime_checkable
class SizedRuntime(Protocol):
    """A runtime that computes the first input size otherwise than those after it."""

    def start_over(self) -> None:
        """Let the next input size be the first one."""


def shared_threads(threads: int | None, most: int = MOST_LANES) -> tuple[int, int]:
    """How many lanes there should be, and threads in each, where `threads` may work in all (None: one a CPU)."""
    total = thread_count(threads)
    lanes = min(most, total)
    return lanes, total // lanes


def check_batch(batch: Batch, stride: int = STRIDE, size: Sides | None = None) -> None:
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
