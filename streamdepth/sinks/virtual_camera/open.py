"""The virtual camera by its word."""

from __future__ import annotations

from typing import Any

from streamdepth.protocols import Sink


def open_virtual_camera(**options: Any) -> Sink:
    """Open a `VirtualCameraSink`; raises as that does."""
    from streamdepth.sinks.virtual_camera.sink import VirtualCameraSink

    return VirtualCameraSink(**options)
