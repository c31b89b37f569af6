#!/usr/bin/env bash
# pyorbbecsdk2 2.1.2 (PyPI, of Orbbec): a point that a depth camera sees is laid 17 pixels off into the colour picture; the way back bends it.
#
# Guess:     transformation3dto2d and transformation2dto2d take a lens with its model, and know the models that the SDK itself names: a pixel
#            that goes through a lens and back, or from a camera into the same camera, is the pixel that it was.
# Behaviour: into a picture a lens bends only where its model is BROWN_CONRADY, which then uses all six k. Others are left out, BROWN_CONRADY_K6
#            too, whose formula is just that one. Out of a picture each lens is taken for BROWN_CONRADY, that of a fisheye
#            (KANNALA_BRANDT4) as well, and one that is NONE is bent by the numbers it has. Nothing is said.
# Seen:      1920 x 1080, focal length 1124, k 0.08, -0.1, 0.04, 0.02, -0.03, 0.01; x of a point on the line y = x / 2, 2 m ahead
#            x of the point                               0.4 m      0.8 m      1.2 m      1.6 m
#            without a lens                               1175.8     1400.6     1625.4     1850.2
#            by the formula, and as BROWN_CONRADY         1176.4     1404.8     1635.9     1866.9
#            as BROWN_CONRADY_K6                          1175.8     1400.6     1625.4     1850.2    (KANNALA_BRANDT4, NONE: the same)
#            into the same camera, as BROWN_CONRADY       1175.8     1400.6     1625.4     1850.2
#            into the same camera, as BROWN_CONRADY_K6    1175.2     1396.5     1615.2     1834.0    (KANNALA_BRANDT4, NONE: the same)
# It matters since the SDK gives K6 to the colour cameras of several of its devices: a hand there takes the depth of the wall beside it.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile 'numpy==1.26.4; python_version < "3.12"' 'numpy==2.4.6; python_version >= "3.12"'
venv/bin/pip install --quiet --no-compile --no-deps pyorbbecsdk2==2.1.2 # its examples need the rest
venv/bin/python - <<'PYTHON'
import numpy as np
import pyorbbecsdk as sdk

FOCAL, X, BENT = 1124, np.array([0.2, 0.4, 0.6, 0.8]), {"k1": 0.08, "k2": -0.1, "k3": 0.04, "k4": 0.02, "k5": -0.03, "k6": 0.01}


def made(kind, **numbers):
    one = kind()
    for name, number in numbers.items():
        setattr(one, name, number)
    return one


def by_formula(x):
    """Brown and Conrady with six k, at y = x / 2."""
    above, below = (1 + np.polyval([BENT[f"k{first + 2 - place}"] for place in range(3)] + [0], 1.25 * x * x) for first in (1, 4))
    return x * above / below


camera = made(sdk.OBCameraIntrinsic, fx=FOCAL, fy=FOCAL, cx=951, cy=544, width=1920, height=1080)
still = made(sdk.OBExtrinsic, rot=np.eye(3, dtype=np.float32), transform=np.zeros(3, np.float32))
undone = X.copy()
for _ in range(99):
    undone += X - by_formula(undone)
for name in ("BROWN_CONRADY", "BROWN_CONRADY_K6", "KANNALA_BRANDT4", "NONE"):
    lens = made(sdk.OBCameraDistortion, model=getattr(sdk.OBCameraDistortionModel, name), **BENT)
    points = [made(sdk.OBPoint3f, x=2000 * x, y=1000 * x, z=2000) for x in X]
    pixels = [made(sdk.OBPoint2f, x=FOCAL * x + 951, y=FOCAL * x / 2 + 544) for x in X]
    seen = np.array([sdk.transformation3dto2d(point, camera, lens, still).x for point in points])
    same = np.array([sdk.transformation2dto2d(pixel, 2000, camera, lens, camera, lens, still).x for pixel in pixels])
    print(name, "seen", seen.round(1), "into the same camera", same.round(1))
    for found, x in zip((seen, same), (by_formula(X), X) if name == "BROWN_CONRADY" else (X, undone), strict=True):
        assert np.allclose(found, FOCAL * x + 951, atol=0.1)
PYTHON
