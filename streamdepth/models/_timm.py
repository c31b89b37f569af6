"""Imports timm also where torchvision's operators cannot be loaded.

timm imports torchvision, and torchvision registers shape rules for its own C++ operators while it is imported. Where
torch and torchvision come from different builds (the CPU build of one beside the CUDA build of the other is common)
the library with these operators does not load and the import ends with "operator torchvision::nms does not exist".
The networks here use none of them, so it is enough to declare the operators that the import asks for.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from streamdepth.errors import ModelError

_OPERATORS = ("nms", "qnms")
_SIGNATURE = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"
_CURE = "install timm, and torch and torchvision of the same version and from the same index"


def import_timm() -> ModuleType:
    """The timm package; raises `ModelError` where it is missing or cannot be imported."""
    if "timm" not in sys.modules and not _operators_load():
        _declare_operators()
    try:
        return importlib.import_module("timm")
    except (ImportError, RuntimeError) as error:
        raise ModelError(f"timm cannot be imported: {error}", _CURE) from error


def _operators_load() -> bool:
    """Whether torchvision's library of operators can be loaded, found without importing torchvision."""
    torch: Any = importlib.import_module("torch")
    spec = importlib.util.find_spec("torchvision")
    if spec is None or spec.origin is None:
        return True  # nothing to help: the import of timm says what is missing
    for library in Path(spec.origin).parent.glob("_C.*"):
        try:
            torch.ops.load_library(str(library))
        except OSError:
            continue
        return True
    return False


@cache  # torch forgets the declarations when the object goes
def _declare_operators() -> object:
    torch: Any = importlib.import_module("torch")
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in _OPERATORS:
        library.define(name + _SIGNATURE)
    return library
