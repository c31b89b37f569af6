"""What kinds of scenes there are, and how often each is drawn."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from streamdepth.training.synthetic import layouts_indoor as indoor
from streamdepth.training.synthetic import layouts_nature as nature
from streamdepth.training.synthetic import layouts_street as street
from streamdepth.training.synthetic.materials import Random
from streamdepth.training.synthetic.scene import Scene

KINDS: dict[str, tuple[Callable[[Random], Scene], float]] = {
    "room": (indoor.room, 0.31),
    "table": (indoor.table, 0.10),
    "floor heap": (indoor.floor_heap, 0.03),
    "portrait": (indoor.portrait, 0.09),
    "passenger": (indoor.passenger, 0.02),
    "corridor": (indoor.corridor, 0.04),
    "crowd": (indoor.crowd, 0.05),
    "street": (street.street, 0.18),
    "facade": (street.facade_close, 0.05),
    "park": (nature.park, 0.08),
    "mast": (nature.mast, 0.02),
    "jumble": (nature.jumble, 0.03),
}
"""Name, what plans such a scene, and its share."""


def plan_scene(seed: int) -> Scene:
    """The scene of this seed."""
    rng = np.random.default_rng(seed)
    shares = [share for _, share in KINDS.values()]
    plans = [plan for plan, _ in KINDS.values()]
    return plans[rng.choice(len(plans), p=shares)](rng)
