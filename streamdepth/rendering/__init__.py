"""Depth to picture: range over time, colour, layout."""

from __future__ import annotations

from streamdepth.rendering.annotate import HudFigures
from streamdepth.rendering.colormaps import COLORMAPS
from streamdepth.rendering.compose import LAYOUTS
from streamdepth.rendering.renderer import Look, Renderer
from streamdepth.rendering.scale import DepthRange, DepthScale, FixedRange, FrameRange, MovingRange
from streamdepth.rendering.words import Words

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
    "Words",
]
