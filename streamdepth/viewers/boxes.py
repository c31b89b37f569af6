"""Depth of boxes that a detector elsewhere found in a picture.

    {"boxes": [[40, 60, 120, 200], {"box": [300, 20, 50, 80], "label": "person"}], "size": [640, 480]}

Boxes are X, Y, WIDTH, HEIGHT in pixels of a picture of `size`, by default the source's; what else an object says comes
back with its answer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import Rendered
from streamdepth.http.refusal import Refused
from streamdepth.pixels import Picture
from streamdepth.rendering.depth_at import promise_of
from streamdepth.zones.figures import Box, of_box
from streamdepth.zones.sight import sight_of

Wanted = tuple[float, float, float, float]
"""X, Y, WIDTH, HEIGHT as they were sent."""
MOST_BOXES = 256
_OF_DISTANCES = ("median", "mean", "least", "percentile_5")
LONGEST = 64 * 1024
"""Bytes of a request."""
_FORM = 'send {"boxes": [[X, Y, WIDTH, HEIGHT], ...]}, and "size": [WIDTH, HEIGHT] of the picture that they are in'


def depth_in_boxes(rendered: Rendered, wanted: Mapping[str, object]) -> dict[str, Any]:
    """What `/api/boxes` answers for one picture; raises `Refused`.

    Of each box the figures of depth as it is shown (`values`, in the units of the map) and, of a camera whose distances
    are known, of `metres`; None where it lies in bars, or where metres are withheld. `within` is the share by which
    the distances foretold each other.
    """
    given, size = wanted.get("boxes"), wanted.get("size")
    if set(wanted) - {"boxes", "size"} or not isinstance(given, list):
        raise Refused(400, _FORM)
    if len(given) > MOST_BOXES:
        raise Refused(413, f"ask for at most {MOST_BOXES} boxes at once")
    frame, sight = rendered.estimate.frame, sight_of(rendered, with_luma=False)
    scale = _scale(size, frame.picture)
    answers = []
    for one in given:
        box, more = _read(one)
        inside = _inside(box, scale, frame.picture)
        answer = {**more, "box": list(box), "values": _figures(rendered.depth.values, inside, frame.picture)}
        if sight.metres is not None or rendered.measured is not None:
            metres = _figures(sight.metres, inside, frame.picture)
            answer["metres"] = metres and {name: metres[name] for name in _OF_DISTANCES}
        answers.append(answer)
    about = {"frame": frame.index, "pts": round(float(frame.pts), 6), "meaning": rendered.depth.meaning.value}
    return {**about, **promise_of(rendered.measured), "boxes": answers}


def _figures(
    values: NDArray[np.float32] | None, box: Box | None, picture: Picture
) -> dict[str, float] | None:
    """As `of_box`, of what is inside the bars."""
    if values is None or box is None:
        return None
    content = picture.content
    figures = of_box(values, box, (content.width, content.height))
    return {name: round(value, 4) for name, value in figures.items() if name != "box"}


def _inside(box: Wanted, scale: tuple[float, float], picture: Picture) -> Box | None:
    """The pixels of what is inside the bars that a box touches; None where there are none."""
    content, inner = picture.content, picture.inner
    left, top = (0, 0) if inner is None else (inner.left, inner.top)
    x0, y0 = math.floor(box[0] * scale[0]) - left, math.floor(box[1] * scale[1]) - top
    x1 = math.ceil((box[0] + box[2]) * scale[0]) - left
    y1 = math.ceil((box[1] + box[3]) * scale[1]) - top
    x0, y0, x1, y1 = max(0, x0), max(0, y0), min(content.width, x1), min(content.height, y1)
    return Box(x0, y0, x1 - x0, y1 - y0) if x0 < x1 and y0 < y1 else None


def _scale(size: Any, picture: Picture) -> tuple[float, float]:
    """From pixels of a picture of `size` to those of the source's."""
    if size is None:
        return 1.0, 1.0
    if not _are_numbers(size, 2) or min(size) < 1:
        raise Refused(400, _FORM)
    return picture.width / size[0], picture.height / size[1]


def _read(one: Any) -> tuple[Wanted, dict[str, Any]]:
    """A box, and what else was said of it."""
    more = {name: value for name, value in one.items() if name != "box"} if isinstance(one, dict) else {}
    box: Any = one.get("box") if isinstance(one, dict) else one
    if not _are_numbers(box, 4) or box[2] <= 0 or box[3] <= 0:
        raise Refused(400, _FORM)
    return (box[0], box[1], box[2], box[3]), more


def _are_numbers(value: Any, count: int) -> bool:
    is_list = isinstance(value, list) and len(value) == count
    return is_list and all(
        isinstance(one, int | float) and not isinstance(one, bool) and abs(one) < 1e6 for one in value
    )
