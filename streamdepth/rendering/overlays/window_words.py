"""Head-up display and legend where they are seen, in a window: in the size of its letters, not of the picture."""

from __future__ import annotations

from collections.abc import Callable

from streamdepth.pixels import BGRImage
from streamdepth.rendering.overlays.hud import HudFigures, draw_hud, hud_lines
from streamdepth.rendering.overlays.legend import draw_legend
from streamdepth.rendering.renderer import Renderer


class Words:
    """Tells of what `renderer` drew last: its legend, and `hud`, the figures of the run (None: no figures)."""

    def __init__(self, renderer: Renderer, hud: Callable[[], HudFigures] | None, *, legend: bool) -> None:
        self._renderer = renderer
        self._hud = hud
        self._legend = legend
        self._shown = True

    def draw(self, image: BGRImage, size: int) -> None:
        """Write onto an (H, W, 3) uint8 `image`, in letters `size` pixels high or smaller where they do not fit."""
        span, seen = self._renderer.span, self._renderer.look.seen_colours
        if not self._shown or span is None:
            return
        if self._legend and seen is not None:
            draw_legend(image, seen.table, size)
        if self._hud is not None:
            draw_hud(image, hud_lines(self._hud(), seen, span, self._renderer.measured), size)

    def toggle(self) -> bool:
        """Show them, or leave them out; returns whether they are shown."""
        self._shown = not self._shown
        return self._shown
