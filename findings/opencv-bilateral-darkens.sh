#!/usr/bin/env bash
# OpenCV 5.0.0 (x86 wheel): bilateralFilter with d of 3 or 5 makes a grey picture darker by half a level, each time.
#
# Guess:     the filter is a weighted mean that is rounded to the nearest level, whatever its width and whatever code runs:
#            smoothing a map of depth, once or from frame to frame, leaves its mean where it is.
# Behaviour: for 8-bit grey and d of 3 and 5 the code of IPP, which comes with the wheels and is on, cuts the fraction off.
#            d of 7 and more, three channels, floats, and cv2.ipp.setUseIPP(False) round. A flat picture stays as it is, so
#            that nothing is seen in a simple test.
# Seen:      128 x 96 of smooth noise, off from the sum in doubles in the mean
#            d 3                        -0.5        d 5            -0.5
#            d 7                         0.0        d 5 of 3 equal channels, of floats, without IPP 0.0
#            20 passes of d 5, against 20 passes without IPP: -9.6 levels
#
# It matters where depth of 8 bits is smoothed again and again, as in a stream: it recedes.
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

SIGMA = 50.0
noise = np.random.default_rng(0).integers(0, 256, (96, 128), np.uint8)
grey = cv2.GaussianBlur(noise, (0, 0), 1.5)


def exact(picture, width):
    """The filter by its definition, in doubles."""
    reach, height, across = width // 2, *picture.shape
    padded = np.pad(picture.astype(float), reach, mode="reflect")
    total = weights = 0
    for down in range(2 * reach + 1):
        for right in range(2 * reach + 1):
            squared = (down - reach) ** 2 + (right - reach) ** 2
            if squared > reach**2:
                continue
            other = padded[down : down + height, right : right + across]
            weight = np.exp(-(squared + (other - picture) ** 2) / (2 * SIGMA**2))
            total, weights = total + weight * other, weights + weight
    return total / weights


def passes(picture, count):
    for _ in range(count):
        picture = cv2.bilateralFilter(picture, 5, SIGMA, SIGMA)
    return picture


def check(name, found, width, least, most):
    off = float((found.astype(float) - exact(grey, width)).mean())
    print(f"{name}: off by {off:+.3f}")
    assert least < off < most


assert cv2.ipp.useIPP()
for width, least, most in ((3, -0.55, -0.4), (5, -0.55, -0.4), (7, -0.05, 0.05), (9, -0.05, 0.05)):
    check(f"d {width}", cv2.bilateralFilter(grey, width, SIGMA, SIGMA), width, least, most)
coloured = cv2.bilateralFilter(np.dstack([grey] * 3), 5, 3 * SIGMA, SIGMA)[..., 0]
check("d 5, three equal channels", coloured, 5, -0.05, 0.05)
check("d 5, floats", cv2.bilateralFilter(grey.astype(np.float32), 5, SIGMA, SIGMA), 5, -0.01, 0.01)
flat = np.full((32, 32), 100, np.uint8)
assert (cv2.bilateralFilter(flat, 5, SIGMA, SIGMA) == 100).all()
many = passes(grey, 20).astype(float)
cv2.ipp.setUseIPP(False)
check("d 5, without IPP", cv2.bilateralFilter(grey, 5, SIGMA, SIGMA), 5, -0.05, 0.05)
drift = float((many - passes(grey, 20)).mean())
print(f"20 passes: {drift:+.1f} levels")
assert -10 < drift < -5
PYTHON
