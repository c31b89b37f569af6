#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1, x86 with AVX2): v360 turns the white of 16-bit pictures into black, as it works by default.
#
# Guess:     v360 turns and unfolds pictures of all directions. What is white everywhere is white from everywhere, in 16 bits as
#            in 8, 10 and 12 bits: the four weights of the default, which is linear, add up to one, or what is beyond white stays
#            there.
# Behaviour: the weights add up to one, to 1.00006 or to 1.00012. In 16 bits that is up to 8 levels beyond white, and the code for
#            AVX2 begins anew at black there, in gray16le, gbrp16le and rgb48le, whatever the projections. In FFmpeg's
#            code without vector instructions white stays white, and so it does with interp=cubic or near, and with fewer
#            bits.
# Seen:      480 x 240 of white, turned; how much of the picture is at most 6
#                         gray  gray10le  gray12le  gray16le  gray16le without AVX2
#            e:e          0 %   0 %       0 %       84 %      0 %
#            e:flat       0 %   0 %       0 %       83 %      0 %
#            e:c3x2       0 %   0 %       0 %       83 %      0 %
#            interp=cubic 0 %   0 %       0 %       0 %       0 %
#
# It matters for maps of depth: the furthest, or what stands for "no end" (65535), becomes the nearest, or a hole.
# Fails where that changes. Needs Linux on x86-64 with AVX2, Python 3.11 or newer and the network; writes to a temporary
# folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
cat > turn.py <<'PYTHON'
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
WHITE = {"gray": 255, "gray10le": 1023, "gray12le": 4095, "gray16le": 65535, "gbrp16le": 65535, "rgb48le": 65535}
WAYS = "e:e:yaw=33.3", "e:flat:yaw=30", "e:c3x2:yaw=30", "e:e:yaw=33.3:interp=cubic", "e:e:yaw=33.3:interp=near"


def dark(way, name):
    """How much of a white picture has at most 6 in place of white."""
    shape = (240, 480) + (() if name.startswith("gray") else (3,))
    frame = av.VideoFrame.from_ndarray(np.full(shape, WHITE[name], np.uint8 if name == "gray" else np.uint16), name)
    frame.pts, frame.time_base = 0, Fraction(1, 25)
    graph = Graph()
    source = graph.add_buffer(width=480, height=240, format=name, time_base=frame.time_base)
    turned, sink = graph.add("v360", way), graph.add("buffersink")
    source.link_to(turned)
    turned.link_to(sink)
    graph.configure()
    graph.push(frame)
    result = graph.pull().reformat(format=name).to_ndarray()
    assert np.all((result <= 6) | (result >= WHITE[name] * 0.99))
    return float(np.mean(result <= 6))


for way in WAYS:
    found = {name: dark(way, name) for name in WHITE}
    print(sys.argv[1], way, {name: round(part, 2) for name, part in found.items()})
    for name, part in found.items():
        if sys.argv[1] == "plain" or WHITE[name] < 65535 or "interp" in way:
            assert part == 0
        else:
            assert 0.8 < part < 0.9
PYTHON
grep -q -w avx2 /proc/cpuinfo
venv/bin/python turn.py avx2
venv/bin/python turn.py plain
