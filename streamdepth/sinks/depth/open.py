"""The writer of depth as numbers."""

from __future__ import annotations

from pathlib import Path

from streamdepth.frames import SourceInfo
from streamdepth.protocols import Sink
from streamdepth.sinks.depth.options import DepthOptions


def open_depth_files(path: Path, info: SourceInfo, options: DepthOptions) -> Sink:
    """Open the sink that writes depth to `path`; raises as `open_depth_sink` does."""
    from streamdepth.sinks.depth.choice import sink_for

    return sink_for(path, info, options)
