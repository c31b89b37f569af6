"""A network file, graph and weights, becomes an engine: what the file says, what the user says, and what is tried."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from streamdepth.engine.engine import Engine
from streamdepth.engine.io_spec import IOSpec
from streamdepth.engine.options import EngineOptions
from streamdepth.engine.runtime import FileRuntime, Runtime
from streamdepth.engine.selection.model import ChosenFile, Notify, check_name, refuse_known
from streamdepth.engine.selection.ways import Way
from streamdepth.errors import ModelError, WeightsError
from streamdepth.machine import told_threads
from streamdepth.models.meaning import read_meaning
from streamdepth.models.metadata import card_of
from streamdepth.models.normalisation import Normalisation, read_normalisation
from streamdepth.models.registry import ModelCard, Sides

_BYTES = Normalisation((0.0, 0.0, 0.0), (1 / 255, 1 / 255, 1 / 255))
"""Of a network that takes 0 to 255 and normalises by itself."""
_STRIDES = (32, 14)
"""Of convolutional networks, and of vision transformers with patches of 14 pixels; one of 16 takes 32."""


def load_file(chosen: ChosenFile, way: Way, options: EngineOptions, notify: Notify) -> Engine:
    """The engine of a network file; raises as `load_engine` does."""
    unknown = replace(card_of("", chosen.path, None), stride=1)  # what sizes it takes is its own affair
    runtime = way.backend.open(chosen.path, unknown, way.precision, told_threads(options.threads))
    card = _described(runtime, chosen, options, notify)
    check_name(chosen.path, card, chosen.model)
    return Engine(runtime, card, chosen.sha256, options.size)


def _described(runtime: FileRuntime, chosen: ChosenFile, options: EngineOptions, notify: Notify) -> ModelCard:
    """What is known of the network once its file is open."""
    spec = runtime.io_spec
    if spec is None and not runtime.metadata:
        raise WeightsError(
            f"{chosen.path} was not exported by streamdepth: its input is unknown",
            "export it with streamdepth models export, or give an ONNX file",
        )
    card = card_of(runtime.metadata, chosen.path, spec.size if spec else None)
    if runtime.metadata:
        refuse_known(options, chosen.path.name)
    elif spec is not None and spec.takes_bytes:
        refuse_known(replace(options, depth_kind=None), chosen.path.name)
    if spec is None:
        return card
    if spec.others:
        others = ", ".join(spec.others)
        notify(f"{chosen.path.name}: depth is its output {spec.depth}, beside {others}")
    return _of_graph(runtime, spec, card, options)


def _of_graph(runtime: FileRuntime, spec: IOSpec, card: ModelCard, options: EngineOptions) -> ModelCard:
    """The card of a graph that says what goes in, with what only the user knows or a trial shows."""
    if spec.takes_bytes:
        card = replace(card, mean=_BYTES.mean, std=_BYTES.std)
    elif options.normalisation is not None:
        named = read_normalisation(options.normalisation)
        card = replace(card, mean=named.mean, std=named.std)
    if options.depth_kind is not None:
        card = replace(card, meaning=read_meaning(options.depth_kind))
    if not runtime.metadata and None in (spec.size or (None,)):
        card = replace(card, stride=_probed_stride(runtime, spec.size))
    return card


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
