"""Depth itself on disk: 16-bit PNG, with a JSON sidecar that says how to get the values back."""

from __future__ import annotations

import json
from dataclasses import astuple
from pathlib import Path
from typing import Any

from streamdepth.depthfiles.sixteen_bits import Quantised, facts_of, quantise
from streamdepth.frames import DepthMap, Rendered, SourceInfo
from streamdepth.sinks.picture_files import PlacedSink, encode, picture_place


class DepthSink(PlacedSink):
    """Writes the depth map of each frame as a 16-bit grey PNG and a JSON file of the same name.

    It is the depth that is shown, steadied where the renderer does that; with `raw`, what the network gave.

    `path` is a .png for one image, else a folder, which is made where only its last part is missing; in it a frame
    is named as its image, or by its index (`000123.png`). Maps stay in the size in which the network made them;
    `source_width` and `source_height` in the JSON are the picture's, and where that has black bars, `source_inner` is
    the part of it that the depth is of: left, top, width and height. A new .png always has its .json.

    Raises UsageError where one .png is to hold several frames, `path` has another suffix, or is the input;
    SinkError where the place cannot be written; DiskFull.
    """

    def __init__(self, path: Path, info: SourceInfo, *, raw: bool = False) -> None:
        self._raw = raw
        super().__init__(picture_place(path, info, [".png", ".json"], accepted=[".png"]))

    def write(self, rendered: Rendered) -> None:
        """Write one depth map; of a picture that only stands in there is none."""
        if rendered.is_stand_in:
            return
        depth = rendered.estimate.depth if self._raw else rendered.depth
        quantised = quantise(depth.values)
        with self._place.entry(rendered.estimate.frame) as (picture, sidecar):
            # The sidecar first: a PNG that is there can be read.
            self._place.put(sidecar, json.dumps(_facts(rendered, depth, quantised), indent=2).encode())
            self._place.put(picture, encode(quantised.pixels, ".png"))


def _facts(rendered: Rendered, depth: DepthMap, quantised: Quantised) -> dict[str, Any]:
    frame = rendered.estimate.frame
    inner = frame.picture.inner
    return {
        **facts_of(depth, quantised),
        "source_width": frame.picture.width,
        "source_height": frame.picture.height,
        **({} if inner is None else {"source_inner": list(astuple(inner))}),
        "pts": f"{frame.pts.numerator}/{frame.pts.denominator}",
        "index": frame.index,
    }
