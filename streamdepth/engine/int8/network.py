"""What the search for float layers and the judging ask of a network in int8, whichever quantiser made it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from streamdepth.models.metadata import Metadata

Map = NDArray[np.float32]


class QuantisedNetwork(Protocol):
    """A network in int8 whose layers can get their float32 numbers back, and what it answers on some frames."""

    @property
    def layers(self) -> Sequence[str]:
        """What is in int8, in the order in which it is computed."""

    def reference(self) -> list[Map]:
        """What the network in float32 answers, (h, w) for each frame."""

    def maps(self, floats: Collection[str], every: int = 1) -> list[Map]:
        """What it answers with these layers in float32, on every so manyth frame."""

    def write(self, floats: Collection[str], path: Path, metadata: Metadata | None) -> None:
        """Write it with these layers in float32."""
