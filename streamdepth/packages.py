"""Python packages that may be missing: whether one is here, and the command that gets it."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec

PYTORCH = "torch"
"""What reads the weights that are not in the package, exports and trains."""
_CPU_BUILD = " --index-url https://download.pytorch.org/whl/cpu"
"""PyTorch's own; on Linux the usual index has the CUDA build, which is of several gigabytes."""


def is_installed(package: str) -> bool:
    """Whether it is here; it is not imported."""
    return find_spec(package) is not None


def how_to_install(package: str) -> str:
    """The command for a package that is missing; of PyTorch its build for processors where no NVIDIA card is."""
    is_for_cpu = package == PYTORCH and sys.platform == "linux" and shutil.which("nvidia-smi") is None
    return f"pip install {package}{_CPU_BUILD if is_for_cpu else ''}"
