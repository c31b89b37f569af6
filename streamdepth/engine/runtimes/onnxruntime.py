"""ONNX Runtime on the CPU."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from copy import copy
from pathlib import Path
from typing import TYPE_CHECKING, Any

from streamdepth.engine.backend import Backend, Quantiser, any_machine
from streamdepth.engine.io_spec import Port, as_maps, read_io_spec
from streamdepth.engine.runtime import MOST_LANES, Batch, check_batch, shared_threads
from streamdepth.errors import ModelError
from streamdepth.machine import admitted, is_confined, require_int8
from streamdepth.models.export.formats import NetworkFormat
from streamdepth.models.input_sizes import STRIDE
from streamdepth.models.metadata import METADATA_KEY
from streamdepth.models.registry import ModelCard
from streamdepth.quiet import import_quietly
from streamdepth.threads.worker import Lock

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
    """A `FileRuntime` for an ONNX file.

    The first input size has a session for itself, in which nothing has to be found out for each picture. All others
    share one of free size, which takes 4 to 9 % longer: each session holds the weights once more. The two round
    differently, so a run that is to give what it gives alone calls `start_over` first.
    """

    name = "onnxruntime"

    def __init__(
        self, path: Path, threads: int | None = None, precision: str = "fp32", stride: int = STRIDE
    ) -> None:
        PRECISIONS[precision]()
        self.precision = precision
        self._path, self._threads = path, threads
        session = _session(path, threads, plain=True)
        self._lock = Lock()
        self._sessions: dict[tuple[int, ...] | None, Any] = {}
        """By the shape of the input, or None of any; empty where lanes have theirs, until this one is asked again."""
        self._starts_over = False
        self._stride = stride
        inputs, outputs = session.get_inputs(), session.get_outputs()
        self.io_spec = read_io_spec(_ports(inputs), _ports(outputs), path)
        self._axes = next(port.shape for port in inputs if port.name == self.io_spec.image)
        self.metadata = str(session.get_modelmeta().custom_metadata_map.get(METADATA_KEY, ""))

    def infer(self, batch: Batch) -> Batch:
        """See `Runtime.infer`."""
        check_batch(batch, self._stride, self.io_spec.size)
        image = self.io_spec.laid_out(batch)
        session = self._session(image.shape)
        try:
            (depth,) = session.run([self.io_spec.depth], {self.io_spec.image: image})
        except Exception as error:
            raise ModelError(
                f"ONNX Runtime cannot run the network: {_first_line(error)}", "use another --engine"
            ) from error
        return as_maps(depth)

    def lanes(self, most: int = MOST_LANES) -> tuple[OnnxRuntime, ...]:
        """See `LanedRuntime.lanes`; they share sessions, each of which any number of threads may run."""
        count, threads = shared_threads(self._threads, most)
        if count == 1:
            return (self,)
        lane = copy(self)
        self._sessions = {}  # or the weights would be in memory twice: with lanes, only those infer
        lane._threads, lane._sessions, lane._lock = threads, {}, Lock()
        return (lane,) * count

    def start_over(self) -> None:
        """See `SizedRuntime.start_over`."""
        with self._lock:
            self._starts_over = True

    def _session(self, shape: tuple[int, ...]) -> Any:
        """The session for this input size; lanes that ask at the same time make one."""
        with self._lock:
            if self._starts_over:
                self._sessions = {each: own for each, own in self._sessions.items() if each == shape}
                self._starts_over = False
            key = shape if shape in self._sessions or not self._sessions else None
            if key not in self._sessions:
                sizes = {} if key is None else _fixed(self._axes, shape)
                self._sessions[key] = _session(self._path, self._threads, sizes)
            return self._sessions[key]


def _fixed(names: Sequence[int | str | None], shape: Sequence[int]) -> dict[str, int]:
    """The sizes of the axes that the file names, but for a name that would stand for two."""
    pairs = {(name, size) for name, size in zip(names, shape, strict=True) if isinstance(name, str)}
    counts = Counter(name for name, _ in pairs)
    return {name: size for name, size in pairs if counts[name] == 1}


def _session(
    path: Path, threads: int | None, sizes: Mapping[str, int] | None = None, *, plain: bool = False
) -> Any:
    """A session with these sizes fixed; a `plain` one, soon made, is for looking at what is in the file."""
    onnxruntime = import_quietly("onnxruntime")
    onnxruntime.set_default_logger_severity(_FATAL)
    onnxruntime.disable_telemetry_events()  # of Windows, which are another matter
    try:
        options = _options(onnxruntime, threads)
        for name, size in (sizes or {}).items():
            options.add_free_dimension_override_by_name(name, size)
        if plain:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
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
    # Weights in blocks of their own: in those that activations are taken from, 7 MB beside them lie free with nano.
    options.add_session_config_entry("session.use_device_allocator_for_initializers", "1")
    return options


def _default_threads() -> int:
    """0, its own choice of one thread a physical core, unless the process is confined to some of the CPUs.

    Its own choice counts and pins to every core of the machine, allowed or not.
    """
    return len(admitted()) if is_confined() else 0


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
    is_reference=True,  # its authors define the format
    quantiser=Quantiser("onnx", _quantise),
)
