#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): ten modes of the filter `blend` turn bright into dark, or dark into bright, in 16-bit grey.
#
# Guess:     a mode of `blend` is one formula, stated for the range of the format: 16-bit grey gives what 8-bit grey gives,
#            finer, and what goes beyond white or black stays there.
# Behaviour: up to 12 bits it is so. In gray16le burn, divide, dodge, freeze, glow, hardoverlay, heat, reflect,
#            softdifference and vividlight wrap: from where the result would be cut off, it begins anew at the other end.
#            average, screen, overlay, multiply, softlight, difference and others are right.
# Seen:      a picture of 0.5 (reflect 0.75, burn 0.25) over a ramp of 0, 1/15 ... 1; its 2nd, 8th, 9th and 15th value
#            dodge     8 bits 0.13 0.94 1    1       16 bits 0.13 0.93 0.07 0.87
#            burn      8 bits 0    0    0    0.73    16 bits 0.27 0.87 0    0.73
#            reflect   8 bits 0.60 1    1    1       16 bits 0.53 0.18 0.06 0.44
#
# It matters where depth of 16 bits, or a picture graded by it, is laid over another in a filter graph.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
venv/bin/python - <<'PYTHON'
from fractions import Fraction

import av
import numpy as np
from av.filter import Graph

SIDE = 16
WHITE = {"gray": 255, "gray12le": 4095, "gray16le": 65535}
WRAPS = "burn divide dodge freeze glow hardoverlay heat reflect softdifference vividlight".split()
RIGHT = "average screen overlay multiply softlight difference darken lighten hardlight linearlight pinlight".split()


def frame(layout, values):
    picture = av.VideoFrame(SIDE, SIDE, layout)
    plane, kind = picture.planes[0], np.dtype("u1" if layout == "gray" else "<u2")
    padded = np.zeros((SIDE, plane.line_size // kind.itemsize), kind)
    padded[:, :SIDE] = np.rint(values * WHITE[layout])
    plane.update(padded.tobytes())
    picture.pts, picture.time_base = 0, Fraction(1, 25)
    return picture


def blended(layout, mode, top):
    """The first row of a flat picture blended with a ramp; 1 is white."""
    graph = Graph()
    inputs = [
        graph.add_buffer(width=SIDE, height=SIDE, format=layout, time_base=Fraction(1, 25)) for _ in range(2)
    ]
    blend, sink = graph.add("blend", f"all_mode={mode}"), graph.add("buffersink")
    for number, one in enumerate(inputs):
        one.link_to(blend, 0, number)
    blend.link_to(sink)
    graph.configure()
    for one, values in zip(inputs, (np.full(SIDE, top), np.linspace(0, 1, SIDE))):
        one.push(frame(layout, values))
        one.push(None)
    plane = graph.pull().planes[0]
    return np.frombuffer(plane, "u1" if layout == "gray" else "<u2")[:SIDE] / WHITE[layout]


def furthest(mode, layout):
    return max(np.abs(blended(layout, mode, top) - blended("gray", mode, top)).max() for top in (0.25, 0.5, 0.75))


for mode, top, expected in (
    ("dodge", 0.5, [0.13, 0.93, 0.07, 0.87]),
    ("burn", 0.25, [0.27, 0.87, 0.0, 0.73]),
    ("reflect", 0.75, [0.53, 0.18, 0.06, 0.44]),
):
    eight, sixteen = (blended(layout, mode, top)[[1, 7, 8, 14]].round(2) for layout in ("gray", "gray16le"))
    print(f"{mode}: 8 bits {eight.tolist()}, 16 bits {sixteen.tolist()}")
    assert np.abs(sixteen - expected).max() <= 0.015
for mode in WRAPS:
    assert furthest(mode, "gray12le") < 0.03, mode
    assert furthest(mode, "gray16le") > 0.6, mode
for mode in RIGHT:
    assert furthest(mode, "gray16le") < 0.03, mode
print("wrap in 16 bits:", *WRAPS)
PYTHON
