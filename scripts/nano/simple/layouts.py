"""What kinds of scenes there are, and how often each is drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simple import layouts_indoor as indoor
from simple import layouts_nature as nature
from simple import layouts_road as roads
from simple import layouts_street as street
from simple.materials import Random
from simple.scene import Scene

KINDS: dict[str, tuple[Callable[[Random], Scene], float]] = {
    "room": (indoor.room, 0.30),
    "table": (indoor.table, 0.10),
    "floor heap": (indoor.floor_heap, 0.03),
    "portrait": (indoor.portrait, 0.09),
    "passenger": (indoor.passenger, 0.02),
    "corridor": (indoor.corridor, 0.04),
    "crowd": (indoor.crowd, 0.05),
    "street": (street.street, 0.13),
    "road": (roads.road, 0.06),
    "facade": (street.facade_close, 0.05),
    "park": (nature.park, 0.08),
    "mast": (nature.mast, 0.02),
    "jumble": (nature.jumble, 0.03),
}
"""Name, what plans such a scene, and its share."""


def plan_scene(seed: int, kinds: Sequence[str] = ()) -> Scene:
    """The scene of this seed; one of these `kinds` alone, where any is named."""
    rng = np.random.default_rng(seed)
    chosen = [KINDS[name] for name in kinds or KINDS]
    shares = np.array([share for _, share in chosen])
    return chosen[rng.choice(len(chosen), p=shares / shares.sum())][0](rng)
