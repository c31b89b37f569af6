"""Runs a network: one module a runtime."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from streamdepth.engine.engine import Engine, EngineOptions, Runtime

if TYPE_CHECKING:
    from torch import nn

    from streamdepth.engine.choose import ChosenModel, Notify

__all__ = ["Engine", "EngineOptions", "Runtime", "load_engine"]


def load_engine(
    model: str = "auto",
    weights: str | PathLike[str] | None = None,
    runtime: str = "auto",
    precision: str = "auto",
    size: int = 256,
    threads: int | None = None,
    cache_dir: str | PathLike[str] | None = None,
    progress: Callable[[int, int | None], None] | None = None,
    notify: Callable[[str], None] | None = None,
) -> Engine:
    """Load a network, ready to run; fetches and converts it first where that is needed.

    `model` is `auto`, `midas-small`, `nano` or the path of a weights file; `weights` is such a path, too. `runtime`
    is `auto`, `torch` or `onnxruntime`, `precision` `auto` or `fp32`, `size` the longer side of the network's input
    in pixels, `threads` how many work on one picture. `cache_dir` is where downloads and conversions are kept.
    `progress` is told of a download: bytes there are, bytes there will be (or None). `notify` is told, in one line
    each, which model `auto` is and that a conversion takes a moment.

    Raises `UsageError` for a name or value that does not exist, `WeightsError` for weights that cannot be had or
    are not the model's, `ModelError` for anything else.
    """
    from streamdepth.engine.choose import check, choose_model

    options = EngineOptions(
        str(model),
        None if weights is None else Path(weights),
        runtime,
        precision,
        size,
        threads,
        None if cache_dir is None else Path(cache_dir),
    )
    check(options)
    tell = notify or _ignore
    chosen = choose_model(options, progress, tell)
    return Engine(_load_runtime(chosen, options, tell), chosen.card, chosen.sha256, size)


def _load_runtime(chosen: ChosenModel, options: EngineOptions, notify: Notify) -> Runtime:
    from streamdepth.engine.choose import choose_runtime
    from streamdepth.models.networks import load_network

    onnx = chosen.onnx_path(options.cache_dir)
    if choose_runtime(options, onnx) == "torch":
        from streamdepth.engine.on_torch import TorchRuntime

        return TorchRuntime(load_network(chosen.card, chosen.path), options.threads)

    from streamdepth.engine.on_onnxruntime import OnnxRuntime
    from streamdepth.models.export import ensure_converted

    def load() -> nn.Module:
        network = load_network(chosen.card, chosen.path)
        notify(f"converting {chosen.card.name} for ONNX Runtime, once for these weights")
        return network

    if not onnx.is_file():
        ensure_converted(onnx, load)
    return OnnxRuntime(onnx, options.threads)


def _ignore(_line: str) -> None:
    pass
