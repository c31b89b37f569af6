"""What a run hands to the recording of its session, piece by piece."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import Sent
from streamdepth.pixels import I420, Picture
from streamdepth.sessions.lines import Line
from streamdepth.values import dataclass, field


@dataclass(frozen=True, eq=False)
class Item:
    """A line, with what is kept beside it."""

    line: Line
    sent: Sent | None = field(default=None, repr=False)
    """What the picture that came was decoded from; None where it did not come encoded, or finds no room."""
    picture: Picture | None = field(default=None, repr=False)
    """The picture itself, where it did not come encoded."""
    proof: Picture | None = field(default=None, repr=False)
    """The decoded picture of which a check sum is kept."""
    depth: NDArray[np.float32] | None = field(default=None, repr=False)
    """(h, w) of the picture that was inferred."""

    @property
    def size(self) -> int:
        """Bytes that it holds in memory, about."""
        sent = 0 if self.sent is None else sum(len(one.data) for one in self.sent.packets)
        depth = 0 if self.depth is None else self.depth.nbytes
        pictures = sum(map(_bytes_of, filter(None, (self.picture, self.proof))))
        return sent + depth + pictures


def _bytes_of(picture: Picture) -> int:
    return picture.width * picture.height * (3 if isinstance(picture.native, I420) else 6) // 2
