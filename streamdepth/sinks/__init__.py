"""Where rendered frames go: window, MP4, images, depth files."""

from __future__ import annotations

from streamdepth.sinks.open import open_depth_sink, open_sink, open_window

__all__ = ["open_depth_sink", "open_sink", "open_window"]
