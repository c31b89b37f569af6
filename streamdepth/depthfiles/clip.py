"""All depth maps of a clip on their way into one file."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from streamdepth.depthfiles.entry import Entry, Size
from streamdepth.depthfiles.sixteen_bits import Scale
from streamdepth.values import dataclass


@dataclass(frozen=True, eq=False)
class Clip:
    """Maps of one size, with what is known of them before the first is there."""

    entries: Iterator[Entry]
    """Fitted to `size`, in order; read once."""
    count: int
    size: Size
    scale: Scale
    facts: bytes
    """JSON of `SetFacts`."""
    index: bytes
    """JSON of the whole index."""
    rate: Fraction | None = None
    """Nominal frames a second."""
