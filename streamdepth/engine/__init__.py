"""Runs a network: one module a runtime."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path

from streamdepth.engine.engine import Engine, EngineOptions, Runtime

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
    normalisation: str | None = None,
) -> Engine:
    """Load a network, ready to run; fetches and converts it first where that is needed.

    `model` is `auto`, `midas-small`, `nano` or the path of a file: of weights, or of a network with its graph (ONNX,
    OpenVINO, or a TorchScript file of `models export`, which is a program: run only what you trust). `weights` is
    such a path, too. `runtime` is `auto`, `torch`, `torchscript`, `onnxruntime` or `openvino`, `precision` `auto`,
    `fp32`, `int8` or, on OpenVINO and a processor that has it, `bf16`; `size` is the longer side of the network's input
    in pixels, `threads` how many work on one picture. `cache_dir` is where downloads and conversions are kept.
    Where `runtime` or `precision` is `auto`, what there is here is measured once for a model, size and machine, and
    remembered; what is not float32 is taken only where it agrees with float32 (`agreement.BUDGET`). int8 is among it
    once it was built (`streamdepth models quantise`); asked for by name, it is built first. `normalisation` is for
    network files of others: `imagenet`, `half`, `none`, or six numbers, as `models.normalisation` reads them.

    `progress` is told of a download: bytes there are, bytes there will be (or None). `notify` is told, in one line
    each, which model `auto` is and that a conversion takes a moment.

    Raises `UsageError` for a name or value that does not exist or a runtime that cannot run the file, `WeightsError`
    for weights that cannot be had or are not the model's, `ModelError` for anything else.
    """
    from streamdepth.engine.load import load
    from streamdepth.engine.selection.model import check, choose_model
    from streamdepth.models.normalisation import read_normalisation

    options = EngineOptions(
        str(model),
        None if weights is None else Path(weights),
        runtime,
        precision,
        size,
        threads,
        None if cache_dir is None else Path(cache_dir),
        None if normalisation is None else read_normalisation(normalisation),
    )
    check(options)
    tell = notify or _ignore
    return load(choose_model(options, progress, tell), options, notify)


def _ignore(_line: str) -> None:
    pass
