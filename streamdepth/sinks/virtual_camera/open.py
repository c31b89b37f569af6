"""The virtual camera by its word, and what it needs."""

from __future__ import annotations

import importlib.util
from typing import Any

from streamdepth.errors import UsageError
from streamdepth.protocols import Sink


def require_package() -> None:
    """Raise `UsageError` where the package is not installed that knows the virtual cameras of each system."""
    if importlib.util.find_spec("pyvirtualcam") is None:
        raise UsageError(
            "--virtual-camera needs the package pyvirtualcam", "pip install 'streamdepth[virtual-camera]'"
        )


def open_virtual_camera(**options: Any) -> Sink:
    """Open a `VirtualCameraSink`; raises as that does."""
    from streamdepth.sinks.virtual_camera.sink import VirtualCameraSink

    return VirtualCameraSink(**options)
