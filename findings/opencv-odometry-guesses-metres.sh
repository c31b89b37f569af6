#!/usr/bin/env bash
# OpenCV 5.0.0: Odometry guesses the unit of a depth map from its farthest pixel: beyond 10 m all metres are a five-thousandth.
#
# Guess:     a depth map of floats is in metres, one of uint16 in millimetres, as rescaleDepth and depthTo3d of the same module have it; a
#            pixel beyond the greatest depth that the settings allow (4 m) is left out and changes nothing.
# Behaviour: whatever its type, a map that holds a number above 10 is divided by 5000, the unit of a well-known data set; the others are
#            metres. Millimetres are read as fifths of that unit, so that the camera walks a fifth of its way; in metres a single far
#            pixel, or one at infinity, makes it stand still; where only one of the two pictures has such a pixel, it is lost. Types DEPTH,
#            RGB and RGB_DEPTH do the same. It returns True, nothing is said, and there is no setting for the unit.
# Seen:      a scene 1.7 to 2.4 m away, the camera 20 mm to the right, 10 up and 30 forward; what Odometry finds of it, in mm
#            metres (float32, float64)                 -20  10 -30
#            the same with one pixel at 9.9 m          -20  10 -30
#            the same with one pixel at 10.1 m           0   0   0    (-0.004 0.002 -0.006)
#            the same with one pixel at infinity         0   0   0
#            only the second picture with that pixel   not found
#            millimetres (uint16, int32, float32)       -4   2  -6
#            the same in fifths of millimetres         -20  10 -30
#            depth of one pixel: 2.124 by depthTo3d and rescaleDepth, of the same uint16; 0.425 in Odometry's own points
#
# It matters since rooms are nearer than 10 m and streets are not: the same program, camera and network measure one and not the other.
# Fails where that changes. Needs Python 3.12 or newer (PYTHON=python3.12) and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 opencv-python-headless==5.0.0.93
venv/bin/python - <<'PYTHON'
import cv2
import numpy as np

WIDTH, HEIGHT, FOCUS = 320, 240, 250
CAMERA = np.array([[FOCUS, 0, 159.5], [0, FOCUS, 119.5], [0, 0, 1]], np.float32)
MOVED = np.array([0.02, -0.01, 0.03])
rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
RAYS = (columns - 159.5) / FOCUS, (rows - 119.5) / FOCUS


def seen_from(place):
    """Depth (float32, metres) and picture of a wavy wall, by a fixed point of each ray."""
    depth = np.full((HEIGHT, WIDTH), 2.0)
    for _ in range(60):
        x, y = RAYS[0] * depth + place[0], RAYS[1] * depth + place[1]
        depth = 2 + 0.15 * np.sin(3 * x) + 0.12 * np.cos(4 * y) + 0.1 * np.sin(2 * x + 3 * y) - place[2]
    grey = 128 + 60 * np.sin(15 * x) * np.cos(13 * y) + 40 * np.sin(31 * x + 9 * y)
    return depth.astype(np.float32), cv2.merge([grey.clip(0, 255).astype(np.uint8)] * 3)


(before, picture_before), (after, picture_after) = seen_from(np.zeros(3)), seen_from(MOVED)


def settings():
    chosen = cv2.OdometrySettings()
    chosen.setCameraMatrix(CAMERA)
    return chosen


def movement(first, second, kind=cv2.ODOMETRY_TYPE_DEPTH):
    odometry = cv2.Odometry(kind, settings(), cv2.ODOMETRY_ALGO_TYPE_COMMON)
    if kind == cv2.ODOMETRY_TYPE_DEPTH:
        found, pose = odometry.compute(first, second)
    else:
        found, pose = odometry.compute(first, picture_before, second, picture_after)
    return 1000 * np.asarray(pose)[:3, 3] if found else None


def show(what, first, second, expected, tolerance, **kind):
    found = movement(first, second, **kind)
    print(f"{what:48}", "not found" if found is None else found.round(3))
    assert (found is None) if expected is None else np.abs(found - expected).max() < tolerance


def with_pixel(depth, far):
    changed = depth.copy()
    changed[0, 0] = far
    return changed


assert settings().getMaxDepth() == 4
assert not [name for name in dir(cv2.OdometrySettings) if "factor" in name.lower() or "unit" in name.lower()]
there = -1000 * MOVED
for dtype in (np.float32, np.float64):
    show(f"metres, {np.dtype(dtype)}", before.astype(dtype), after.astype(dtype), there, 0.2)
for far in (9.9, 10.1, np.inf):
    expected = there if far < 10 else there / 5000
    show(f"metres with a pixel at {far} m", with_pixel(before, far), with_pixel(after, far), expected, 0.2 if far < 10 else 0.001)
for name in ("RGB", "RGB_DEPTH"):
    kind = getattr(cv2, f"ODOMETRY_TYPE_{name}")
    show(f"metres, {name}", before, after, there, 5, kind=kind)
    show(f"metres with a pixel at 12 m, {name}", with_pixel(before, 12), with_pixel(after, 12), there / 5000, 0.001, kind=kind)
show("only the second with a pixel at 12 m", before, with_pixel(after, 12), None, 0)
for dtype in (np.uint16, np.int32, np.float32):
    show(f"millimetres, {np.dtype(dtype)}", (1000 * before).astype(dtype), (1000 * after).astype(dtype), there / 5, 0.2)
show("fifths of millimetres, uint16", (5000 * before).astype(np.uint16), (5000 * after).astype(np.uint16), there, 0.2)

millimetres = (1000 * before).astype(np.uint16)
frames = cv2.OdometryFrame(millimetres), cv2.OdometryFrame((1000 * after).astype(np.uint16))
cv2.Odometry(cv2.ODOMETRY_TYPE_DEPTH, settings(), cv2.ODOMETRY_ALGO_TYPE_COMMON).prepareFrames(*frames)
middle = HEIGHT // 2, WIDTH // 2
depths = (
    cv2.depthTo3d(millimetres, CAMERA)[middle][2],
    cv2.rescaleDepth(millimetres, cv2.CV_32F)[middle],
    frames[0].getPyramidAt(cv2.PYR_CLOUD, 0)[middle][2],
)
print("depthTo3d, rescaleDepth and Odometry's points of the same pixel:", *(f"{depth:.3f}" for depth in depths))
assert np.allclose(depths, (2.124, 2.124, 0.4248), atol=0.001)
PYTHON
