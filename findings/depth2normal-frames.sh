#!/usr/bin/env bash
# depth2normal 2.0.1 (PyPI): a film of depth turns flat in the frame in which something passes 1 m, or 255 mm.
#
# Guess:     depth_range="auto" takes the divisor from the kind of numbers (floats, 8 bits, 16 bits): its documentation says that it
#            "stays consistent across the frames of a sequence". One slope has one normal in all frames of a film, and
#            invert=True turns it to the other side.
# Behaviour: the divisor comes from the greatest number of the one picture: up to 1 all is multiplied by 255, up to 255 it is left, beyond
#            that divided by 257, and beyond 65535 stretched to its own ends. The type is not looked at. One pixel changes the slopes of the
#            whole picture by 255 or 257 times. invert=True first takes all away from the greatest number, so that the range decides: what
#            lies within 255 mm is 257 times as steep as without, and a steep wall comes out flatter than a gentle one. "raw" is right.
# Seen:      the same wall in each picture, its normal (x, y, z) in 8 bits; flat is 127 127 255
#            float32, metres, greatest number 0.99, 1.01       8 127 174     126 127 254
#            uint16, millimetres, greatest 255, 256            13 127 184    126 127 254
#            floats, millimetres, greatest 65535, 65536        126 127 254   121 127 254
#            uint16, 10 mm a pixel from 1000 to 1150: as it is 122 127 254, inverted 254 127 140
#            uint16, 20 mm a pixel from 1000 to 1300: as it is 117 127 254, inverted 137 127 254
#
# It matters for who makes a control film of normals out of depth: the relief of all that stands still goes out and comes back.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pillow==12.3.0 depth2normal==2.0.1
venv/bin/python - <<'PYTHON'
import numpy as np
from depth2normal import depth_to_normal

PIXELS = np.tile(np.arange(24), (16, 1))


def normal(depth, **how):
    return depth_to_normal(depth, method="sobel", **how)[8, 12].tolist()


def frame(slope, greatest, kind):
    """The same wall each time, and in one corner something at the greatest distance."""
    depth = (slope[0] + slope[1] * PIXELS).astype(kind)
    depth[0, 0] = greatest
    return depth


for slope, kind, cases in (
    ((0.5, 0.01), np.float32, {0.99: [8, 127, 174], 1.01: [126, 127, 254]}),
    ((100, 2), np.uint16, {255: [13, 127, 184], 256: [126, 127, 254]}),
    ((1000, 2), np.float64, {65535: [126, 127, 254], 65536: [126, 127, 254]}),
):
    for greatest, expected in cases.items():
        picture = frame(slope, greatest, kind)
        found = normal(picture)
        print(f"{np.dtype(kind)}, greatest {greatest}: {found}; raw {normal(picture, depth_range='raw')}")
        assert found == expected
        assert normal(picture, depth_range="raw") == normal(frame(slope, slope[0], kind), depth_range="raw")
for step, straight, inverted in ((10, [122, 127, 254], [254, 127, 140]), (20, [117, 127, 254], [137, 127, 254])):
    wall = (1000 + step * PIXELS[:, :16]).astype(np.uint16)
    print(f"{step} mm a pixel: {normal(wall)}, inverted {normal(wall, invert=True)}")
    assert normal(wall) == straight and normal(wall, invert=True) == inverted
PYTHON
