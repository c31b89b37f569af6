"""Depth to picture: range over time, colour, layout."""

from __future__ import annotations

from streamdepth.frames import DepthRange
from streamdepth.rendering.colormaps import COLORMAPS
from streamdepth.rendering.layouts.registry import LAYOUTS
from streamdepth.rendering.look import Look
from streamdepth.rendering.overlays.hud import HudFigures
from streamdepth.rendering.overlays.window_words import Words
from streamdepth.rendering.range import DepthScale, FixedRange, FrameRange, MovingRange
from streamdepth.rendering.renderer import Renderer
from streamdepth.rendering.stream import StreamState

__all__ = [
    "COLORMAPS",
    "LAYOUTS",
    "DepthRange",
    "DepthScale",
    "FixedRange",
    "FrameRange",
    "HudFigures",
    "Look",
    "MovingRange",
    "Renderer",
    "StreamState",
    "Words",
]
