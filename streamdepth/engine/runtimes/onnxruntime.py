"""ONNX Runtime on the CPU."""

from __future__ import annotations

import os
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamdepth.engine.backend import Backend, Quantiser, any_machine
from streamdepth.engine.io_spec import Port, as_maps, read_io_spec
from streamdepth.engine.runtime import MOST_LANES, Batch, check_batch, shared_threads
from streamdepth.errors import ModelError
from streamdepth.machine import require_int8
from streamdepth.models.export.formats import NetworkFormat
from streamdepth.models.metadata import METADATA_KEY
from streamdepth.models.registry import ModelCard
from streamdepth.quiet import import_quietly

if TYPE_CHECKING:
    from streamdepth.engine.int8.network import QuantisedNetwork

_FATAL = 4  # of ONNX Runtime's five levels: what fails is raised, and nothing else is worth a line
_DTYPES = {
    "tensor(float)": "float32",
    "tensor(float16)": "float16",
    "tensor(double)": "float64",
    "tensor(uint8)": "uint8",
}
"""Those that may be taken; the others keep its words."""
PRECISIONS = {"fp32": any_machine, "int8": require_int8}


class OnnxRuntime:
    """A `FileRuntime` for an ONNX file."""

    name = "onnxruntime"

    def __init__(
        self, path: Path, threads: int | None = None, precision: str = "fp32", stride: int = 32
    ) -> None:
        PRECISIONS[precision]()
        self.precision = precision
        self._path, self._threads = path, threads
        session = _session(path, threads)
        self._session: Any | None = session
        """None where lanes have one of their own, until this one is asked for depth again."""
        self._stride = stride
        inputs, outputs = session.get_inputs(), session.get_outputs()
        self.io_spec = read_io_spec(_ports(inputs), _ports(outputs), path)
        self.metadata = str(session.get_modelmeta().custom_metadata_map.get(METADATA_KEY, ""))

    def infer(self, batch: Batch) -> Batch:
        """See `Runtime.infer`."""
        check_batch(batch, self._stride, self.io_spec.size)
        feed = {self.io_spec.image: self.io_spec.laid_out(batch)}
        session = self._session
        if session is None:
            session = self._session = _session(self._path, self._threads)
        try:
            (depth,) = session.run([self.io_spec.depth], feed)
        except Exception as error:
            raise ModelError(
                f"ONNX Runtime cannot run the network: {_first_line(error)}", "use another --engine"
            ) from error
        return as_maps(depth)

    def lanes(self, most: int = MOST_LANES) -> tuple[OnnxRuntime, ...]:
        """See `LanedRuntime.lanes`; they share one session, which any number of threads may run."""
        count, threads = shared_threads(self._threads, most)
        if count == 1:
            return (self,)
        lane = copy(self)
        self._session = None  # or the weights would be in memory twice: who has lanes infers with them
        lane._session = _session(self._path, threads)
        return (lane,) * count


def _session(path: Path, threads: int | None) -> Any:
    onnxruntime = import_quietly("onnxruntime")
    onnxruntime.set_default_logger_severity(_FATAL)
    onnxruntime.disable_telemetry_events()  # of Windows, which are another matter
    try:
        return onnxruntime.InferenceSession(
            str(path), _options(onnxruntime, threads), providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its errors have no common base but this
        raise ModelError(
            f"ONNX Runtime cannot load {path}: {_first_line(error)}",
            "the file is damaged or needs a newer onnxruntime: fetch or export it again",
        ) from error


def _ports(ports: Any) -> list[Port]:
    return [
        Port(
            name=port.name,
            shape=tuple(n if isinstance(n, int) else None for n in port.shape),
            dtype=_DTYPES.get(port.type, port.type),
        )
        for port in ports
    ]


def _options(onnxruntime: Any, threads: int | None) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _default_threads() if threads is None else threads
    options.inter_op_num_threads = 1  # the graph is a chain
    options.log_severity_level = _FATAL
    options.enable_mem_pattern = False  # it would hold a block for each size of input: 3 to 6 MB, for no time
    # Its threads spin while they wait for work. Inside a run that is worth 5 to 50 % of the time; between two
    # frames of a live source it would burn a whole core (measured: 36 ms of CPU a frame instead of 6 for nano).
    options.add_session_config_entry("session.force_spinning_stop", "1")
    return options


def _default_threads() -> int:
    """0, its own choice of one thread a physical core, unless the process is confined to some of the CPUs.

    Its own choice counts and pins to every core of the machine, allowed or not.
    """
    if not hasattr(os, "sched_getaffinity"):
        return 0
    allowed = len(os.sched_getaffinity(0))
    return 0 if allowed == os.cpu_count() else allowed


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]


def _open(path: Path, card: ModelCard, precision: str, threads: int | None) -> OnnxRuntime:
    return OnnxRuntime(path, threads, precision, card.stride)


def _quantise(source: Path, calibration: Sequence[Batch], judging: Sequence[Batch]) -> QuantisedNetwork:
    from streamdepth.engine.int8.onnx import OnnxInt8

    return OnnxInt8(source, calibration, judging)


BACKEND = Backend(
    name=OnnxRuntime.name,
    package="onnxruntime",
    rank=1,
    precisions=PRECISIONS,
    formats=(NetworkFormat.ONNX,),
    converts_to=NetworkFormat.ONNX,
    open=_open,
    is_timed=True,
    is_reference=True,  # it is made by those who define the format
    quantiser=Quantiser("onnx", _quantise),
)
