#!/usr/bin/env bash
# OpenCV 5.0.0 (FFmpeg): a seek in MPEG-TS cannot reach the first pictures, and in a film of variable rate neither a number
# nor a time leads to its picture; set() says True each time.
#
# Guess:     set(CAP_PROP_POS_FRAMES, i) and read() give the picture that i steps of read() give, and set(CAP_PROP_POS_MSEC)
#            with what get(CAP_PROP_POS_MSEC) stated of a picture gives that picture, or set() returns False.
# Behaviour: number and time are turned into each other by the average rate, and the way to the wanted picture is counted
#            with it. Of constant rate in MP4 and Matroska all is right. In MPEG-TS the first group of pictures is out of
#            reach, by its numbers as by its times. Of variable rate both lead up to 50 pictures away, and elsewhere in each
#            container; the last pictures are not found at all. In order, pictures and stated times are all right.
# Seen:      120 pictures that carry their number, a keyframe every 30; variable: 60 of 20 ms, then 60 of 100 ms
#            asked for                       0  1  15 30 60 90   119
#            constant rate, MP4 and MKV      0  1  15 30 60 90   119
#            constant rate, TS               30 31 31 31 60 90   119
#            variable, MP4, by number        0  1  15 50 99 108  none
#            variable, MKV, by number        0  1  15 30 90 none none
#            variable, MP4, by time          0  0  5  10 21 111  none
#            variable, MKV, by time          0  1  8  15 30 none none
#
# It matters to who goes on with the depth of a film at a picture, or pairs pictures with maps by number or time.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 av==18.1.0 opencv-python-headless==5.0.0.93
cat >film.py <<'PYTHON'
from fractions import Fraction

import av
import numpy as np

CONSTANT = [40 * number for number in range(120)]
VARIABLE = [20 * number for number in range(60)] + [1200 + 100 * number for number in range(60)]
for stem, times in (("constant", CONSTANT), ("variable", VARIABLE)):
    for ending, kind in (("mp4", "mp4"), ("mkv", "matroska"), ("ts", "mpegts")):
        with av.open(f"{stem}.{ending}", "w", format=kind) as container:
            settings = {"g": "30", "bf": "2", "sc_threshold": "0"}
            stream = container.add_stream("libx264", rate=25, options=settings)
            stream.width, stream.height, stream.pix_fmt = 128, 96, "yuv420p"
            stream.codec_context.time_base = stream.time_base = Fraction(1, 1000)
            for number, milliseconds in enumerate(times):
                bits = [255 * (number >> bit & 1) for bit in range(8)]
                picture = np.repeat(np.array(bits, np.uint8), 16)[None, :, None].repeat(96, 0).repeat(3, 2)
                frame = av.VideoFrame.from_ndarray(picture, "rgb24")
                frame.pts, frame.time_base = milliseconds, Fraction(1, 1000)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
PYTHON
cat >seek.py <<'PYTHON'
import cv2

ASKED = [0, 1, 15, 30, 60, 90, 119]


def number(picture):
    return sum(int(picture[48, 16 * bit + 8, 0] > 128) << bit for bit in range(8))


def in_order(name):
    """Numbers and times of the pictures, one after the other."""
    capture, numbers, times = cv2.VideoCapture(name, cv2.CAP_FFMPEG), [], []
    while (answer := capture.read())[0]:
        numbers.append(number(answer[1]))
        times.append(capture.get(cv2.CAP_PROP_POS_MSEC))
    return numbers, times


def sought(name, what, places):
    found = []
    for place in places:
        capture = cv2.VideoCapture(name, cv2.CAP_FFMPEG)
        assert capture.set(what, place) is True
        there, picture = capture.read()
        found.append(number(picture) if there else None)
    return found


for name, by_number, by_time in (
    ("constant.mp4", ASKED, ASKED),
    ("constant.mkv", ASKED, ASKED),
    ("constant.ts", [30, 31, 31, 31, 60, 90, 119], [30, 31, 31, 31, 60, 90, 119]),
    ("variable.mp4", [0, 1, 15, 50, 99, 108, None], [0, 0, 5, 10, 21, 111, None]),
    ("variable.mkv", [0, 1, 15, 30, 90, None, None], [0, 1, 8, 15, 30, None, None]),
):
    numbers, times = in_order(name)
    assert numbers == list(range(120)), numbers
    found = sought(name, cv2.CAP_PROP_POS_FRAMES, ASKED)
    timed = sought(name, cv2.CAP_PROP_POS_MSEC, [times[place] for place in ASKED])
    print(f"{name}: asked for {ASKED}, by number {found}, by time {timed}")
    assert (found, timed) == (by_number, by_time)
PYTHON
venv/bin/python film.py 2>/dev/null
venv/bin/python seek.py 2>/dev/null
