#!/usr/bin/env bash
# OpenCV 5.0.0 (x86 wheel): holes of NaN, as its own depth functions write them, move by a pixel or run down the picture.
#
# Guess:     cv2.rescaleDepth writes a hole of 16-bit depth as NaN, and so does depthTo3d: filters for pictures of floats
#            either spread a hole over what they look at or pass it over, and a place that minMaxLoc names is in the picture.
# Behaviour: each function does something else, depending on the order in which it compares:
#            dilate and erode of 3 x 3 move the hole up and to the left by one, as it is: the middle is closed, and its
#            neighbour is gone. medianBlur of 5 moves it down and to the left by two; of 3 it stays.
#            blur and boxFilter carry it on to the bottom of the picture, since they keep running sums.
#            minMaxLoc gives the right numbers, and the place of the hole's row at column -1 for them. A hole in the last
#            pixel makes the numbers NaN, one in the first does nothing.
#            GaussianBlur spreads it over 3 x 3. OpenCV's makers say that NaN is undefined wherever nothing is said of it.
# Seen:      64 x 48 from 1 to 5 m, 50 m at (10, 3), and 0 mm made NaN by rescaleDepth
#            hole at (30, 20)         dilate, erode 3: NaN at (29, 19)    medianBlur 5: (28, 22)    medianBlur 3: (30, 20)
#            hole of 10 x 10          dilate, erode 3: 100 pixels as before, of which 28 are others than before
#            blur of 3                87 pixels of NaN, three columns down to the last row; GaussianBlur 9
#            minMaxLoc                greatest 50, at (-1, 20)
#
# It matters where maps with holes are smoothed, closed or searched for their nearest point: a negative column indexes from
# the right in NumPy.
# Fails where that changes. Needs Linux on x86, Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 opencv-python-headless==5.0.0.93
venv/bin/python - <<'PYTHON'
import cv2
import numpy as np

WIDTH, HEIGHT = 64, 48
SQUARE = np.ones((3, 3), np.uint8)
HOLE = 30, 20


def depth(hole=HOLE, size=1):
    millimetres = np.tile(np.linspace(1000, 5000, WIDTH).astype(np.uint16), (HEIGHT, 1))
    millimetres[3, 10] = 50000
    if hole is not None:
        millimetres[hole[1] : hole[1] + size, hole[0] : hole[0] + size] = 0
    return cv2.rescaleDepth(millimetres, cv2.CV_32F)


def holes(picture):
    return [(int(x), int(y)) for y, x in np.argwhere(np.isnan(picture))]


assert holes(depth()) == [HOLE] and holes(depth(None)) == []
for name, filtered, expected in (
    ("dilate 3", cv2.dilate(depth(), SQUARE), [(29, 19)]),
    ("erode 3", cv2.erode(depth(), SQUARE), [(29, 19)]),
    ("medianBlur 5", cv2.medianBlur(depth(), 5), [(28, 22)]),
    ("medianBlur 3", cv2.medianBlur(depth(), 3), [HOLE]),
):
    print(f"{name}: NaN at {holes(filtered)}")
    assert holes(filtered) == expected
block = depth((20, 10), 10)
dilated = set(holes(cv2.dilate(block, SQUARE)))
closed, lost = len(set(holes(block)) - dilated), len(dilated - set(holes(block)))
print(f"a hole of 10 x 10, dilate 3: {closed} pixels closed, {lost} beside it lost")
assert (len(holes(block)), len(dilated), closed, lost) == (100, 100, 28, 28)

run = [(x, y) for y in range(19, HEIGHT) for x in (29, 30, 31)]
around = [(x, y) for y in (19, 20, 21) for x in (29, 30, 31)]
for name, filtered, expected in (
    ("blur 3", cv2.blur(depth(), (3, 3)), run),
    ("GaussianBlur 3", cv2.GaussianBlur(depth(), (3, 3), 0), around),
):
    print(f"{name}: {len(holes(filtered))} pixels of NaN, down to row {holes(filtered)[-1][1]}")
    assert holes(filtered) == expected

for hole in (None, HOLE, (0, 0), (WIDTH - 1, HEIGHT - 1)):
    _, greatest, _, place = cv2.minMaxLoc(depth(hole))
    print(f"hole at {hole}: the greatest is {greatest:g}, at {place}")
    if hole == HOLE:
        assert (round(greatest), place) == (50, (-1, 20))
    elif hole in (None, (0, 0)):
        assert (round(greatest), place) == (50, (10, 3))
    else:
        assert np.isnan(greatest) and place[0] == -1
PYTHON
