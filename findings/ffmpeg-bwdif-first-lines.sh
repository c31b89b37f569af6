#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1.2) beside 19.0.2 (9.0.2): bwdif makes an edge line of 16-bit films other than of 8-bit films.
#
# Guess:     the deinterlacer bwdif gives in 16 bits what it gives in 8, but for rounding, in both releases.
# Behaviour: in 9.0 it is so. In 8.1 the uppermost of the lines that it computes differs in each picture, and in the first picture
#            further lines at both edges; the rest is as in 8 bits. Where the lower field comes first it is the lowest of those lines.
#            Of the 8-bit film three lines of the first picture are other ones in 9.0.
# Seen:      six pictures of 66 x 50 of noise, the same in 8 and in 16 bits; lines, from 0 on, that differ by more than 2 of 255
#                                                      first picture     each other picture
#            upper field first, 8.1, 8 and 16 bits     1, 3, 5, 45       1
#            lower field first, 8.1, 8 and 16 bits     4, 44, 46, 48     48
#            either first, 9.0, 8 and 16 bits          none              none
#            upper field first, 8 bits, 8.1 and 9.0    1, 47, 49         none
#            lower field first, 8 bits, 8.1 and 9.0    0, 2, 48          none
#
# It matters to whoever compares films with references: edges differ between releases, and between depths of colour.
# Fails where that changes. Needs Linux, Python 3.12 or newer (PYTHON=python3.12) and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat >lines.py <<'PYTHON'
import sys
from fractions import Fraction

import av
import numpy as np
from av.filter import Graph

HEIGHT, WIDTH = 50, 66
FILM = np.random.default_rng(3).integers(0, 256, (6, HEIGHT, WIDTH))
KINDS = {"gray": (np.uint8, 1), "gray16le": (np.uint16, 257)}


def deinterlaced(name, parity):
    kind, scale = KINDS[name]
    graph = Graph()
    source = graph.add_buffer(width=WIDTH, height=HEIGHT, format=name, time_base=Fraction(1, 25))
    whole, sink = graph.add("bwdif", f"mode=send_frame:parity={parity}"), graph.add("buffersink")
    source.link_to(whole)
    whole.link_to(sink)
    graph.configure()
    pictures = []
    for number, picture in enumerate([*FILM, None]):
        frame = None
        if picture is not None:
            frame = av.VideoFrame.from_ndarray((picture * scale).astype(kind), name)
            frame.pts, frame.time_base = number, Fraction(1, 25)
        graph.push(frame)
        while True:
            try:
                pictures.append(graph.pull())
            except (BlockingIOError, EOFError):
                break
    assert len(pictures) == len(FILM) and {picture.format.name for picture in pictures} == {name}
    return np.array([picture.to_ndarray() / scale for picture in pictures])


np.savez(sys.argv[1], **{f"{parity} {name}": deinterlaced(name, parity) for parity in ("tff", "bff") for name in KINDS})
PYTHON
cat >compare.py <<'PYTHON'
import numpy as np

OLD, NEW = np.load("18.1.0.npz"), np.load("19.0.2.npz")


def lines(one, other):
    """Of the first picture and of all others, those that differ."""
    first, *others = [np.nonzero((np.abs(a - b) > 2).any(1))[0].tolist() for a, b in zip(one, other, strict=True)]
    assert all(numbers == others[0] for numbers in others)
    return first, others[0]


for parity, (deep, eight) in {"tff": (([1, 3, 5, 45], [1]), [1, 47, 49]), "bff": (([4, 44, 46, 48], [48]), [0, 2, 48])}.items():
    seen = [lines(release[f"{parity} gray"], release[f"{parity} gray16le"]) for release in (OLD, NEW)]
    between = lines(OLD[f"{parity} gray"], NEW[f"{parity} gray"])
    print(parity, seen, between)
    assert seen == [deep, ([], [])]
    assert between == (eight, [])
PYTHON
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6
for version in 18.1.0 19.0.2; do
    venv/bin/pip install --quiet --no-compile --no-deps --target "$version" "av==$version"
    PYTHONPATH=$version venv/bin/python lines.py "$version.npz"
done
venv/bin/python compare.py
