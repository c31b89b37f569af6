"""int8 for ONNX Runtime: static, a scale for each output channel, as QuantizeLinear and DequantizeLinear."""

from __future__ import annotations

import copy
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.engine.int8.network import Map
from streamdepth.errors import ModelError
from streamdepth.files import promote
from streamdepth.models.export.conversions import part_of
from streamdepth.models.metadata import METADATA_KEY, Metadata
from streamdepth.models.weights.half import widened
from streamdepth.quiet import import_quietly

Batch = NDArray[np.float32]
_SPLIT = ("QuantizeLinear", "DequantizeLinear")
_AT_THE_END = ("Clip", "Relu", "Reshape", "Resize", "Squeeze", "Transpose", "Unsqueeze")
"""What may come between the last layer that multiplies and the depth."""
_FLOAT = ".float"  # the quantiser may have given the name itself to the rounded numbers


class OnnxInt8:
    """A `QuantisedNetwork` made of an ONNX file in float32; raises `ModelError` where it cannot be quantised."""

    def __init__(self, path: Path, calibration: Iterable[Batch], frames: Sequence[Batch]) -> None:
        onnx = _import_onnx()
        self._float = widened(onnx.load(path))
        self._frames = frames
        self._quantised = _quantised(self._float, list(calibration))
        _round_no_depth(self._quantised)
        self._originals = {node.name: node for node in self._float.graph.node}
        self._weights = {tensor.name: tensor for tensor in self._float.graph.initializer}
        made_by = _makers(self._quantised)
        self.layers = [
            node.name
            for node in self._quantised.graph.node
            if node.op_type not in (*_SPLIT, "Shape")  # which asks for a size alone
            and any(made_by.get(name, node).op_type == _SPLIT[1] for name in node.input)
        ]
        """See `QuantisedNetwork`."""

    def reference(self) -> list[Map]:
        """See `QuantisedNetwork`."""
        return self._run(self._float, self._frames)

    def maps(self, floats: Collection[str], every: int = 1) -> list[Map]:
        """See `QuantisedNetwork`."""
        return self._run(self._with_floats(floats), self._frames[::every])

    def write(self, floats: Collection[str], path: Path, metadata: Metadata | None) -> None:
        """Write one ONNX file; see `QuantisedNetwork`."""
        onnx = _import_onnx()
        network = self._with_floats(floats)
        if metadata is not None:
            onnx.helper.set_model_props(network, {METADATA_KEY: metadata.to_json()})
        with part_of(path) as part:
            onnx.save(network, part)
            promote(part, path)

    def _run(self, network: Any, frames: Sequence[Batch]) -> list[Map]:
        onnxruntime = import_quietly("onnxruntime")
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        session = onnxruntime.InferenceSession(
            network.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        name = session.get_inputs()[0].name
        depths = (session.run(None, {name: frame})[0] for frame in frames)
        return [depth.reshape(depth.shape[-2:]) for depth in depths]

    def _with_floats(self, floats: Collection[str]) -> Any:
        onnx = _import_onnx()
        network = onnx.ModelProto()
        network.CopyFrom(self._quantised)
        made_by = _makers(network)
        needed: set[str] = set()
        for node in network.graph.node:
            if node.name in floats:
                needed |= self._make_float(node, made_by)
        for name in sorted(needed):
            weights = network.graph.initializer.add()
            weights.CopyFrom(self._weights[name])
            weights.name += _FLOAT
        _drop_unused(network.graph)
        return network

    def _make_float(self, node: Any, made_by: dict[str, Any]) -> set[str]:
        """Take the rounding away in front of a node; returns which weights it needs in float32."""
        needed = set()
        for index, name in enumerate(node.input):
            maker = made_by.get(name)
            if maker is None or maker.op_type != _SPLIT[1]:
                continue
            rounded = made_by.get(maker.input[0])
            if rounded is not None:
                node.input[index] = rounded.input[0]
            else:
                original = self._originals[node.name].input[index]
                node.input[index] = original + _FLOAT
                needed.add(original)
        return needed


def _quantised(network: Any, calibration: list[Batch]) -> Any:
    onnx = _import_onnx()
    quantization = import_quietly("onnxruntime.quantization")

    reader: Any = quantization.CalibrationDataReader

    class Frames(reader):  # type: ignore[misc]  # onnxruntime gives it no types
        """Hands out the frames one by one, and None at the end."""

        def __init__(self) -> None:
            self._left = iter(calibration)

        def get_next(self) -> dict[str, Batch] | None:
            """The next frame by the name of the input."""
            return next(({name: frame} for frame in self._left), None)

    name = network.graph.input[0].name
    with TemporaryDirectory(prefix="streamdepth-") as folder, _quiet():
        target = Path(folder) / "int8.onnx"
        try:
            quantization.quantize_static(
                copy.deepcopy(network),
                target,
                Frames(),
                quant_format=quantization.QuantFormat.QDQ,
                per_channel=True,
                activation_type=quantization.QuantType.QUInt8,
                weight_type=quantization.QuantType.QInt8,
                # Else it leaves ReLU to the rounding, and with the rounding of a layer its ReLU would go.
                extra_options={"QDQKeepRemovableActivations": True},
            )
        except Exception as error:  # its errors have no common base
            what = str(error).strip().partition("\n")[0]
            raise ModelError(
                f"ONNX Runtime cannot quantise the network: {what}", "use another --engine or --precision"
            ) from error
        return onnx.load(target)


def _round_no_depth(network: Any) -> None:
    """Take away the rounding of the answer and of what leads to it: depth of 256 steps is seen as bands."""
    graph, made_by = network.graph, _makers(network)
    answer = graph.output[0].name
    node = made_by[answer]
    if node.op_type == _SPLIT[1] and node.input[0] in made_by:
        graph.node.remove(node)
        node = made_by[made_by[node.input[0]].input[0]]
        node.output[0] = answer
    while node is not None and node.op_type in _AT_THE_END:
        feed = made_by.get(node.input[0])
        if feed is not None and feed.op_type == _SPLIT[1] and feed.input[0] in made_by:
            node.input[0] = made_by[feed.input[0]].input[0]
            feed = made_by.get(node.input[0])
        node = feed
    _drop_unused(graph)


@contextmanager
def _quiet() -> Iterator[None]:
    """Without the advice that the quantiser logs on the root logger."""
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _import_onnx() -> Any:
    try:
        import onnx
    except ImportError as error:
        raise ModelError("int8 for ONNX Runtime needs the package onnx", "pip install onnx") from error
    return onnx


def _makers(network: Any) -> dict[str, Any]:
    """The node that each value comes from."""
    return {name: node for node in network.graph.node for name in node.output}


def _drop_unused(graph: Any) -> None:
    """Take away the nodes and weights that no output needs any more."""
    needed = {output.name for output in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
    weights = [tensor for tensor in graph.initializer if tensor.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(weights)
