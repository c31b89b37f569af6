"""The built-in scene by its word."""

from __future__ import annotations

from fractions import Fraction

from streamdepth.protocols import Source
from streamdepth.sources.options import Kind, SourceOptions, Spec


def open_demo(_spec: Spec, options: SourceOptions) -> Source:
    """Open the scene; raises UsageError for a size, rate or duration that it cannot have."""
    from streamdepth.sources.demo.source import DemoScene

    width, height = options.size or (1280, 720)
    rate = Fraction(30) if options.rate is None else options.rate
    return DemoScene(width, height, rate, options.duration, live=options.live, seed=options.seed)


DEMO = Kind(lambda spec: spec == "demo", open_demo)
