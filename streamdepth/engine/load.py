"""From what was chosen to a loaded engine: one loader a runtime, each imported when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from streamdepth.engine.engine import Engine, EngineOptions, Runtime
from streamdepth.engine.int8.store import Int8File, build_int8
from streamdepth.engine.selection.automatic import REFERENCE, pick_way, warn_of_other_depth
from streamdepth.engine.selection.model import (
    ChosenFile,
    ChosenModel,
    Notify,
    check_name,
    possible_ways,
)
from streamdepth.engine.selection.ways import Way
from streamdepth.errors import ModelError, UsageError, WeightsError
from streamdepth.models.export.formats import NetworkFormat
from streamdepth.models.metadata import card_of
from streamdepth.models.normalisation import Normalisation
from streamdepth.models.registry import Sides

if TYPE_CHECKING:
    from streamdepth.engine.int8.store import Calibration
    from streamdepth.engine.runtimes.onnxruntime import OnnxRuntime
    from streamdepth.engine.runtimes.openvino import OpenVinoRuntime
    from streamdepth.models.registry import ModelCard

_BYTES = Normalisation((0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255))
"""Of a network that takes 0 to 255 and normalises by itself."""
_STRIDES = (32, 14)
"""Of convolutional networks, and of vision transformers with patches of 14 pixels; one of 16 takes 32."""


def load(chosen: ChosenModel | ChosenFile, options: EngineOptions, notify: Notify | None) -> Engine:
    """The engine for what was chosen, converted first where that is needed.

    Where `notify` is there to hear of it, a network of others on a runtime that was asked for is compared once.

    Raises `UsageError`, `WeightsError` and `ModelError` as `load_engine` says.
    """
    if options.normalisation is not None and isinstance(chosen, ChosenModel):
        raise _says_itself(chosen.card.name)
    ways = possible_ways(options, chosen)
    tell = _once(notify)

    def open_way(way: Way) -> Engine:
        return _open(chosen, way, options, tell)

    several = len(ways) > 1
    engine = pick_way(ways, chosen, options, tell, open_way) if several else open_way(ways[0])
    if notify is not None and isinstance(chosen, ChosenFile) and REFERENCE not in ways:
        warn_of_other_depth(engine, chosen, options, tell, open_way)
    return engine


def _once(notify: Notify | None) -> Notify:
    """`notify`, but for lines that it had: each runtime that is opened says the same of a network."""
    told: set[str] = set()

    def tell(line: str) -> None:
        if notify is not None and line not in told:
            told.add(line)
            notify(line)

    return tell


def _open(chosen: ChosenModel | ChosenFile, way: Way, options: EngineOptions, notify: Notify) -> Engine:
    _require(way)  # before a conversion that would be for nothing
    if isinstance(chosen, ChosenFile):
        return _load_file(chosen, way, options, notify)
    return Engine(_load_model(chosen, way, options, notify), chosen.card, chosen.sha256, options.size)


def _require(way: Way) -> None:
    """Raise `UsageError` where the processor cannot."""
    if way.precision == "bf16":
        from streamdepth.engine.runtimes.openvino import require_bf16

        require_bf16()
    elif way.precision == "int8":
        from streamdepth.machine import require_int8

        require_int8()


def _load_model(chosen: ChosenModel, way: Way, options: EngineOptions, notify: Notify) -> Runtime:
    if way.runtime == "torch":
        from streamdepth.engine.runtimes.torch import TorchRuntime
        from streamdepth.models.networks.build import load_network

        return TorchRuntime(load_network(chosen.card, chosen.path), options.threads)
    if way.runtime == "torchscript":
        from streamdepth.engine.runtimes.torchscript import TorchScriptRuntime

        script = converted(chosen, NetworkFormat.TORCHSCRIPT, options.cache_dir, notify)
        return TorchScriptRuntime(script, options.threads)
    if way.precision == "int8":
        path = _int8_as_asked(chosen, way.runtime, options, notify)
    else:
        path = converted(chosen, NetworkFormat.ONNX, options.cache_dir, notify)
    return _load_graph(way, path, options.threads, chosen.card.stride)


def _int8_as_asked(chosen: ChosenModel, runtime: str, options: EngineOptions, notify: Notify) -> Path:
    """int8 that was asked for by name runs whatever came of it, but not without saying so."""
    file = chosen.int8_place(runtime, options.cache_dir).find() or quantised(chosen, runtime, options, notify)
    if not file.facts.within_budget:
        notify(f"warning: int8 of {chosen.card.name} {file.facts}; --precision auto would not use it")
    return file.path


def quantised(
    chosen: ChosenModel,
    runtime: str,
    options: EngineOptions,
    notify: Notify,
    calibration: Calibration | None = None,
) -> Int8File:
    """The model in int8 for a runtime: from the cache, else made now, which `notify` is told.

    `calibration` is the user's own pictures, on top of those of the package. Raises `ModelError` where it cannot be
    made, and `WeightsError` as `converted` does.
    """
    from streamdepth.models.export.write import make_label

    source = converted(chosen, NetworkFormat.ONNX, options.cache_dir, notify)
    notify(f"quantising {chosen.card.name} to int8 for {runtime}: this takes up to 90 s, once")
    place = chosen.int8_place(runtime, options.cache_dir)
    label = make_label(chosen.card, chosen.sha256)
    return build_int8(place, source, chosen.card, label, options.size, calibration)


def converted(chosen: ChosenModel, form: NetworkFormat, cache_dir: Path | None, notify: Notify) -> Path:
    """The model in another format: shipped, else from the cache, else made now, which `notify` is told.

    Raises `WeightsError` where the weights are not the model's and `ModelError` where they cannot be converted.
    """
    place = chosen.conversion(form, cache_dir)
    return chosen.shipped(form) or place.find_or_make(_writer(chosen, form, notify))


def _writer(chosen: ChosenModel, form: NetworkFormat, notify: Notify) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        from streamdepth.models.export.write import make_label, write_network
        from streamdepth.models.networks.build import load_network

        network = load_network(chosen.card, chosen.path)
        notify(f"converting {chosen.card.name} to {form.title}, once for these weights")
        write_network(form, network, path, make_label(chosen.card, chosen.sha256))

    return write


def _load_graph(way: Way, path: Path, threads: int | None, stride: int) -> OnnxRuntime | OpenVinoRuntime:
    if way.runtime == "openvino":
        from streamdepth.engine.runtimes.openvino import OpenVinoRuntime

        return OpenVinoRuntime(path, threads, way.precision, stride)
    from streamdepth.engine.runtimes.onnxruntime import OnnxRuntime

    return OnnxRuntime(path, threads, way.precision, stride)


def _load_file(chosen: ChosenFile, way: Way, options: EngineOptions, notify: Notify) -> Engine:
    if way.runtime == "torchscript":
        return _load_script(chosen, options)
    graph = _load_graph(way, chosen.path, options.threads, stride=1)  # what sizes it takes is its own affair
    signature = graph.signature
    card = card_of(graph.label, chosen.path, signature.size)
    normalisation = _BYTES if signature.takes_bytes else options.normalisation
    if options.normalisation is not None and (graph.label or signature.takes_bytes):
        raise _says_itself(chosen.path.name)
    if normalisation is not None:
        card = replace(card, mean=normalisation.mean, std=normalisation.std)
    if not graph.label and None in (signature.size or (None,)):
        card = replace(card, stride=_probed_stride(graph, signature.size))
    if signature.others:
        notify(
            f"{chosen.path.name}: depth is its output {signature.depth}, beside {', '.join(signature.others)}"
        )
    return _engine(graph, card, chosen, options)


def _says_itself(name: str) -> UsageError:
    return UsageError(
        f"how pictures are normalised for {name} is known", "leave --normalisation to networks of others"
    )


def _load_script(chosen: ChosenFile, options: EngineOptions) -> Engine:
    from streamdepth.engine.runtimes.torchscript import TorchScriptRuntime

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


def _probed_stride(runtime: Runtime, size: Sides | None) -> int:
    """The stride with which a network that nobody described answers in the size of its input."""
    width, height = size or (None, None)
    shapes = {stride: (height or 4 * stride, width or 4 * stride) for stride in _STRIDES}
    return next((stride for stride in _STRIDES if _answers_in_full(runtime, shapes[stride])), _STRIDES[0])


def _answers_in_full(runtime: Runtime, shape: tuple[int, int]) -> bool:
    try:
        depth = runtime.infer(np.zeros((1, 3, *shape), np.float32))
    except ModelError:
        return False
    return depth.shape[1:] == shape
