#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): `unsharp` leaves pictures of 10, 12 and 16 bits nearly as they are: it is 256 times weaker there.
#
# Guess:     the amount says how many times what the blur takes away is added again, in each depth that the filter lists: 10 bits
#            are sharpened as 8 bits are, finer. Its manual speaks of no depth.
# Behaviour: of 8 bits it is so. Of more, what is added is divided by 256: an edge changes by a level or two of 1024, whatever
#            the amount, negative ones (which blur) included, in luma and chroma. The greatest amount that is allowed is 5, which
#            does not make up for it. Nothing is said.
# Seen:      a step from 0.3 to 0.5; how far the pixels beside it go down and up, in parts of the step
#                            amount 1            amount 5            amount -1
#            yuv420p        -31 %   31 %        -149 %  157 %        31 %  -31 %
#            yuv420p10le    -0.5 %  0.0 %       -1.0 %  0.5 %        0.0 % -0.5 %
#            yuv444p12le    -0.1 %  0.1 %       -0.6 %  0.6 %        0.1 % -0.1 %
#            yuv444p16le    -0.1 %  0.1 %       -0.6 %  0.6 %        0.1 % -0.1 %
#
# It matters since 10 bits are what cameras and phones record in HEVC: what was tuned on films of 8 bits does nothing there.
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

WIDTH, HEIGHT, LOW, HIGH = 96, 64, 0.3, 0.5


def samples(frame, plane):
    """The samples of one plane, as an array that is the plane's own memory."""
    kind = np.uint8 if frame.format.components[0].bits == 8 else np.uint16
    return np.frombuffer(frame.planes[plane], np.uint8).view(kind).reshape(frame.planes[plane].height, -1)


def edge(frame, plane, white):
    """Where the two pixels beside the step are, as parts of white."""
    middle = frame.planes[plane].width // 2
    return samples(frame, plane)[frame.planes[plane].height // 2, middle - 1 : middle + 1] / white


def step(name):
    frame = av.VideoFrame(WIDTH, HEIGHT, name)
    white = 2 ** frame.format.components[0].bits - 1
    for plane in range(len(frame.planes)):
        middle = frame.planes[plane].width // 2
        samples(frame, plane)[:, :middle] = round(LOW * white)
        samples(frame, plane)[:, middle:] = round(HIGH * white)
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    return frame, white


def moved(name, amount, plane=0):
    """How far the pixels beside the step were moved, in parts of the step."""
    frame, white = step(name)
    before = edge(frame, plane, white)
    graph = Graph()
    source = graph.add_buffer(width=WIDTH, height=HEIGHT, format=name, time_base=frame.time_base)
    sharpened, sink = graph.add("unsharp", f"la={amount}:ca={amount}"), graph.add("buffersink")
    source.link_to(sharpened)
    sharpened.link_to(sink)
    graph.configure()
    graph.push(frame)
    result = graph.pull()
    assert result.format.name == name
    return (edge(result, plane, white) - before) / (HIGH - LOW)


for name in ("yuv420p", "yuv420p10le", "yuv422p10le", "yuv444p12le", "yuv444p16le"):
    found = {amount: moved(name, amount) for amount in (1, 5, -1)}
    print(name, *(f"{amount}: {down:+.1%} {up:+.1%}" for amount, (down, up) in found.items()))
    if name == "yuv420p":
        assert np.allclose(found[1], (-0.31, 0.31), atol=0.02)
        assert np.allclose(found[5], (-1.49, 1.57), atol=0.1)
        assert np.allclose(found[-1], (0.31, -0.31), atol=0.02)
        assert np.allclose(np.abs(moved(name, 1, plane=1)), 0.31, atol=0.02)
    else:
        assert all(np.abs(parts).max() < 0.012 for parts in found.values())
        assert np.abs(moved(name, 1, plane=1)).max() < 0.012
PYTHON
