#!/usr/bin/env bash
# e57 0.2.3 and pye57 0.4.19 (PyPI): one hole in a scan takes the colours of all points, and a map's coordinates stand still.
#
# Guess:     read_points leaves out the points that are marked as invalid, and gives a colour and an intensity for each of the others, as
#            pye57 does. pye57 takes and gives float64: E57 has doubles, so a northing of 5,400,000 m comes back to the millimetre.
# Behaviour: e57 gives colours and intensities only if there are as many as points, over all scans, but counts the colours of the
#            invalid points too: with one hole both arrays are empty. So they are if one scan of several has none: the others lose
#            theirs. pye57 writes single precision, whatever it is given: eastings go in steps of 3 cm, northings of half a metre, and
#            a wall of 10 cm is a point; it comes back as float64. The header's translation is a double. Nothing is said.
# Seen:      11 points 1 cm apart                            points  colours  intensities by e57
#            all valid                                       11      11       11
#            one invalid                                    10      0        0      (pye57: 10, 10, 10)
#            two scans, the second without colours           22      0        0
#            distance of the first and the last, from 0 m, 500,000 m, 5,400,000 m: 0.1, 0.094, 0 by pye57
# It matters since scans have holes wherever no pulse returns (the sky), and lie in coordinates of a map.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pye57==0.4.19 e57==0.2.3
venv/bin/python - <<'PYTHON'
import e57
import numpy as np
import pye57


def cloud(start, state=0, plain=False):
    points = {f"cartesian{axis}": start + 0.123 + 0.01 * np.arange(11) for axis in "XYZ"}
    colours = {f"color{name}": np.arange(11, dtype=np.uint8) * 20 for name in ("Red", "Green", "Blue")}
    more = {"intensity": np.linspace(0, 1, 11), "cartesianInvalidState": np.array([0] * 5 + [state] + [0] * 5, np.int8)}
    return points if plain else points | colours | more


def write(*clouds, **place):
    with pye57.E57("scan.e57", mode="w") as file:
        for points in clouds:
            file.write_scan_raw(points, **place)


for name, clouds, expected in (
    ("all valid", [cloud(0)], (11, 11, 11)),
    ("one invalid", [cloud(0, 2)], (10, 0, 0)),
    ("two scans, one without", [cloud(0), cloud(1, plain=True)], (22, 0, 0)),
):
    write(*clouds)
    found = e57.read_points("scan.e57")
    with pye57.E57("scan.e57") as file:
        theirs = file.read_scan(0, colors=True, intensity=True, ignore_missing_fields=True)
    counts = len(found.points), len(found.color), len(found.intensity)
    print(f"{name}: {counts} by e57, {len(theirs['cartesianX'])}, {len(theirs['colorRed'])} of the first scan by pye57")
    assert counts == expected and len(theirs["cartesianX"]) == len(theirs["colorRed"]) == (10 if name == "one invalid" else 11)
for start, moved, expected in ((0, 0, 0.1), (500_000, 0, 0.09375), (5_400_000, 0, 0), (0, 5_400_000, 0.1)):
    write(cloud(start), translation=np.array([moved, moved, 0.0]))
    with pye57.E57("scan.e57") as file:
        line = file.read_scan(0, ignore_missing_fields=True)["cartesianY"]
    print(start, moved, line[0], line[-1])
    assert line.dtype == np.float64 and abs(line[-1] - line[0] - expected) < 1e-6
PYTHON
