"""From what was chosen to a loaded engine: one loader a runtime, each imported when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from streamdepth.engine.choose import (
    ChosenFile,
    ChosenModel,
    Notify,
    check_name,
    choose_precision,
    choose_runtime,
)
from streamdepth.engine.engine import Engine, EngineOptions, Runtime
from streamdepth.errors import ModelError, WeightsError
from streamdepth.models.formats import NetworkFormat
from streamdepth.models.label import card_of

if TYPE_CHECKING:
    from streamdepth.engine.on_onnxruntime import OnnxRuntime
    from streamdepth.engine.on_openvino import OpenVinoRuntime
    from streamdepth.models.registry import ModelCard

_STRIDES = (32, 14)
"""Of convolutional networks, and of vision transformers with patches of 14 pixels; one of 16 takes 32."""


def load(chosen: ChosenModel | ChosenFile, options: EngineOptions, notify: Notify) -> Engine:
    """The engine for what was chosen, converted first where that is needed.

    Raises `UsageError`, `WeightsError` and `ModelError` as `load_engine` says.
    """
    runtime = choose_runtime(options, chosen)
    if options.precision == "bf16":
        from streamdepth.engine.on_openvino import require_bf16

        require_bf16()  # before a conversion that would be for nothing
    if isinstance(chosen, ChosenFile):
        return _load_file(chosen, runtime, options)
    loaded = _load_model(chosen, runtime, options, notify)
    return Engine(loaded, chosen.card, chosen.sha256, options.size)


def _load_model(chosen: ChosenModel, runtime: str, options: EngineOptions, notify: Notify) -> Runtime:
    if runtime == "torch":
        from streamdepth.engine.on_torch import TorchRuntime
        from streamdepth.models.networks import load_network

        return TorchRuntime(load_network(chosen.card, chosen.path), options.threads)
    if runtime == "torchscript":
        from streamdepth.engine.on_torchscript import TorchScriptRuntime

        script = converted(chosen, NetworkFormat.TORCHSCRIPT, options.cache_dir, notify)
        return TorchScriptRuntime(script, options.threads)
    onnx = converted(chosen, NetworkFormat.ONNX, options.cache_dir, notify)
    return _load_graph(runtime, onnx, options, chosen.card.stride)


def converted(chosen: ChosenModel, form: NetworkFormat, cache_dir: Path | None, notify: Notify) -> Path:
    """The model in another format: shipped, else from the cache, else made now, which `notify` is told.

    Raises `WeightsError` where the weights are not the model's and `ModelError` where they cannot be converted.
    """
    place = chosen.conversion(form, cache_dir)
    return chosen.shipped(form) or place.find() or place.make(_writer(chosen, form, notify))


def _writer(chosen: ChosenModel, form: NetworkFormat, notify: Notify) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        from streamdepth.models.export import make_label, write_network
        from streamdepth.models.networks import load_network

        network = load_network(chosen.card, chosen.path)
        notify(f"converting {chosen.card.name} to {form.title}, once for these weights")
        write_network(form, network, path, make_label(chosen.card, chosen.sha256))

    return write


def _load_graph(
    runtime: str, path: Path, options: EngineOptions, stride: int
) -> OnnxRuntime | OpenVinoRuntime:
    if runtime == "openvino":
        from streamdepth.engine.on_openvino import OpenVinoRuntime

        return OpenVinoRuntime(path, options.threads, choose_precision(options), stride)
    from streamdepth.engine.on_onnxruntime import OnnxRuntime

    return OnnxRuntime(path, options.threads, stride)


def _load_file(chosen: ChosenFile, runtime: str, options: EngineOptions) -> Engine:
    if runtime == "torchscript":
        return _load_script(chosen, options)
    graph = _load_graph(runtime, chosen.path, options, stride=1)  # whatever sizes it takes are its own affair
    card = card_of(graph.label, chosen.path, graph.signature.size)
    if not graph.label and card.fixed_size is None:
        card = replace(card, stride=_probed_stride(graph))
    return _engine(graph, card, chosen, options)


def _load_script(chosen: ChosenFile, options: EngineOptions) -> Engine:
    from streamdepth.engine.on_torchscript import TorchScriptRuntime

    script = TorchScriptRuntime(chosen.path, options.threads)
    if not script.label:
        raise WeightsError(
            f"{chosen.path} was not exported by streamdepth: what it takes is not known",
            "export it with streamdepth models export, or give an ONNX file",
        )
    return _engine(script, card_of(script.label, chosen.path, None), chosen, options)


def _engine(runtime: Runtime, card: ModelCard, chosen: ChosenFile, options: EngineOptions) -> Engine:
    check_name(chosen.path, card, chosen.model)
    return Engine(runtime, card, chosen.sha256, options.size)


def _probed_stride(runtime: Runtime) -> int:
    """The stride with which a network that nobody described answers in the size of its input."""
    return next((stride for stride in _STRIDES if _answers_in_full(runtime, 4 * stride)), _STRIDES[0])


def _answers_in_full(runtime: Runtime, side: int) -> bool:
    try:
        depth = runtime.infer(np.zeros((1, 3, side, side), np.float32))
    except ModelError:
        return False
    return depth.shape[1:] == (side, side)
