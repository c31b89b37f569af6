"""The layouts by their words. A new one is a module beside this one and a place in the list below."""

from __future__ import annotations

from functools import lru_cache

from streamdepth.errors import UsageError
from streamdepth.rendering.colormaps import Colours
from streamdepth.rendering.layouts.depth import Depth
from streamdepth.rendering.layouts.focus import Focus, HasFocus
from streamdepth.rendering.layouts.layout import Layout, Size
from streamdepth.rendering.layouts.overlay import Overlay
from streamdepth.rendering.layouts.side_by_side import SideBySide
from streamdepth.rendering.layouts.stereo import Anaglyph, HasParallax, Stereo
from streamdepth.rendering.parallax import Parallax

_ALL: tuple[Layout, ...] = (
    Overlay(),
    Depth(),
    SideBySide(),
    SideBySide("rgbd", Colours("gray")),  # what holograms and volumetric players take
    Stereo(),
    Anaglyph(),
    Focus(),
)
_BY_NAME = {layout.name: layout for layout in _ALL}

LAYOUTS = tuple(_BY_NAME)
"""Words, in the order in which the window's key walks through them."""


def layout_named(name: str) -> Layout:
    """The layout of that word; raises `UsageError` for one that is not in `LAYOUTS`."""
    if name not in _BY_NAME:
        raise UsageError(f"there is no layout '{name}'", f"choose one of {', '.join(LAYOUTS)}")
    return _BY_NAME[name]


@lru_cache(maxsize=64)
def layout_with(name: str, parallax: Parallax, focus: float = 0.0) -> Layout:
    """The same, as deep as `parallax` says where it shows the scene from two places, or sharp at `focus`."""
    layout = layout_named(name)
    if isinstance(layout, HasFocus):
        return layout.with_focus(focus)
    return layout.with_parallax(parallax) if isinstance(layout, HasParallax) else layout


def layout_of_size(shown: Size, picture: Size) -> Layout | None:
    """A layout that shows a picture of that size as one of the size `shown`; None where none does.

    Layouts of one size have each point in the same place, so that this is enough to find a point in a picture that
    was drawn before the layout was changed.
    """
    return next((layout for layout in _BY_NAME.values() if layout.size(picture) == shown), None)
