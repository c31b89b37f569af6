"""What a virtual camera needs."""

import importlib.util

from streamdepth.errors import UsageError


def require_package() -> None:
    """Raise `UsageError` where the package is not installed that knows the virtual cameras of each system."""
    if importlib.util.find_spec("pyvirtualcam") is None:
        raise UsageError("--virtual-camera needs the package pyvirtualcam", "pip install pyvirtualcam")
