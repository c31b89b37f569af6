"""Depth itself on disk: 16-bit PNG, with a JSON sidecar that says how to get the values back."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamdepth.frames import Rendered, SourceInfo
from streamdepth.sinks.picture_files import PlacedSink, encode, picture_place

LARGEST_PIXEL = 65535


@dataclass(frozen=True, eq=False)
class Quantised:
    """A map in 16 bits: `value = offset + scale * pixel`, within half a `scale` of what it was."""

    pixels: NDArray[np.uint16]
    scale: float
    offset: float


def quantise(values: NDArray[np.float32]) -> Quantised:
    """Spread finite (h, w) values over 0..65535, the least at 0; a constant map is all 0, with `scale` 0."""
    exact = values.astype(np.float64)
    low, high = float(exact.min()), float(exact.max())
    scale = (high - low) / LARGEST_PIXEL
    steps = (exact - low) / scale if scale else np.zeros_like(exact)
    return Quantised(np.rint(steps).astype(np.uint16), scale, low)


class DepthSink(PlacedSink):
    """Writes the depth map of each frame as a 16-bit grey PNG and a JSON file of the same name.

    `path` is a .png for one image, else a folder, which is made where only its last part is missing; in it a frame
    is named as its image, or by its index (`000123.png`). Maps stay in the size in which the network made them;
    `source_width` and `source_height` in the JSON are the picture's, and where that has black bars, `source_inner` is
    the part of it that the depth is of: left, top, width and height. A new .png always has its .json.

    Raises UsageError where one .png is to hold several frames, `path` has another suffix, or is the input;
    SinkError where the place cannot be written; DiskFull.
    """

    def __init__(self, path: Path, info: SourceInfo) -> None:
        super().__init__(picture_place(path, info, [".png", ".json"], accepted=[".png"]))

    def write(self, rendered: Rendered) -> None:
        """Write one depth map; of a picture that only stands in there is none."""
        if rendered.is_stand_in:
            return
        quantised = quantise(rendered.estimate.depth.values)
        with self._place.entry(rendered.estimate.frame) as (picture, sidecar):
            # The sidecar first: a PNG that is there can be read.
            self._place.put(sidecar, json.dumps(_facts(rendered, quantised), indent=2).encode())
            self._place.put(picture, encode(quantised.pixels, ".png"))


def _facts(rendered: Rendered, quantised: Quantised) -> dict[str, Any]:
    frame, depth = rendered.estimate.frame, rendered.estimate.depth
    height, width = depth.values.shape
    inner = frame.picture.inner
    return {
        "formula": f"{depth.meaning.name.lower()}_depth = offset + scale * pixel",
        "scale": quantised.scale,
        "offset": quantised.offset,
        "meaning": depth.meaning.value,
        "width": width,
        "height": height,
        "source_width": frame.picture.width,
        "source_height": frame.picture.height,
        **({} if inner is None else {"source_inner": list(astuple(inner))}),
        "pts": f"{frame.pts.numerator}/{frame.pts.denominator}",
        "index": frame.index,
    }
