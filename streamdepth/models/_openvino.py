"""Imports OpenVINO and NNCF without their usage statistics.

Importing it sends an event over the network and writes into the home folder, unless the user has opted out, wherever
the package openvino_telemetry is installed, which OpenVINO installs beside itself. It does without where that package
is missing, so that is what it is told.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from types import ModuleType
from typing import Any, cast

from streamdepth.errors import ModelError

_TELEMETRY = "openvino_telemetry"


def import_openvino() -> Any:
    """The openvino package; raises `ModelError` where it is missing or cannot be imported."""
    try:
        with _missing(_TELEMETRY):
            return importlib.import_module("openvino")
    except ImportError as error:
        raise ModelError(
            f"OpenVINO cannot be imported: {error}", "pip install openvino, or use --engine onnxruntime"
        ) from error


@cache
def openvino_core() -> Any:
    """The one `openvino.Core` of this process; raises as `import_openvino`.

    The CPU plugin of each Core gives the thread that made it an alternate signal stack, and puts back the one before
    when it is destroyed. Of several that end in the order in which they began, the last puts back one that is no
    more, and the next signal, such as Ctrl-C, is a segmentation fault.
    """
    return import_openvino().Core()


def import_nncf() -> Any:
    """The nncf package, which reports its use in the same way; raises `ModelError` where it is missing."""
    import_openvino()
    try:
        with _missing(_TELEMETRY):
            return importlib.import_module("nncf")
    except ImportError as error:
        raise ModelError(
            f"int8 for OpenVINO needs the package nncf: {error}",
            "pip install 'streamdepth[int8]', or use --engine onnxruntime",
        ) from error


@contextmanager
def _missing(package: str) -> Iterator[None]:
    """Make the import of a package fail as if it were not installed."""
    modules = cast("dict[str, ModuleType | None]", sys.modules)
    before = modules.get(package)
    modules[package] = None  # what the import system takes for "known not to be there"
    try:
        yield
    finally:
        del modules[package]
        if before is not None:
            modules[package] = before
