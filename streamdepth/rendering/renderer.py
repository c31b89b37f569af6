"""The renderer of one stream: its look, which a viewer may change, and its range over time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import (
    Condition,
    DepthMap,
    DepthRange,
    Estimate,
    Frame,
    Measured,
    Rendered,
    ScaledDepth,
    SourceState,
)
from streamdepth.imaging.deep import copy_box
from streamdepth.imaging.patches import Box
from streamdepth.pixels import Picture
from streamdepth.rendering.bars import with_bars
from streamdepth.rendering.colormaps import COLORMAPS
from streamdepth.rendering.grid import on_grid
from streamdepth.rendering.horizon import AT_ONCE, Horizon
from streamdepth.rendering.layouts.deep import laid_over
from streamdepth.rendering.layouts.registry import LAYOUTS, layout_with
from streamdepth.rendering.look import Look
from streamdepth.rendering.normalise import normalise
from streamdepth.rendering.overlays.hud import HudFigures, draw_hud, hud_lines, letter_height
from streamdepth.rendering.overlays.legend import draw_legend
from streamdepth.rendering.overlays.mark import marked
from streamdepth.rendering.range import DepthScale, MovingRange
from streamdepth.rendering.refine import luma_of, refine
from streamdepth.rendering.shots import UNKNOWN, Scenes
from streamdepth.rendering.stabilise.stabiliser import Stabiliser
from streamdepth.rendering.stream import DepthStream, StreamState


class Renderer:
    """Draws estimates of one stream: `renderer(estimate)` is a `Rendered`.

    Nearer is brighter, whatever depth means; `invert` turns the colours around. `scale` chooses the
    depth range (default: percentiles smoothed over time), `locked` holds one instead until it is unlocked. Depth is
    steadied over time before it gets its range and is drawn, unless `stabilise` is False, as it should be for pictures
    that have nothing to do with each other; `Rendered.depth` is what is drawn, and `Rendered.estimate` keeps the depth
    that the network gave. `ruler` gives `Rendered.measured` for a calibrated camera. With `hud`, its figures are
    written on each picture.

    `scenes` says where cuts are; else they are found. With a `horizon`, estimates are foreseen before they are drawn.
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
        locked: DepthRange | None = None,
        stabilise: bool = True,
        hud: Callable[[], HudFigures] | None = None,
        ruler: Callable[[Picture, DepthMap], Measured] | None = None,
        scenes: Scenes = UNKNOWN,
        horizon: Horizon = AT_ONCE,
    ) -> None:
        self.look = look or Look(layout, colormap, alpha)
        stabiliser = Stabiliser() if stabilise else None
        self._stream = DepthStream(scale or MovingRange(), stabiliser, locked, scenes, horizon)
        self._hud = hud
        self.ruler = ruler
        """May be set from any thread."""
        self.measured: Measured | None = None
        """The distances of the last picture."""

    def __call__(self, estimate: Estimate) -> Rendered:
        """Draw one estimate; call in the order of the stream."""
        scaled = self._stream.take(estimate)
        return self._rendered(estimate, scaled)

    def foresee(self, estimate: Estimate) -> None:
        """As `protocols.Foresees`: an estimate that is drawn later."""
        self._stream.foresee(estimate)

    @property
    def knows_next(self) -> bool:
        """As `protocols.Foresees`."""
        return self._stream.knows_next

    def take(self, estimate: Estimate) -> None:
        """Let what follows build on an estimate whose picture is not shown; call in the order of the stream."""
        self._stream.take(estimate)

    def between(self, frame: Frame) -> Rendered | None:
        """Draw a frame later than the last estimate with its depth, moved to where things are now.

        `Rendered.estimate` then has the depth that was drawn. None where the last depth says nothing about the frame:
        before the first estimate and across a cut.
        """
        scaled = self._stream.between(frame)
        if scaled is None:
            return None
        return self._rendered(Estimate(frame, scaled.depth, 0.0), scaled)

    def _rendered(self, estimate: Estimate, scaled: ScaledDepth) -> Rendered:
        picture = estimate.frame.picture
        ruler = self.ruler
        then = estimate.frame.measured
        measured = self.measured = ruler(picture, scaled.depth) if ruler is not None else then
        return Rendered(estimate, self._draw(picture, scaled), scaled=scaled, measured=measured)

    def _draw(self, picture: Picture, scaled: ScaledDepth) -> Picture:
        look = self.look
        table, seen = look.colours.table, look.seen_colours
        grey = with_bars(self._grey(picture.content, scaled), picture)
        image = layout_with(look.layout, look.parallax, look.focus).draw(picture, grey, table, look.alpha)
        if look.grid is not None:
            image = on_grid(image, look.grid)
        words: list[Box | None] = []
        if look.legend and seen is not None:
            words.append(draw_legend(image, seen.table, letter_height(image)))
        if self._hud is not None:
            lines = hud_lines(self._hud(), seen, scaled.span, self.measured)
            words.append(draw_hud(image, lines, letter_height(image)))
        drawn = Picture.of(image)
        if picture.deep is None or look.layout != "overlay" or look.grid is not None:
            return drawn
        deep = laid_over(picture, picture.deep, grey, table, look.alpha)
        for box in filter(None, words):
            copy_box(deep, image, box)
        return replace(drawn, deep=deep)

    def _grey(self, picture: Picture, scaled: ScaledDepth) -> NDArray[np.uint8]:
        values, near = scaled.depth.values, scaled.depth.meaning.larger_is_nearer
        if not self.look.refine:
            size = picture.width, picture.height
            return normalise(values, scaled.span, size, larger_is_nearer=near)
        size = values.shape[1], values.shape[0]
        return refine(normalise(values, scaled.span, size, larger_is_nearer=near), luma_of(picture))

    def mark(self, rendered: Rendered, condition: Condition, now: float) -> Rendered:
        """`rendered` with its source's condition, at `now` in seconds of `time.monotonic()`, written on the picture."""
        if condition.state is SourceState.LIVE:
            return replace(rendered, condition=condition)
        picture = Picture.of_bgr(marked(rendered.picture.bgr, condition, now))
        return replace(rendered, picture=picture, condition=condition)

    @property
    def state(self) -> StreamState:
        """All that the next picture depends on, but for the look and the estimate: see `protocols.Restorable`."""
        return self._stream.state

    def restore(self, state: StreamState) -> None:
        """Go on from the `state` of another renderer that was made in the same way."""
        self._stream.restore(state)

    def reset(self) -> None:
        """Forget the stream so far; its look stays."""
        self._stream.reset()

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
    def stabilises(self) -> bool:
        """Whether depth is steadied over time; may be set from any thread, and begins anew each time."""
        return self._stream.is_steadied

    @stabilises.setter
    def stabilises(self, wanted: bool) -> None:
        self._stream.steady(wanted)

    @property
    def range_is_locked(self) -> bool:
        """Whether the depth range is held."""
        return self._stream.is_locked

    def toggle_range_lock(self) -> bool:
        """Hold the present depth range, or let it follow the scene again; returns whether it is held."""
        return self._stream.toggle_lock()

    def toggle_stabilise(self) -> bool:
        """Steady depth over time, or show it as the network gives it; returns whether it is steadied."""
        self.stabilises = not self.stabilises
        return self.stabilises

    def toggle_refine(self) -> bool:
        """Snap the edges of depth to those of the picture, or leave them; returns whether they are snapped."""
        self.look = replace(self.look, refine=not self.look.refine)
        return self.look.refine

    @property
    def span(self) -> DepthRange | None:
        """The values that span the colours of the last picture; None before the first."""
        return self._stream.span


def _after(names: tuple[str, ...], name: str) -> str:
    return names[(names.index(name) + 1) % len(names)]
