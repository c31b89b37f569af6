"""How depth is shown: what a user chooses and a viewer may change while the stream runs."""

from __future__ import annotations

from streamdepth.errors import UsageError
from streamdepth.rendering.colormaps import Colours, lookup_table
from streamdepth.rendering.layouts.registry import layout_named
from streamdepth.rendering.parallax import USUAL, Parallax
from streamdepth.values import dataclass


@dataclass(frozen=True)
class Look:
    """How depth is shown. Raises `UsageError` for a layout, colormap, alpha or cut that there is not."""

    layout: str = "overlay"
    colormap: str = "inferno"
    alpha: float = 0.6
    """Share of depth in an overlay, 0..1."""
    invert: bool = False
    legend: bool = False
    cut_beyond: float | None = None
    """Share of the shown range, from the nearest colour (0) to the farthest (1), beyond which depth is blanked."""
    refine: bool = False
    """Snap the edges of depth to the edges of the picture."""
    grid: int | None = None
    """Pictures are stretched so that their sides are multiples of it, an even number; None leaves them."""
    parallax: Parallax = USUAL
    """How deep the layouts for two eyes are."""
    focus: float = 0.0
    """What is sharp in the layout `focus`, as a share of the shown range: 0 the nearest, 1 the farthest."""

    def __post_init__(self) -> None:
        layout_named(self.layout)
        lookup_table(self.colormap)
        if not 0.0 <= self.alpha <= 1.0:
            raise UsageError(f"alpha {self.alpha:g} is out of range", "give a value from 0 to 1")
        if self.cut_beyond is not None and not 0.0 < self.cut_beyond <= 1.0:
            raise UsageError(
                f"cut-beyond {self.cut_beyond:g} is out of range",
                "give a share of the shown range, above 0 (the nearest) and up to 1 (the farthest)",
            )

    @property
    def colours(self) -> Colours:
        """Those that are chosen for depth."""
        return Colours(self.colormap, self.invert, self.cut_beyond)

    @property
    def seen_colours(self) -> Colours | None:
        """Those that the layout shows depth in; None where it shows none."""
        return layout_named(self.layout).colours(self.colours)
