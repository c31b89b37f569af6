"""All backends, by name, format and speed."""

from __future__ import annotations

from streamdepth.engine.backend import Backend
from streamdepth.engine.runtimes import onnxruntime, openvino, torch, torchscript
from streamdepth.errors import UsageError
from streamdepth.machine import Processor
from streamdepth.models.export.formats import NetworkFormat

BACKENDS = (torch.BACKEND, torchscript.BACKEND, onnxruntime.BACKEND, openvino.BACKEND)
"""In the order in which they are listed."""
BY_SPEED = tuple(sorted(BACKENDS, key=lambda backend: backend.rank))
"""The usually fastest first: what `auto` takes where it does not measure."""

FOR_ANY_SHAPE = onnxruntime.BACKEND
"""For pictures of many shapes in turns: OpenVINO compiles the network anew for each."""
_BF16 = frozenset({"avx512_bf16", "amx_bf16"})
"""What Linux calls it on x86: on ARM, OpenVINO has none."""


def openvino_has_bf16(processor: Processor) -> bool:
    """Whether OpenVINO is here and computes in bf16 on that processor, as ONNX Runtime does not; it is not imported."""
    return openvino.BACKEND.is_installed and not _BF16.isdisjoint(processor.flags or ())


def find_backend(name: str) -> Backend:
    """The backend that `--engine` calls so; raises `UsageError` where there is none."""
    for backend in BACKENDS:
        if backend.name == name:
            return backend
    names = ", ".join(backend.name for backend in BACKENDS)
    raise UsageError(f"there is no engine '{name}'", f"there are auto, {names}")


def runners(form: NetworkFormat) -> tuple[Backend, ...]:
    """Those that run network files of a format, the usually fastest first."""
    return tuple(backend for backend in BY_SPEED if form in backend.formats)


def owner(form: NetworkFormat) -> Backend:
    """The backend whose own format this is: what a file of it can hold is what this one computes in."""
    return next(backend for backend in BACKENDS if backend.formats[:1] == (form,))


def with_int8() -> tuple[Backend, ...]:
    """Those that have int8, the usually fastest first."""
    return tuple(backend for backend in BY_SPEED if backend.quantiser is not None)
