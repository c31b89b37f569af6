"""The live preview by its word."""

from __future__ import annotations

from typing import Any

from streamdepth.protocols import Sink


def open_preview(**options: Any) -> Sink:
    """Open a `WindowSink`; raises as that does."""
    from streamdepth.sinks.window.sink import WindowSink

    return WindowSink(**options)
