"""The renderer of one stream: its look, which a viewer may change, and its range over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from streamdepth.errors import UsageError
from streamdepth.frames import Condition, Estimate, Rendered, SourceState
from streamdepth.pixels import Picture
from streamdepth.rendering.annotate import HudFigures, draw_hud, draw_legend
from streamdepth.rendering.colormaps import COLORMAPS, lookup_table
from streamdepth.rendering.compose import LAYOUTS, check_layout, compose, normalise
from streamdepth.rendering.mark import marked
from streamdepth.rendering.scale import DepthRange, DepthScale, MovingRange


@dataclass(frozen=True)
class Look:
    """How depth is shown. Raises `UsageError` for a layout, colormap or alpha that there is not."""

    layout: str = "overlay"
    colormap: str = "inferno"
    alpha: float = 0.6
    """Share of depth in an overlay, 0..1."""
    invert: bool = False
    legend: bool = False

    def __post_init__(self) -> None:
        check_layout(self.layout)
        lookup_table(self.colormap)
        if not 0.0 <= self.alpha <= 1.0:
            raise UsageError(f"alpha {self.alpha:g} is out of range", "give a value from 0 to 1")


class Renderer:
    """Draws estimates of one stream: `renderer(estimate)` is a `Rendered`.

    Nearer is brighter, because values are inverse depth; `invert` turns the colours around. `scale` chooses the
    depth range (default: percentiles smoothed over time). With `hud`, its figures are written on each picture.
    Raises `UsageError` for a layout, colormap or alpha that there is not.
    """

    def __init__(
        self,
        layout: str = "overlay",
        colormap: str = "inferno",
        alpha: float = 0.6,
        *,
        look: Look | None = None,
        scale: DepthScale | None = None,
        hud: Callable[[], HudFigures] | None = None,
    ) -> None:
        self.look = look or Look(layout, colormap, alpha)
        self._scale = scale or MovingRange()
        self._hud = hud
        self._span: DepthRange | None = None
        self._locked: DepthRange | None = None

    def __call__(self, estimate: Estimate) -> Rendered:
        """Draw one estimate; call in the order of the stream."""
        look, picture = self.look, estimate.frame.picture
        following = self._scale(
            estimate.frame, estimate.depth
        )  # while locked too: it goes on from the present
        span = self._span = self._locked or following
        table = lookup_table(look.colormap, invert=look.invert)
        grey = normalise(estimate.depth.values, span, (picture.width, picture.height))
        image = compose(look.layout, picture, grey, table, look.alpha)
        if look.legend:
            draw_legend(image, table)
        if self._hud is not None:
            draw_hud(image, self._hud_lines(self._hud(), span))
        return Rendered(estimate, Picture.of(image))

    def mark(self, rendered: Rendered, condition: Condition, now: float) -> Rendered:
        """`rendered` with its source's condition, at `now` in seconds of `time.monotonic()`, written on the picture."""
        if condition.state is SourceState.LIVE:
            return replace(rendered, condition=condition)
        picture = Picture.of_bgr(marked(rendered.picture.bgr, condition, now))
        return replace(rendered, picture=picture, condition=condition)

    def reset(self) -> None:
        """Forget the stream so far; its look stays."""
        self._scale.reset()

    def next_colormap(self) -> str:
        """Change to the next colormap and return its name."""
        name = _after(COLORMAPS, self.look.colormap)
        self.look = replace(self.look, colormap=name)
        return name

    def next_layout(self) -> str:
        """Change to the next layout and return its name."""
        name = _after(LAYOUTS, self.look.layout)
        self.look = replace(self.look, layout=name)
        return name

    def change_alpha(self, delta: float) -> float:
        """Add `delta` to alpha, within 0..1, and return it."""
        alpha = min(1.0, max(0.0, round(self.look.alpha + delta, 3)))
        self.look = replace(self.look, alpha=alpha)
        return alpha

    def toggle_invert(self) -> bool:
        """Turn the colours around and return whether they now are inverted."""
        self.look = replace(self.look, invert=not self.look.invert)
        return self.look.invert

    @property
    def range_is_locked(self) -> bool:
        """Whether the depth range is held."""
        return self._locked is not None

    def toggle_range_lock(self) -> bool:
        """Hold the present depth range, or let it follow the scene again; returns whether it is held."""
        self._locked = self._span if self._locked is None else None
        return self._locked is not None

    def _hud_lines(self, figures: HudFigures, span: DepthRange) -> tuple[str, ...]:
        return (
            f"{figures.rate:.1f} depth maps/s   {figures.latency * 1000:.0f} ms   {figures.dropped} dropped",
            f"{self.look.colormap}   range {span.low:.3g} to {span.high:.3g}",
        )


def _after(names: tuple[str, ...], name: str) -> str:
    return names[(names.index(name) + 1) % len(names)]
