"""PyTorch, eager: works wherever the package installs, and is what the others are compared with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from streamdepth.engine.backend import Backend, any_machine
from streamdepth.engine.runtime import Batch, check_batch
from streamdepth.errors import ModelError
from streamdepth.models.registry import ModelCard

if TYPE_CHECKING:
    import torch


class TorchRuntime:
    """A `FileRuntime` on the CPU; `threads` holds during `infer` only, the rest of the process keeps its own number."""

    name = "torch"
    precision = "fp32"
    metadata = ""
    io_spec = None

    def __init__(self, network: torch.nn.Module, threads: int | None = None) -> None:
        import torch

        # PyTorch's stubs know memory_format for tensors only.
        self._network = network.eval().to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # PyTorch types no such call
        self._threads = threads

    def infer(self, batch: Batch) -> Batch:
        """See `Runtime.infer`."""
        import torch

        check_batch(batch)
        with torch.inference_mode(), _threads(self._threads):
            image = torch.from_numpy(batch).contiguous(memory_format=torch.channels_last)
            try:
                depth = self._network(image)
            except RuntimeError as error:
                raise ModelError(
                    f"PyTorch cannot run the network: {error}", "use another --engine"
                ) from error
            return np.ascontiguousarray(depth.numpy(), np.float32)


@contextmanager
def _threads(count: int | None) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    if count is None or count == before:
        yield
        return
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _open(weights: Path, card: ModelCard, _precision: str, threads: int | None) -> TorchRuntime:
    from streamdepth.models.networks.build import load_network

    return TorchRuntime(load_network(card, weights), threads)


BACKEND = Backend(
    name=TorchRuntime.name,
    package="torch",
    rank=2,
    precisions={"fp32": any_machine},
    formats=(),
    converts_to=None,
    open=_open,
    is_reference=True,
)
