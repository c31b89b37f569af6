#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): the filter `lut` takes 65280 for the white of 16-bit grey, and 1020 for that of 10 bits.
#
# Guess:     `lut=y=val` changes nothing and `lut=y=negval` turns black and white round, in every depth which the filter
#            takes: its manual says that negval is maxval - clipval + minval, and grey has no other range in FFmpeg than the
#            full one.
# Behaviour: of 8 bits it is so. Of more, maxval is 255 shifted to the left: the brightest values are cut off even by the
#            identity, and the inverse of 0 is no white. The filter `negate` is right in the same formats.
# Seen:                      maxval     val of white   negval of 0   negate of 0
#            gray            255        255            255           255
#            gray10le        1020       1020           1020          1023
#            gray12le        4080       4080           4080          4095
#            gray16le        65280      65280          65280         65535
#
# It matters where depth is turned into its inverse in a filter graph: the nearest 0.4 % of the range become one value.
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
from av.video.reformatter import ColorRange

WIDTH = HEIGHT = 16


def filtered(layout, value, name, argument):
    """What the filter makes of a full-range picture of that value."""
    graph = Graph()
    steps = [
        graph.add_buffer(width=WIDTH, height=HEIGHT, format=layout, time_base=Fraction(1, 25)),
        graph.add(name, argument),
        graph.add("buffersink"),
    ]
    for one, other in zip(steps, steps[1:]):
        one.link_to(other)
    graph.configure()
    kind = "u1" if layout == "gray" else "<u2"
    frame = av.VideoFrame(WIDTH, HEIGHT, layout)
    frame.pts, frame.time_base, frame.color_range = 0, Fraction(1, 25), ColorRange.JPEG
    plane = frame.planes[0]
    plane.update(np.full(plane.buffer_size // np.dtype(kind).itemsize, value, kind).tobytes())
    steps[0].push(frame)
    steps[0].push(None)
    result = graph.pull()
    assert result.format.name == layout  # the filter takes it as it is
    return int(np.frombuffer(result.planes[0], kind)[0])


for layout, white, cut in (
    ("gray", 255, 255),
    ("gray10le", 1023, 1020),
    ("gray12le", 4095, 4080),
    ("gray16le", 65535, 65280),
):
    found = [
        filtered(layout, 0, "lut", "y=maxval"),
        filtered(layout, white, "lut", "y=val"),
        filtered(layout, 0, "lut", "y=negval"),
        filtered(layout, 0, "negate", ""),
    ]
    print(f"{layout}: maxval, val of white, negval of 0: {found[:3]}, negate of 0: {found[3]}")
    assert found == [cut, cut, cut, white]
PYTHON
