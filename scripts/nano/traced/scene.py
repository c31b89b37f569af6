"""A place of which pictures are taken."""

from __future__ import annotations

from dataclasses import dataclass

from traced.layout import Layout
from traced.lights import Lights
from traced.stage import Stage


@dataclass(frozen=True, eq=False)
class Place:
    """What stands there, what lights it, and where things are."""

    kind: str
    stage: Stage
    lights: Lights
    layout: Layout
