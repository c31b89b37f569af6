#!/usr/bin/env bash
# x264 (core 165, in the FFmpeg 8.1 of PyAV 18.1.0) encodes the same pictures to other packets by what memory held before.
#
# Guess:     the same pictures and settings on one thread give the same packets on one processor, always.
# Behaviour: on a processor with AVX-512, with the macroblock tree, they depend on what malloc's memory holds (glibc's
#            M_PERTURB fills it), where the picture's width is not a multiple of 128 pixels. Without AVX-512
#            (asm=AVX2,FMA3,BMI2,LZCNT), without assembly or without the tree they do not.
# Seen:      64x48: 2 films of 4; with asm=AVX2,FMA3,BMI2,LZCNT: 1; with mbtree=0: 1; 128x48: 1
#
# Fails where that changes. Needs Linux with glibc, AVX-512, Python 3.11 or newer and the network; writes to a temporary
# folder only.
set -euo pipefail
grep -q avx512f /proc/cpuinfo || { echo "this processor has no AVX-512"; exit 1; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
cat >films.py <<'PYTHON'
import ctypes
from fractions import Fraction

import av
import numpy as np

M_PERTURB = -6
libc = ctypes.CDLL(None)


def film(width, settings, octet):
    libc.mallopt(M_PERTURB, octet)
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = width, 48, "yuv420p", Fraction(1, 25)
    encoder.thread_count = 1
    encoder.options = {"preset": "superfast", "x264-params": f"mbtree=1:rc-lookahead=10{settings}"}
    packets = []
    for number in range(40):
        picture = np.random.default_rng(number // 35).integers(20, 110, (72, width)).astype(np.uint8)
        picture[10:30, number % 44 : number % 44 + 20] = 220
        frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
        frame.pts = number
        packets += encoder.encode(frame)
    return b"".join(bytes(packet) for packet in packets + encoder.encode(None))


seen = {}
for width, settings in ((64, ""), (64, ":asm=AVX2,FMA3,BMI2,LZCNT"), (64, ":mbtree=0"), (128, "")):
    seen[width, settings] = len({film(width, settings, octet) for octet in (0, 85, 170, 255)})
    print(f"{width}x48{settings}: {seen[width, settings]} of 4")
assert seen.pop((64, "")) > 1
assert set(seen.values()) == {1}
PYTHON
venv/bin/python films.py
