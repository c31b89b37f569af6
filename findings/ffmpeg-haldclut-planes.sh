#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): haldclut mixes up the channels of planar pictures.
#
# Guess:     a table that changes nothing changes nothing, in every pixel format that the filter takes.
# Behaviour: of packed pixels (rgb48) it does; of planes (gbrp16) blue comes out green.
# Seen:      rgb48le   blue stays (0, 0, 65535)
#            gbrp16    blue becomes (0, 65535, 0)
#
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

LEVEL = 4
SIDE = LEVEL**3


def identity():
    """A Hald picture: red runs fastest."""
    values = np.round(np.linspace(0, 65535, LEVEL**2)).astype(np.uint16)
    blue, green, red = np.meshgrid(values, values, values, indexing="ij")
    return np.stack([red, green, blue], -1).reshape(SIDE, SIDE, 3)


def mapped(layout):
    """A blue picture after the filter, as (R, G, B) of its first pixel."""
    graph = Graph()
    main = graph.add_buffer(width=16, height=16, format="rgb48le", time_base=Fraction(1, 25))
    table = graph.add_buffer(width=SIDE, height=SIDE, format="rgb48le", time_base=Fraction(1, 25))
    first, second = graph.add("format", layout), graph.add("format", layout)
    look, last, end = graph.add("haldclut", "clut=first"), graph.add("format", "rgb48le"), graph.add("buffersink")
    main.link_to(first)
    table.link_to(second)
    first.link_to(look, 0, 0)
    second.link_to(look, 0, 1)
    look.link_to(last)
    last.link_to(end)
    graph.configure()
    pictures = {main: np.full((16, 16, 3), (0, 0, 65535), np.uint16), table: identity()}
    for buffer, picture in pictures.items():
        frame = av.VideoFrame.from_ndarray(picture, "rgb48le")
        frame.pts, frame.time_base = 0, Fraction(1, 25)
        buffer.push(frame)
        buffer.push(None)
    return tuple(graph.pull().to_ndarray()[0, 0].tolist())


for layout, expected in (("rgb48le", (0, 0, 65535)), ("gbrp16le", (0, 65535, 0))):
    seen = mapped(layout)
    print(f"{layout}: {seen}")
    assert seen == expected, f"expected {expected}"
PYTHON
