#!/usr/bin/env bash
# OpenCV 5.0.0 lays a photo in AVIF on its side, and one in JPEG upright: it ignores the boxes irot and imir.
#
# Guess:     cv2.imread turns a picture as its file says unless IMREAD_IGNORE_ORIENTATION is given, whatever the format;
#            it does for the Exif of JPEG, PNG and WebP.
# Behaviour: AVIF says how a picture lies in boxes of its own (ISO/IEC 23008-12, 6.5.10 and 6.5.12), and Exif is to be
#            ignored. Pillow 13 moves the orientation there when it saves. libavif decodes the pixels as stored and
#            leaves turning to its caller; OpenCV does not turn them. Nothing is said.
# Seen:      2.jpg   Pillow (48, 64, 3), OpenCV (48, 64, 3): upright
#            2.avif  Pillow (48, 64, 3), OpenCV (48, 64, 3): not upright
#            6.jpg   Pillow (48, 64, 3), OpenCV (48, 64, 3): upright
#            6.avif  Pillow (48, 64, 3), OpenCV (64, 48, 3): not upright
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pillow==13.0.0 opencv-python-headless==5.0.0.93
venv/bin/python - <<'PYTHON'
import cv2
import numpy as np
from PIL import Image, ImageOps

upright = np.zeros((48, 64, 3), np.uint8)
upright[:24, :32] = (255, 0, 0)
corners = {}
for orientation in (2, 6):  # mirrored, and turned
    lay = {2: lambda image: image[:, ::-1], 6: lambda image: np.rot90(image)}[orientation]
    exif = Image.Exif()
    exif[0x112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(lay(upright)))
    for suffix in ("jpg", "avif"):
        name = f"{orientation}.{suffix}"
        stored.save(name, exif=exif, quality=95)
        seen = cv2.imread(name)[..., ::-1]
        wanted = np.asarray(ImageOps.exif_transpose(Image.open(name)))
        right = seen.shape == wanted.shape and float(np.abs(seen.astype(int) - wanted).mean()) < 8
        print(f"{name:7} Pillow {wanted.shape}, OpenCV {seen.shape}: {'upright' if right else 'not upright'}")
        assert wanted.shape == upright.shape
        assert right == (suffix == "jpg")
    data = open(f"{orientation}.avif", "rb").read()
    assert (b"irot" in data or b"imir" in data) and b"Exif" not in data
PYTHON
echo "OpenCV 5.0.0 still ignores irot and imir"
