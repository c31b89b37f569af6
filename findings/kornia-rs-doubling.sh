#!/usr/bin/env bash
# kornia-rs 0.2.0: resize to exactly twice the size makes a picture brighter; to any other size it does not.
#
# Guess:     bilinear resize of 8 bits rounds to the nearest level, as it does to three times the size and to odd sizes,
#            where it agrees with OpenCV and with floats: twice the size is nothing special.
# Behaviour: twice the size has code of its own, which rounds up in each of two steps: three of four pixels are a level
#            or two too bright. Flat pictures stay as they are. Doubled again, the error adds up.
# Seen:      48 x 64 of smooth noise against the same in floats
#            to 96 x 128     +0.74 in the mean, up to 2
#            to 144 x 192    0      to 55 x 73   0
#            a ramp 0 10 20 30 doubled: 0 3 8 13 18 23 28 30 instead of 0 2.5 7.5 12.5 17.5 22.5 27.5 30
#            doubled three times: +2.2 in the mean
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 opencv-python-headless==5.0.0.93 kornia-rs==0.2.0
venv/bin/python - <<'PYTHON'
import cv2
import kornia_rs
import numpy as np

noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), np.uint8)
picture = cv2.GaussianBlur(noise, (0, 0), 1.5)


def by_floats(image, size):
    return cv2.resize(image.astype(np.float32), size[::-1], interpolation=cv2.INTER_LINEAR)


for size, least, most in (((96, 128), 0.65, 0.8), ((144, 192), -0.02, 0.02), ((55, 73), -0.02, 0.02)):
    found, true = kornia_rs.imgproc.resize(picture, size, "bilinear"), np.rint(by_floats(picture, size))
    off = found - true
    print(f"to {size}: {off.mean():+.2f} in the mean, up to {np.abs(off).max():.0f}")
    assert least < off.mean() < most
    assert bool(np.abs(off).max() >= 2) == (size == (96, 128))

ramp = np.tile(np.array([0, 10, 20, 30], np.uint8)[None, :, None], (4, 1, 3))
print("ramp:", row := kornia_rs.imgproc.resize(ramp, (8, 8), "bilinear")[3, :, 0].tolist())
assert row == [0, 3, 8, 13, 18, 23, 28, 30]
flat = np.full((16, 16, 3), 100, np.uint8)
assert (kornia_rs.imgproc.resize(flat, (32, 32), "bilinear") == 100).all()

found, true = picture, picture.astype(np.float32)
for doubling in (1, 2, 3):
    size = (48 << doubling, 64 << doubling)
    found, true = kornia_rs.imgproc.resize(found, size, "bilinear"), by_floats(true, size)
off = float((found - true).mean())
print(f"doubled three times: {off:+.2f}")
assert 1.5 < off < 3
PYTHON
