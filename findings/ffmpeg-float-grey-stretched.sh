#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): float grey becomes 16-bit grey with its range cut at both ends; 8-bit grey does not.
#
# Guess:     grayf32le is 0 to 1, gray16le is 0 to 65535, and grey is full range in FFmpeg: the conversion multiplies.
# Behaviour: to gray (8 bits) it does. To gray9le up to gray16le, and to RGB, they are taken for video range and spread:
#            what is below 16/255 becomes 0, what is above 235/255 becomes white, and the rest is moved. A range tag
#            on the frame, or in_range=full:out_range=full of the filter `scale`, changes nothing. Back from gray16le
#            to floats nothing is spread, so that there and back is off by up to 0.08. flags=unstable, the new code of
#            libswscale, multiplies. FFmpeg 5.1 does the same as 8.1.
# Seen:      0.0627 0.2510 0.5020 0.8784 1.0000 as floats, times 65535: 4112 16448 32896 57568 65535
#            gray               16 64 128 224 255: as it should be
#            gray16le           19 14439 33665 62505 65535
#            gray16le, tagged   the same
#            gray16le, unstable 4112 16448 32896 57568 65535: as it should be
#
# It matters to who makes a film of depth in EXR or PFM (`-pix_fmt gray16le`): an eighth of the range is lost, unseen.
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

WIDTH, HEIGHT = 256, 16
RAMP = np.linspace(0, 1, WIDTH).astype("<f4")
SHOWN = [16, 64, 128, 224, 255]


def floats(tagged):
    """A frame of the ramp, perhaps tagged as full range."""
    frame = av.VideoFrame(WIDTH, HEIGHT, "grayf32le")
    plane = frame.planes[0]
    padded = np.zeros((HEIGHT, plane.line_size // 4), "<f4")
    padded[:, :WIDTH] = RAMP
    plane.update(padded.tobytes())
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    if tagged:
        frame.color_range = ColorRange.JPEG
    return frame


def converted(layout, scale, tagged):
    """The first row after the filter `scale` with such settings."""
    graph = Graph()
    steps = [
        graph.add_buffer(width=WIDTH, height=HEIGHT, format="grayf32le", time_base=Fraction(1, 25)),
        graph.add("scale", scale),
        graph.add("format", layout),
        graph.add("buffersink"),
    ]
    for one, other in zip(steps, steps[1:]):
        one.link_to(other)
    graph.configure()
    steps[0].push(floats(tagged))
    steps[0].push(None)
    return np.frombuffer(graph.pull().planes[0], "u1" if layout == "gray" else "<u2")[:WIDTH].astype(int)


exact = {"gray": np.round(RAMP * 255.0), "gray16le": np.round(RAMP * 65535.0)}
spread = np.clip((exact["gray16le"] - 16 * 256) / ((235 - 16) * 256), 0, 1) * 65535
for layout, scale, tagged, expected in (
    ("gray", "", False, exact["gray"]),
    ("gray16le", "", False, spread),
    ("gray16le", "", True, spread),
    ("gray16le", "in_range=full:out_range=full", True, spread),
    ("gray16le", "flags=unstable", False, exact["gray16le"]),
):
    row = converted(layout, scale, tagged)
    print(f"{layout} {scale} {'tagged' if tagged else ''}: {row[SHOWN].tolist()}")
    assert np.abs(row - expected).max() <= (4 if expected is spread else 1)
back = np.frombuffer(floats(True).reformat(format="gray16le").reformat(format="grayf32le").planes[0], "<f4")[:WIDTH]
print(f"there and back: off by up to {np.abs(back - RAMP).max():.3f}")
assert 0.06 < np.abs(back - RAMP).max() < 0.1
PYTHON
