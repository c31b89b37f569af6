"""The depth at a point of a picture that is shown."""

from __future__ import annotations

import numpy as np

from streamdepth.frames import Measured, Rendered
from streamdepth.rendering.bars import point_inside
from streamdepth.rendering.layouts.layout import Point
from streamdepth.rendering.layouts.registry import layout_of_size


def depth_at(rendered: Rendered, x: float, y: float, *, drawn: bool = True) -> dict[str, float | str | None]:
    """`depth`, the value there, and `nearer_than`, the share of the picture that is farther.

    Where depth has that unit, `metres`, of a calibrated camera with the fields of `promise_of`; None where they are
    withheld. `x` and `y` are shares of the width and height of the shown picture, or of the source's where that is not
    `drawn`, each 0..1. Where nothing of the source's picture is shown, as in its black bars, `depth` is None.
    """
    point = _point_of_map(rendered, (x, y), drawn=drawn)
    if point is None:
        return {"depth": None}
    values = rendered.depth.values
    height, width = values.shape
    place = min(int(point[1] * height), height - 1), min(int(point[0] * width), width - 1)
    value = values[place]
    farther = values < value if rendered.depth.meaning.larger_is_nearer else values > value
    return {
        "depth": round(float(value), 4),
        "nearer_than": round(float(np.mean(farther)), 3),
        **_metres_at(rendered, place),
    }


def promise_of(measured: Measured | None) -> dict[str, float | str | None]:
    """How far metres of a calibrated camera can be trusted: `within` is a share; or why they are `withheld`."""
    if measured is None:
        return {}
    if measured.depth is None:
        return {"withheld": measured.reason}
    return {} if measured.error is None else {"within": round(measured.error, 3)}


def source_point(rendered: Rendered, shown: Point) -> Point | None:
    """Where a point of the shown picture is in the source's, both in shares; None where that is not shown there."""
    picture = rendered.estimate.frame.picture
    layout = layout_of_size(
        (rendered.picture.width, rendered.picture.height), (picture.width, picture.height)
    )
    # A picture that no layout of ours drew is taken to show the source's as it is.
    return shown if layout is None else layout.point(shown)


def _metres_at(rendered: Rendered, place: tuple[int, int]) -> dict[str, float | str | None]:
    metres, measured = rendered.metres, rendered.measured
    if metres is None:
        return {} if measured is None else {"metres": None, **promise_of(measured)}
    return {"metres": round(float(metres[place]), 3), **promise_of(measured)}


def _point_of_map(rendered: Rendered, shown: Point, *, drawn: bool) -> Point | None:
    point = source_point(rendered, shown) if drawn else shown
    return None if point is None else point_inside(rendered.estimate.frame.picture, *point)
