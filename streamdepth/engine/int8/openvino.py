"""int8 for OpenVINO, quantised by NNCF."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.engine.int8.network import Map
from streamdepth.errors import ModelError
from streamdepth.files import promote
from streamdepth.models.export.formats import weights_file
from streamdepth.models.export.openvino_library import import_nncf, import_openvino, openvino_core
from streamdepth.models.metadata import METADATA_KEY, Metadata
from streamdepth.quiet import import_quietly

Batch = NDArray[np.float32]
_FAKE = "FakeQuantize"
_NO_LAYERS = (_FAKE, "ShapeOf")
"""What computes nothing of numbers that are rounded."""
_CONVOLUTIONS = ("Convolution", "GroupConvolution")
_AT_THE_END = ("Result", "Clamp", "Interpolate", "Relu", "Reshape", "Squeeze", "Transpose", "Unsqueeze")
"""What may come between the last layer that multiplies and the depth."""


class OpenVinoInt8:
    """A `QuantisedNetwork` made of an ONNX file or an `.xml` in float32.

    `rest` is what layers are computed in that are not int8: `bf16` or `f32`. Raises `ModelError` where NNCF is missing
    or cannot quantise the network.
    """

    def __init__(
        self, path: Path, calibration: Iterable[Batch], frames: Sequence[Batch], rest: str = "f32"
    ) -> None:
        self._core = openvino_core()
        self._float = _folded(self._core.read_model(path))
        self._frames, self._rest = frames, rest
        self._quantised = _quantised(self._float, list(calibration))
        _round_no_depth(self._quantised)
        self._originals = _by_name(self._float)
        self.layers = [
            node.get_friendly_name()
            for node in self._quantised.get_ordered_ops()
            if node.get_type_name() not in _NO_LAYERS and _fake_inputs(node)
        ]
        """See `QuantisedNetwork`."""

    def reference(self) -> list[Map]:
        """See `QuantisedNetwork`."""
        return self._run(self._float, "f32", self._frames)

    def maps(self, floats: Collection[str], every: int = 1) -> list[Map]:
        """See `QuantisedNetwork`."""
        return self._run(self._with_floats(floats), self._rest, self._frames[::every])

    def write(self, floats: Collection[str], path: Path, metadata: Metadata | None) -> None:
        """Write the `.xml` and its `.bin`; see `QuantisedNetwork`."""
        network = self._with_floats(floats)
        if metadata is not None:
            network.set_rt_info(metadata.to_json(), METADATA_KEY)
        with TemporaryDirectory(prefix=f"{path.stem}.", dir=path.parent) as folder:
            part = Path(folder) / path.name
            import_openvino().save_model(network, part, compress_to_fp16=False)
            path.unlink(missing_ok=True)
            promote(weights_file(part), weights_file(path))
            promote(part, path)

    def _run(self, network: Any, precision: str, frames: Sequence[Batch]) -> list[Map]:
        requests: dict[tuple[int, ...], Any] = {}
        maps = []
        for frame in frames:
            if frame.shape not in requests:
                requests[frame.shape] = self._compiled(network, frame.shape, precision)
            depth = requests[frame.shape].infer({0: frame})[0]
            maps.append(depth.reshape(depth.shape[-2:]).copy())
        return maps

    def _compiled(self, network: Any, shape: tuple[int, ...], precision: str) -> Any:
        fixed = network.clone()
        fixed.reshape(shape)
        return self._core.compile_model(
            fixed, "CPU", {"INFERENCE_PRECISION_HINT": precision, "ENABLE_CPU_PINNING": False}
        ).create_infer_request()

    def _with_floats(self, floats: Collection[str]) -> Any:
        network = self._quantised.clone()
        nodes = _by_name(network)
        for name in floats:
            self._make_float(nodes[name])
        network.validate_nodes_and_infer_types()
        return network

    def _make_float(self, node: Any) -> None:
        for index in _fake_inputs(node):
            node.input(index).replace_source_output(node.input_value(index).get_node().input_value(0))
        if node.get_type_name() not in _CONVOLUTIONS:
            return
        self._copy_constant(node, 1)
        # NNCF moves the bias by the mean error of the int8 weights: that goes with them.
        for target in node.output(0).get_target_inputs():
            after = target.get_node()
            if after.get_type_name() == "Add" and after.get_friendly_name() in self._originals:
                self._copy_constant(after, 0)
                self._copy_constant(after, 1)

    def _copy_constant(self, node: Any, index: int) -> None:
        """Give an input the number that it has in float32, where that is one."""
        number = _number(self._originals[node.get_friendly_name()].input_value(index).get_node())
        if number is not None:
            copied = import_openvino().opset13.constant(number)
            node.input(index).replace_source_output(copied.output(0))


def _folded(network: Any) -> Any:
    """The network with what can be computed of constants computed.

    The weights of a depthwise convolution come from ONNX as four dimensions, reshaped to five. NNCF (3.4) finds the
    channel in five and takes the ranges over four: each column of a kernel gets a scale of its own, which OpenVINO
    cannot compute in int8. It rounds all the same, and then computes in float32.
    """
    passes = import_quietly("openvino.passes")
    manager = passes.Manager()
    manager.register_pass(passes.ConstantFolding())
    manager.run_passes(network)
    return network


def _quantised(network: Any, calibration: list[Batch]) -> Any:
    nncf = import_nncf()
    with _quiet():
        try:
            return nncf.quantize(
                network.clone(),
                nncf.Dataset(calibration),
                subset_size=len(calibration),
                fast_bias_correction=True,
            )
        except Exception as error:  # its errors have no common base
            what = str(error).strip().partition("\n")[0]
            raise ModelError(
                f"NNCF cannot quantise the network: {what}", "use --engine onnxruntime, or --precision bf16"
            ) from error


def _round_no_depth(network: Any) -> None:
    """Take away the rounding of what leads to the answer: depth of 256 steps is seen as bands."""
    node = network.get_results()[0]
    while node.get_type_name() in _AT_THE_END:
        feed = node.input_value(0).get_node()
        if feed.get_type_name() == _FAKE:
            node.input(0).replace_source_output(feed.input_value(0))
            feed = node.input_value(0).get_node()
        node = feed


@contextmanager
def _quiet() -> Iterator[None]:
    """Without its progress bars and its log: they would break the lines of the caller."""
    logger = logging.getLogger("nncf")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with redirect_stdout(StringIO()):
            yield
    finally:
        logger.setLevel(level)


def _by_name(network: Any) -> dict[str, Any]:
    return {node.get_friendly_name(): node for node in network.get_ordered_ops()}


def _number(node: Any) -> NDArray[np.float32] | None:
    """What a node gives that is a number, also one that is kept in 16 bits; None of another node."""
    if node.get_type_name() == "Convert":
        node = node.input_value(0).get_node()
    return np.array(node.data, np.float32) if node.get_type_name() == "Constant" else None


def _fake_inputs(node: Any) -> list[int]:
    """Which inputs of a node are rounded to int8 in front of it."""
    return [
        index
        for index in range(node.get_input_size())
        if node.input_value(index).get_node().get_type_name() == _FAKE
    ]
