"""OpenVINO and NNCF, imported with errors that name the cure."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from streamdepth.errors import ModelError
from streamdepth.quiet import import_quietly
from streamdepth.threads.worker import Lock

_CONVERTER = "openvino.tools.ovc"
"""Half of the time that importing OpenVINO takes, and 9 MB, for one function that no run calls."""

_IN_TURN = Lock()


def import_openvino() -> Any:
    """The openvino package; raises `ModelError` where it is missing or cannot be imported."""
    try:
        openvino = import_quietly("openvino", without=[_CONVERTER])
    except ImportError as error:
        raise ModelError(
            f"OpenVINO cannot be imported: {error}", "pip install openvino, or use --engine onnxruntime"
        ) from error
    if not hasattr(openvino, "convert_model"):
        openvino.convert_model = _convert_model
    return openvino


def _convert_model(*arguments: Any, **options: Any) -> Any:
    """OpenVINO's function of this name, imported when it is called: other code of this process may want it."""
    return import_module(_CONVERTER).convert_model(*arguments, **options)


def openvino_core() -> Any:
    """The one `openvino.Core` of this process; raises as `import_openvino`.

    The CPU plugin of each Core gives the thread that made it an alternate signal stack, and puts back the one before
    when it is destroyed. Of several that end in the order in which they began, the last puts back one that is no
    more, and the next signal, such as Ctrl-C, is a segmentation fault.
    """
    with _IN_TURN:  # two runs of one process may ask for it at once
        return _core()


@cache
def _core() -> Any:
    return import_openvino().Core()


def import_nncf() -> Any:
    """The nncf package; raises `ModelError` where it is missing."""
    import_openvino()
    try:
        return import_quietly("nncf")
    except ImportError as error:
        raise ModelError(
            f"int8 for OpenVINO needs the package nncf: {error}",
            "pip install nncf, or use --engine onnxruntime",
        ) from error
