#!/usr/bin/env bash
# pointcloudkit 0.1.0 (PyPI), with LAS files of laspy 2.7.0: what is darkest is shown brightest, and bright red is black.
#
# Guess:     the 16 bits of a LAS file's colours are brought to 8 by one rule for the whole file: 255 of 65535 is next to black, and a file
#            whose numbers all end at 255, as some scanners write it, is told apart by that. A PCD's packed colour keeps
#            its three bytes, whatever the fourth is: PCL writes 255 there (opaque), and calls the field a float.
# Behaviour: each number is judged by itself: above 255 it is divided by 256, up to 255 it stays. 255 is read as white, 256 as 1. In one
#            point red, green and blue are judged apart, so that dark grey takes on a colour. A packed colour is checked as a number
#            before it is taken apart: with 255 in front, and red of 128 or more, its bits spell NaN, which becomes 0, black.
#            The same bytes in a field of whole numbers, and those with 0 in front, are right. A LAS is written in steps of 1 cm, whatever
#            steps it was read with. Nothing is said.
# Seen:      red in the LAS               0    100    200    255    256   1000  20000  65535
#            read                         0    100    200    255      1      3     78    255
#            300, 250, 200 (dark grey)    1, 250, 200
#            PCD, opaque, float           127 10 20 as it is; 128 10 20, 200 0 0 and white: 0 0 0
#            x from a LAS in mm           0.123 1.123 2.123; written and read anew 0.12 1.12 2.12
# It matters where scans are coloured from a camera's linear light, or clouds of PCL's are shown: shadows glow, and what is bright goes out.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 laspy==2.7.0 pointcloudkit==0.1.0
venv/bin/python - <<'PYTHON'
import laspy
import numpy as np
from pointcloudkit import PointCloud

RED = 0, 100, 200, 255, 256, 1000, 20000, 65535, 300
header = laspy.LasHeader(point_format=2, version="1.2")
header.scales = [0.001] * 3
scan = laspy.LasData(header)
scan.x, scan.y, scan.z = np.arange(9) + 0.123, np.zeros(9), np.ones(9)
scan.red, scan.green, scan.blue = RED, [0] * 8 + [250], [0] * 8 + [200]
scan.write("scan.las")
cloud = PointCloud.read("scan.las")
print("LAS:", dict(zip(RED, cloud.rgb[:, 0].tolist(), strict=True)), cloud.rgb[8])
assert cloud.rgb[:, 0].tolist() == [0, 100, 200, 255, 1, 3, 78, 255, 1] and cloud.rgb[8].tolist() == [1, 250, 200]
cloud.write("anew.las")
anew = PointCloud.read("anew.las")
print("x:", cloud.position[:3, 0], "anew:", anew.position[:3, 0])
assert np.allclose(cloud.position[:, 0], np.arange(9) + 0.123) and np.allclose(anew.position[:, 0], np.arange(9) + 0.12)

COLOURS = [127, 10, 20], [128, 10, 20], [200, 0, 0], [255, 255, 255], [0, 200, 0]
layout = np.dtype([("place", "<f4", 3), ("rgb", "<u4")])
for opacity, kind in ((0, "F"), (0, "U"), (255, "U"), (255, "F")):
    points = np.zeros(5, layout)
    points["rgb"] = [opacity << 24 | red << 16 | green << 8 | blue for red, green, blue in COLOURS]
    lines = "VERSION 0.7", "FIELDS x y z rgb", "SIZE 4 4 4 4", f"TYPE F F F {kind}", "COUNT 1 1 1 1", "WIDTH 5", "HEIGHT 1", "POINTS 5", "DATA binary"
    with open("points.pcd", "wb") as file:
        file.write("".join(f"{line}\n" for line in lines).encode() + points.tobytes())
    found = PointCloud.read("points.pcd").rgb.tolist()
    print(f"PCD, {opacity} in front, {kind}:", found)
    black = (opacity, kind) == (255, "F")
    assert found == [[0, 0, 0] if black and colour[0] >= 128 else colour for colour in COLOURS]
PYTHON
