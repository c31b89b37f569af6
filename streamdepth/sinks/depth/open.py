"""The writer of depth as numbers."""

from __future__ import annotations

from pathlib import Path

from streamdepth.frames import SourceInfo
from streamdepth.protocols import Sink


def open_png(path: Path, info: SourceInfo, *, raw: bool = False) -> Sink:
    """Open a `DepthSink`; raises as that does."""
    from streamdepth.sinks.depth.sink import DepthSink

    return DepthSink(path, info, raw=raw)
