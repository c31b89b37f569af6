"""Numbers as they are stored in a file, and what is to be stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.values import dataclass, field

Values = NDArray[Any]
"""(H, W) of any numeric type."""
DAMAGED = "check that it opens elsewhere, or copy it again"
"""The cure of a file that is damaged."""


@dataclass(frozen=True, eq=False)
class Plane:
    """What a file of one depth map is made of."""

    values: NDArray[np.float32]
    """(h, w) finite."""
    scale: Scale
    """For formats of 16 bits, and for the copy for the eye."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What to say in the file, where it has a place for it."""

    @property
    def pixels(self) -> NDArray[np.uint16]:
        """(h, w), of which the scale makes the values."""
        return self.scale.pixels(self.values)
