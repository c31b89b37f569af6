"""OpenVINO on the CPU: the fastest runtime for most networks, and the one with bfloat16."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import numpy as np

from streamdepth.engine.backend import Backend, Quantiser, any_machine
from streamdepth.engine.io_spec import DEPTH_NAMES, Port, as_maps, read_io_spec
from streamdepth.engine.runtime import MOST_LANES, Batch, check_batch, shared_threads
from streamdepth.errors import ModelError, UsageError
from streamdepth.machine import require_int8
from streamdepth.models.export.formats import NetworkFormat
from streamdepth.models.export.openvino_library import openvino_core
from streamdepth.models.input_sizes import STRIDE
from streamdepth.models.metadata import METADATA_KEY
from streamdepth.models.registry import ModelCard

if TYPE_CHECKING:
    from streamdepth.engine.int8.network import QuantisedNetwork

_KEPT = 4
"""Input sizes that stay compiled. Each holds weights of its own (85 MB for midas-small)."""


class OpenVinoRuntime:
    """A `FileRuntime` for an ONNX file or an OpenVINO `.xml` with its `.bin`.

    Each input size is compiled when it first comes (0.15 s for nano, 0.4 s for midas-small on two cores): a graph of
    free size takes up to a fifth longer for each picture. OpenVINO's own cache on disk is not used: on a CPU,
    reading from it takes as long as compiling.
    """

    name = "openvino"

    def __init__(
        self, path: Path, threads: int | None = None, precision: str = "fp32", stride: int = STRIDE
    ) -> None:
        PRECISIONS[precision]()
        self.precision = precision
        self._stride = stride
        self._core = openvino_core()
        self._threads = threads
        self._config = _config(precision, threads)
        self._network = self._read(path)
        self._compiled: WeakValueDictionary[tuple[int, ...], Any] = WeakValueDictionary()
        self._requests: OrderedDict[tuple[int, ...], tuple[Any, Any]] = OrderedDict()
        inputs, outputs = self._network.inputs, self._network.outputs
        self.io_spec = read_io_spec(_ports(inputs), _ports(outputs), path)
        self._output = [_name(port) for port in outputs].index(self.io_spec.depth)
        self.metadata = _metadata(self._network)

    def infer(self, batch: Batch) -> Batch:
        """See `Runtime.infer`."""
        check_batch(batch, self._stride, self.io_spec.size)
        try:
            image = self.io_spec.laid_out(batch)
            request = self._request(image.shape)
            np.copyto(request.get_input_tensor().data, image)
            request.infer()
            return as_maps(request.get_output_tensor(self._output).data.copy())
        except RuntimeError as error:
            raise ModelError(
                f"OpenVINO cannot run the network: {_first_line(error)}", "use another --engine"
            ) from error

    def lanes(self, most: int = MOST_LANES) -> tuple[OpenVinoRuntime, ...]:
        """See `LanedRuntime.lanes`; they share what is compiled."""
        count, threads = shared_threads(self._threads, most)
        if count == 1:
            return (self,)
        of_lanes = {"NUM_STREAMS": count, "INFERENCE_NUM_THREADS": count * threads}
        # A core each: the system now and then leaves two busy lanes on one core for 10 ms, with the other idle. A lane
        # whose core is taken by others falls behind, and the rest take its pictures. Of all cores only: else the
        # lanes of two runs would be tied to the same few.
        config = self._config | of_lanes | {"ENABLE_CPU_PINNING": self._threads is None}
        compiled: WeakValueDictionary[tuple[int, ...], Any] = WeakValueDictionary()
        return tuple(self._lane(config, compiled) for _ in range(count))

    def _lane(
        self, config: dict[str, Any], compiled: WeakValueDictionary[tuple[int, ...], Any]
    ) -> OpenVinoRuntime:
        lane = copy(self)
        lane._config, lane._compiled, lane._requests = config, compiled, OrderedDict()
        return lane

    def _request(self, shape: tuple[int, ...]) -> Any:
        """A request for a batch of this shape; the one that was not used for the longest time makes room."""
        # With its compiled network, which lives as long as a lane has a request for it.
        kept = self._requests.pop(shape, None) or self._new_request(shape)
        self._requests[shape] = kept
        if len(self._requests) > _KEPT:
            self._requests.popitem(last=False)
        return kept[1]

    def _new_request(self, shape: tuple[int, ...]) -> tuple[Any, Any]:
        compiled = self._compiled.get(shape) or self._compiled.setdefault(shape, self._compile(shape))
        return compiled, compiled.create_infer_request()

    def _compile(self, shape: tuple[int, ...]) -> Any:
        network = self._network.clone()  # which shares the weights
        network.reshape(shape)
        _drop_idle_resizing(network)
        return self._core.compile_model(network, "CPU", self._config)

    def _read(self, path: Path) -> Any:
        try:
            return self._core.read_model(path)
        except RuntimeError as error:
            raise ModelError(
                f"OpenVINO cannot load {path}: {_first_line(error)}",
                "the file is damaged or needs a newer OpenVINO: fetch or export it again",
            ) from error


def _drop_idle_resizing(network: Any) -> None:
    """Take away what resizes to the size there is already: OpenVINO copies there, 1 to 2 % of nano's time in bf16."""
    for node in network.get_ordered_ops():
        if node.get_type_name() != "Interpolate":
            continue
        asked = node.get_attributes()
        idle = node.get_input_partial_shape(0) == node.get_output_partial_shape(0)
        if (
            idle
            and asked["shape_calculation_mode"] == "sizes"
            and not any(asked["pads_begin"] + asked["pads_end"])
        ):
            node.output(0).replace(node.input_value(0))


def has_bf16() -> bool:
    """Whether this processor computes in bfloat16; raises `ModelError` where OpenVINO cannot be imported."""
    return "BF16" in openvino_core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def require_bf16() -> None:
    """Raise `UsageError` where the processor cannot: OpenVINO would silently compute in float32."""
    if not has_bf16():
        raise UsageError("this processor does not compute in bf16", "use --precision fp32 or auto")


def float_rest() -> str:
    """What layers that are not int8 are computed in, in OpenVINO's words: the fastest that the processor has."""
    return "bf16" if has_bf16() else "f32"


PRECISIONS = {"fp32": any_machine, "bf16": require_bf16, "int8": require_int8}


def _config(precision: str, threads: int | None) -> dict[str, Any]:
    config: dict[str, Any] = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}.get(precision) or float_rest(),
        # Threads tied to cores wait there for whatever else runs on them: an encoder, another streamdepth.
        "ENABLE_CPU_PINNING": False,
    }
    return config if threads is None else {**config, "INFERENCE_NUM_THREADS": threads}


def _ports(ports: Any) -> list[Port]:
    return [
        Port(
            name=_name(port),
            shape=tuple(None if n.is_dynamic else n.get_length() for n in port.partial_shape),
            dtype=np.dtype(port.element_type.to_dtype()).name,
        )
        for port in ports
    ]


def _name(port: Any) -> str:
    """The one of its names that says most: a port that nothing changes bears those of what it comes from, too."""
    return next((name for name in port.names if name.lower() in DEPTH_NAMES), next(iter(port.names), ""))


def _metadata(network: Any) -> str:
    for place in ([METADATA_KEY], ["framework", METADATA_KEY]):  # of an .xml, of an ONNX file
        if network.has_rt_info(place):
            return str(network.get_rt_info(place).value)
    return ""


def _first_line(error: Exception) -> str:
    """OpenVINO puts the place in its own source first and the reason last."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _open(path: Path, card: ModelCard, precision: str, threads: int | None) -> OpenVinoRuntime:
    return OpenVinoRuntime(path, threads, precision, card.stride)


def _quantise(source: Path, calibration: Sequence[Batch], judging: Sequence[Batch]) -> QuantisedNetwork:
    from streamdepth.engine.int8.openvino import OpenVinoInt8

    return OpenVinoInt8(source, calibration, judging, float_rest())


BACKEND = Backend(
    name=OpenVinoRuntime.name,
    package="openvino",
    rank=0,
    precisions=PRECISIONS,
    formats=(NetworkFormat.OPENVINO, NetworkFormat.ONNX),
    converts_to=NetworkFormat.ONNX,  # the same file as ONNX Runtime: one conversion for both
    open=_open,
    is_timed=True,
    is_reference=False,  # it leaves out some settings of ONNX without a word
    quantiser=Quantiser("nncf", _quantise),
)
