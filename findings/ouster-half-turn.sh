#!/usr/bin/env bash
# ouster-sdk 1.0.1 (PyPI): a turntable with a pose for each half turn moves in jumps, and a scanner that turns leaves the straight line.
#
# Guess:     interp_pose gives poses between those that are known: at the time of a known one just that one; between two, part of the way
#            of the shorter turn, and a place on the line between the two places, as with SciPy's Slerp and linear places.
# Behaviour: between two poses it moves along one screw. Where they are a half turn apart it does not turn at all until the next known pose
#            begins, and at the time of the last one that pose is not reached; a millionth of a degree less and it turns. Where
#            it moves a metre while it turns by 90 degrees, it is 21 cm beside the line in the middle, to the other side if it
#            turns the other way. interp_pose_float does the same. Nothing is said, in its documentation neither.
# Seen:      from 0 to 1 m along x, turned about the upright axis, at      0       0.25      0.5       0.75      1
#            by 90 degrees:         degrees                                0       22.5      45        67.5      90
#                                   beside the line                        0      -15 cm    -21 cm    -15 cm     0
#            by 179.999 degrees:    degrees                                0       45        90        135       180
#                                   beside the line                        0      -35 cm    -50 cm    -35 cm     0
#            by 180 degrees:        degrees                                0       0         0         0         0
#                                   beside the line                        0       0         0         0         0
#            a turntable of 0, 180, 360 degrees at 0, 1, 2 s is at 0, 0, 180, 180, 180 degrees at 0, 0.5, 1, 1.5, 2 s, about any axis
# It matters where columns of a scan get their poses from a few of a tracker: walls are bent, or all lies on the wrong side.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 ouster-sdk==1.0.1
venv/bin/python - <<'PYTHON'
import numpy as np
from ouster.sdk.core import interp_pose, interp_pose_float

TIMES = np.linspace(0, 1, 5)


def pose(degrees, x, axis=(0, 0, 1)):
    """Rodrigues' turn about an axis, at a place on x."""
    (a, b, c), angle = np.array(axis) / np.linalg.norm(axis), np.radians(degrees)
    cross, found = np.array([[0, -c, b], [c, 0, -a], [-b, a, 0]]), np.eye(4)
    found[:3, :3] += np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross
    found[0, 3] = x
    return found


def turned(poses):
    return np.degrees(np.arctan2(poses[:, 1, 0], poses[:, 0, 0])).round(2)


for degrees, middle in ((90, -0.207), (-90, 0.207), (179.999, -0.5), (180, 0)):
    found = interp_pose(TIMES, np.array([0.0, 1.0]), np.stack([pose(0, 0), pose(degrees, 1)]))
    print(degrees, "degrees:", turned(found), "x", found[:, 0, 3].round(3), "y", found[:, 1, 3].round(3))
    assert np.allclose(turned(found), TIMES * (degrees if middle else 0), atol=0.01) and np.allclose(found[2, :2, 3], [0.5, middle], atol=0.001)
    assert np.allclose(found[-1], pose(degrees, 1), atol=1e-6) == (degrees != 180)
for axis in ((0, 0, 1), (1, 0, 0), (1, 2, 3)):
    table = np.stack([pose(degrees, 0, axis) for degrees in (0, 180, 360)])
    for call, kind in ((interp_pose, np.float64), (interp_pose_float, np.float32)):
        found = call((2 * TIMES).astype(kind), np.arange(3, dtype=kind), table.astype(kind))
        print("turntable about", axis, kind.__name__, "turned:", turned(found))
        assert np.allclose(found, table[[0, 0, 1, 1, 1]], atol=1e-4) and not np.allclose(table[0], table[1], atol=1)
PYTHON
