#!/usr/bin/env bash
# PyAV 18.1.0 (FFmpeg 8.1): an MP4 whose last picture is held, with one B-frame, loses that hold when it is read.
#
# Guess:     what FFmpeg's muxer states of a file's length in movie header, track header and edit list (12 s each),
#            FFmpeg's demuxer reads back, as it does for the same pictures without a B-frame.
# Behaviour: with the B-frame last in decoding order, stream and container are as long as three equal steps: the
#            demuxer sums the decoding steps inside the edit, and the packet of the last picture carries the short one.
# Seen:      without B-frames: stated 12000 ms, read 12 s; with: stated 12000 ms, read 3 s
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0
venv/bin/python - <<'PYTHON'
import struct
from fractions import Fraction

import av
import numpy as np

TICK = Fraction(1, 1000)
BEGINS, SHOWN = [0, 1000, 2000], [1000, 1000, 10_000]


def write(path, bframes):
    """Three pictures: two for a second each, the last for ten."""
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"bf": bframes, "x264opts": "b-adapt=0"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.time_base = stream.codec_context.time_base = TICK
        packets = []
        for index, at in enumerate(BEGINS):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 30 * index, np.uint8), "bgr24")
            frame.pts, frame.time_base = at, TICK
            packets += stream.encode(frame)
        for packet in packets + stream.encode(None):
            packet.duration = SHOWN[BEGINS.index(packet.pts)]
            container.mux(packet)


def stated(path):
    """Milliseconds in movie header, track header and edit list."""
    data = open(path, "rb").read()
    places = {b"mvhd": 4, b"tkhd": 5, b"elst": 2}  # 32-bit words after the name
    return {struct.unpack(">12I", data[at + 4 : at + 52])[word] for at, word in
            ((data.index(name), word) for name, word in places.items())}


for bframes, wanted in (("0", 12), ("2", 3)):
    write("slides.mp4", bframes)
    with av.open("slides.mp4") as container:
        stream = container.streams.video[0]
        read = float(stream.duration * stream.time_base)
        whole = container.duration / av.time_base
    print(f"bf={bframes}: stated {stated('slides.mp4')} ms, read {read:g} s, container {whole:g} s")
    assert stated("slides.mp4") == {12_000}
    assert read == whole == wanted
PYTHON
