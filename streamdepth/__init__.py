"""Turns any video into live depth on an ordinary CPU.

for depth in streamdepth.stream("street.mp4"):
    print(depth.frame.pts, depth.values.shape)

engine = streamdepth.load_engine()
source = streamdepth.open_source("street.mp4")
sink = streamdepth.open_sink("depth.mp4", source)
streamdepth.Pipeline(source, engine, streamdepth.Renderer()).run([sink])
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from streamdepth.api import DepthOfFrame, load_engine, open_depth, stream
    from streamdepth.client.depth_pictures import Received
    from streamdepth.client.receive import receive
    from streamdepth.errors import StreamdepthError
    from streamdepth.frames import DepthMap, DepthMeaning, Estimate, Frame, Rendered, SourceInfo
    from streamdepth.pipeline import Limits, Pipeline
    from streamdepth.pixels import Picture
    from streamdepth.rendering import Renderer
    from streamdepth.sinks import open_sink
    from streamdepth.sources import open_source

__version__ = "0.1.0"

_HOMES = {
    "DepthMap": "frames",
    "DepthMeaning": "frames",
    "DepthOfFrame": "api",
    "Estimate": "frames",
    "Frame": "frames",
    "Limits": "pipeline",
    "Picture": "pixels",
    "Pipeline": "pipeline",
    "Received": "client.depth_pictures",
    "Rendered": "frames",
    "Renderer": "rendering",
    "SourceInfo": "frames",
    "StreamdepthError": "errors",
    "load_engine": "api",
    "open_depth": "api",
    "open_sink": "sinks",
    "open_source": "sources",
    "receive": "client.receive",
    "stream": "api",
}

__all__ = [
    "DepthMap",
    "DepthMeaning",
    "DepthOfFrame",
    "Estimate",
    "Frame",
    "Limits",
    "Picture",
    "Pipeline",
    "Received",
    "Rendered",
    "Renderer",
    "SourceInfo",
    "StreamdepthError",
    "__version__",
    "load_engine",
    "open_depth",
    "open_sink",
    "open_source",
    "receive",
    "stream",
]


if not TYPE_CHECKING:  # a type checker that saw it would take any name, a misspelt one too

    def __getattr__(name: str) -> Any:
        """Import a public name when it is first used: `import streamdepth` alone loads nothing heavy."""
        if name not in _HOMES:
            raise AttributeError(f"module 'streamdepth' has no attribute '{name}'")
        import_module("cv2")  # before PyAV: loaded behind it, OpenCV hangs when it opens a window
        return getattr(import_module(f"streamdepth.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    """The public names, also those that nobody has used yet."""
    return sorted(__all__)
