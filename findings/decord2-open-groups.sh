#!/usr/bin/env bash
# decord2 3.4.0 gives another picture than the one asked for beside the keyframes of HEVC, as x265 makes it by default.
#
# Guess:     reader[i] is the picture that i steps forward give: decord's own words are that indexing is accurate, for any
#            codec and container, and that is what it is used for when clips are sampled for training.
# Behaviour: x265 opens its groups of pictures by default: pictures shown before a keyframe follow it in the file. Where the
#            reader jumps to such a keyframe they cannot be decoded and are not there, but it counts on as if they were.
#            The pictures in front of a keyframe and after it are then 2 to 4 too late in MP4, and, by another way of
#            seeking, nearly a whole group too early in Matroska. In order everything is right; nothing is said.
#            PyAV, and OpenCV with CAP_PROP_POS_FRAMES, give the right ones of the same files.
# Seen:      film of 250 pictures that carry their number, a keyframe every 60; each asked for with a new reader
#            in order, MP4 and Matroska: all right
#            asked for        59  61  90  120 200 240
#            MP4              63  65  90  124 200 242
#            Matroska          3   5  90   64 200 182
#            OpenCV, both     59  61  90  120 200 240
#            decord2, bframes=0, both: 59  61  90  120 200 240
#
# It matters to who pairs a picture with its depth by number.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0 opencv-python-headless==5.0.0.93 decord2==3.4.0
cat >film.py <<'PYTHON'
import sys

import av
import numpy as np

BITS, STRIP, HEIGHT = 8, 16, 96
for name, b_frames in (("film.mp4", ""), ("film.mkv", ""), ("plain.mp4", ":bframes=0"), ("plain.mkv", ":bframes=0")):
    with av.open(name, "w") as container:
        settings = f"log-level=none:keyint=60:min-keyint=60{b_frames}"
        stream = container.add_stream("libx265", rate=25, options={"x265-params": settings})
        stream.width, stream.height, stream.pix_fmt = BITS * STRIP, HEIGHT, "yuv420p"
        for number in range(int(sys.argv[1])):
            bits = [255 * (number >> bit & 1) for bit in range(BITS)]
            picture = np.repeat(np.array(bits, np.uint8), STRIP)[None, :, None].repeat(HEIGHT, 0).repeat(3, 2)
            frame = av.VideoFrame.from_ndarray(picture, "rgb24")
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
PYTHON
cat >read.py <<'PYTHON'
import sys

import cv2
from decord import VideoReader

PICTURES, ASKED = int(sys.argv[1]), [59, 61, 90, 120, 200, 240]


def number(picture):
    return sum(int(picture[48, 16 * bit + 8, 0] > 128) << bit for bit in range(8))


def by_opencv(name, index):
    capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
    capture.set(cv2.CAP_PROP_POS_FRAMES, index)
    return number(capture.read()[1])


for name, expected in (
    ("film.mp4", [63, 65, 90, 124, 200, 242]),
    ("film.mkv", [3, 5, 90, 64, 200, 182]),
    ("plain.mp4", ASKED),
    ("plain.mkv", ASKED),
):
    reader = VideoReader(name)
    in_order = [number(reader[index].asnumpy()) for index in range(len(reader))]
    found = [number(VideoReader(name)[index].asnumpy()) for index in ASKED]
    opencv = [by_opencv(name, index) for index in ASKED]
    print(f"{name}: asked for {ASKED}, decord2 {found}, OpenCV {opencv}")
    assert in_order == list(range(PICTURES))
    assert opencv == ASKED
    assert found == expected
PYTHON
venv/bin/python film.py 250
venv/bin/python read.py 250
