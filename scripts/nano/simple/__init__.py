"""Random drawn scenes with exact inverse depth: what a small network learns from where there is no other data."""

from __future__ import annotations

from simple.drawing import GENERATOR_VERSION, draw_scenes
from simple.rendering import SceneBatch

__all__ = ["GENERATOR_VERSION", "SceneBatch", "draw_scenes"]
