"""What the tracks of a session are: where any of it changes, another file goes on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from streamdepth.ffmpeg.colours import ColourTags, range_numbered, usual_colours
from streamdepth.pixels import I420, ColourMatrix, Picture
from streamdepth.values import dataclass

LOSSLESS = "lossless"
"""Stands for the codec of pictures that did not come encoded."""


@dataclass(frozen=True)
class Planes:
    """The samples of pictures that are encoded here."""

    size: tuple[int, int]
    """(width, height)."""
    matrix: str | None = None
    """The name of a `ColourMatrix`; None of BGR."""
    full_range: bool = False

    @classmethod
    def of(cls, picture: Picture) -> Planes:
        """Those of a picture."""
        native, size = picture.native, (picture.width, picture.height)
        return cls(size, native.matrix.name, native.full_range) if isinstance(native, I420) else cls(size)

    @property
    def tags(self) -> ColourTags | None:
        """What players learn about YUV."""
        if self.matrix is None:
            return None
        usual = usual_colours(ColourMatrix[self.matrix])
        range_ = range_numbered(full=self.full_range).value
        return ColourTags(usual.primaries, usual.transfer, usual.matrix, range_)

    def to_json(self) -> dict[str, Any]:
        """As a session says it."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Planes:
        """Read back; raises ValueError, KeyError or TypeError."""
        width, height = map(int, stored["size"])
        matrix = stored.get("matrix")
        return cls(
            (width, height), None if matrix is None else ColourMatrix[matrix].name, bool(stored["full_range"])
        )


@dataclass(frozen=True)
class Form:
    """The tracks of one session file."""

    depth: tuple[int, int]
    """(width, height) of the maps."""
    codec: str = LOSSLESS
    header: bytes = b""
    """What a decoder of `codec` gets first, of pictures that came encoded."""
    planes: Planes | None = None
    """Of pictures that did not."""
