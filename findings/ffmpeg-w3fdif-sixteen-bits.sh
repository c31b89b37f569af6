#!/usr/bin/env bash
# PyAV 18.1.0 and 19.0.2 (FFmpeg 8.1.2, 9.0.2): w3fdif draws a black line into the white of 16-bit pictures, at edges.
#
# Guess:     the deinterlacer w3fdif gives in 10, 12, 14 and 16 bits what it gives in 8, but for rounding: what its curve carries beyond
#            white or below black at an edge is white or black.
# Behaviour: so it is up to 14 bits. In 16 bits what is beyond white is black: a line in the white, one line away from an edge that is
#            strong enough, with both of its curves, with and without vector instructions. What is below black is black.
# Seen:      four pictures of 64 x 48 that do not move, bright below line 21; distance from what 8 bits give, of 255
#                           10 bits   12 bits   14 bits   16 bits
#            0 and 255      0.8       0.9       1.0       255, a line of each second picture
#            20 and 230     0.8       0.9       1.0       255, a line of each second picture
#            60 and 200     0.8       0.9       1.0       1.0
#
# It matters where depth or 16-bit film passes a deinterlacer: beside the nearest is a line of the furthest. bwdif has none.
# Fails where that changes. AV=18.1.0 looks at the older release. Needs Linux, Python 3.12 or newer (PYTHON=python3.12) and the network;
# writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >lines.py <<'PYTHON'
import ctypes
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.filter import Graph

if sys.argv[1] == "plain":
    (library,) = (Path(av.__file__).parents[1] / "av.libs").glob("libavutil*")
    ctypes.CDLL(str(library)).av_force_cpu_flags(0)
HEIGHT, WIDTH, COUNT = 48, 64, 4
DEEP = {"gray10le": 4, "gray12le": 16, "gray14le": 64, "gray16le": 257}


def deinterlaced(name, options, picture):
    graph = Graph()
    source = graph.add_buffer(width=WIDTH, height=HEIGHT, format="gray" if picture.dtype == np.uint8 else name, time_base=Fraction(1, 25))
    whole, sink = graph.add(*options), graph.add("buffersink")
    source.link_to(whole)
    whole.link_to(sink)
    graph.configure()
    pictures = []
    for number in [*range(COUNT), None]:
        frame = None
        if number is not None:
            frame = av.VideoFrame.from_ndarray(picture, "gray" if picture.dtype == np.uint8 else name)
            frame.pts, frame.time_base = number, Fraction(1, 25)
        graph.push(frame)
        while True:
            try:
                pictures.append(graph.pull())
            except (BlockingIOError, EOFError):
                break
    assert {picture.format.name for picture in pictures} == {"gray" if picture.dtype == np.uint8 else name}
    return np.array([picture.to_ndarray() for picture in pictures]).astype(float)


def compare(name, options, dark, bright):
    """How far from what 8 bits give, in levels of 255, and how many lines of a picture are further than 2."""
    picture = np.where(np.arange(HEIGHT)[:, None] < 21, dark, bright).astype(np.uint8).repeat(WIDTH, 1)
    scale = DEEP[name]
    deep = deinterlaced(name, options, picture.astype(np.uint16) * scale) / scale
    moved = np.abs(deep - deinterlaced(name, options, picture))
    return round(float(moved.max()), 1), float((moved > 2).any(2).sum() / len(moved))


for dark, bright in ((0, 255), (20, 230), (60, 200)):
    for curve in ("complex", "simple"):
        seen = {name: compare(name, ("w3fdif", f"filter={curve}"), dark, bright) for name in DEEP}
        print(dark, bright, curve, seen)
        lost = seen.pop("gray16le")
        assert all(level <= 1 and not lines for level, lines in seen.values())
        assert lost == (255, 0.5) if bright - dark > 200 else lost[0] <= 1
    assert compare("gray16le", ("bwdif", ""), dark, bright)[0] <= 1
PYTHON
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 "av==${AV:-19.0.2}"
for way in vector plain; do venv/bin/python lines.py "$way"; done
