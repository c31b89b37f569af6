"""The head-up display: the figures of the run, written on the picture."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from streamdepth.counted import per_second
from streamdepth.frames import BEYOND, DepthRange, Measured
from streamdepth.imaging.patches import Box, draw_on, shape_of
from streamdepth.imaging.text import darken, fitting, put_text, text_width
from streamdepth.pixels import I420, BGRImage
from streamdepth.rendering.colormaps import Colours
from streamdepth.values import dataclass

GROUND = 0.4
"""Share of its light that the ground of the text keeps."""


@dataclass(frozen=True)
class HudFigures:
    """What the head-up display shows of the run."""

    rate: float
    """Inferences a second."""
    latency: float | None
    """Seconds from capture to the sink's return; None of what is not live, where it means nothing."""
    dropped: int
    pictures: float | None = None
    """Pictures shown a second, where they are more than the inferences."""


def letter_height(image: BGRImage | I420) -> int:
    """Letters that can be read at any picture size: a 32nd of the height, 11 to 40 pixels."""
    return int(np.clip(shape_of(image)[0] / 32, 11, 40))


def hud_lines(
    figures: HudFigures, seen: Colours | None, span: DepthRange, measured: Measured | None = None
) -> tuple[str, ...]:
    """What the head-up display says; `measured` is what is known of the distances in the picture.

    `seen` are the colours of depth in it, None where there are none.
    """
    return (
        "   ".join((*_known(figures), f"{figures.dropped} dropped")),
        f"{'' if seen is None else f'{seen.name}   '}range {span.low:.3g} to {span.high:.3g}",
        *([] if measured is None else [_distances(span, measured)]),
    )


def draw_hud(image: BGRImage | I420, lines: tuple[str, ...], size: int) -> Box:
    """Write `lines` into the top left corner of `image`, in letters `size` high, on darkened ground; returns where."""
    size = fitting(size, lambda at: _width(lines, at), shape_of(image)[1])
    width, height = _width(lines, size), round(len(lines) * size * 1.4 + size * 0.6)
    box = slice(height + height % 2), slice(width + width % 2)
    draw_on(image, box, lambda patch: _write_lines(patch, lines, size))
    return box


def _distances(span: DepthRange, measured: Measured) -> str:
    """What the ends of the range are in metres, and how far to trust that."""
    if measured.depth is None:
        return f"no metres: {measured.reason}"
    within = "" if measured.error is None else f", within {measured.error:.0%}"
    ends = ""
    if measured.inverse is not None:
        scale, shift = measured.inverse
        near, far = sorted(_metres(scale * end + shift) for end in (span.low, span.high))
        ends = f"{near:.3g} to {far:.3g} m" if far < BEYOND else f"from {near:.3g} m on"
    return f"{ends or 'metres'}{within}"


def _metres(inverse: float) -> float:
    return 1.0 / max(inverse, 1.0 / BEYOND)


def _known(figures: HudFigures) -> Iterator[str]:
    """Those that are known: with the first picture there is none yet, and while the source is away none."""
    if figures.rate:
        yield f"{per_second(figures.rate)} depth maps/s"
    if figures.pictures is not None:
        yield f"{per_second(figures.pictures)} pictures/s"
    if figures.latency is not None:
        yield f"{figures.latency * 1000:.0f} ms"


def _width(lines: tuple[str, ...], size: int) -> int:
    return max(text_width(line, size) for line in lines) + size


def _write_lines(patch: BGRImage, lines: tuple[str, ...], size: int) -> None:
    darken(patch, GROUND)
    for row, line in enumerate(lines):
        put_text(patch, line, size // 2, round((row + 1) * size * 1.4), size)
