#!/usr/bin/env bash
# OpenImageIO 3.2.2 (PyPI) reads every PFM upside down, and writes a PFM of half floats, or row by row, upside down.
#
# Guess:     a PFM begins with the lowest row. OpenImageIO's documentation says that it turns the rows round when it reads and
#            writes PFM, unless "pnm:pfmflip" is 0: row 0 is the uppermost one for who uses it. OpenCV does so.
# Behaviour: reading turns nothing round, neither by ImageBuf nor by ImageInput, unless "pnm:pfmflip" is set to 1, which is said
#            to be the default. Writing turns round what comes as floats and in one piece; what comes as half floats or row by
#            row is not. There and back, a map of floats is upside down, and one of half floats is as it was.
# Seen:      a map whose numbers are those of its rows, from 0 at the top
#            written by OpenCV, read with defaults                    upside down
#            the same, with pnm:pfmflip = 1                           right
#            written as floats, read by OpenCV                        right
#            written as half floats, or row by row, read by OpenCV    upside down
#
# It matters since PFM is how disparities are passed on (Middlebury, Scene Flow): the floor becomes the ceiling.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 OpenImageIO==3.2.2.0 opencv-python-headless==5.0.0.93
venv/bin/python - <<'PYTHON'
import cv2
import numpy as np
import OpenImageIO as oiio


def rows(width, height):
    return np.repeat(np.arange(height, dtype=np.float32)[:, None], width, 1)


def write(path, picture, how):
    height, width = picture.shape
    output = oiio.ImageOutput.create(path)
    assert output.open(path, oiio.ImageSpec(width, height, 1, "float"))
    if how == "row by row":
        for y in range(height):
            assert output.write_scanline(y, 0, picture[y])
    else:
        assert output.write_image(picture.astype(how)[..., None])
    assert output.close()


def seen_by_opencv(path):
    return cv2.imread(path, cv2.IMREAD_UNCHANGED)[:, 0]


small = rows(64, 48)
upside_down = small[::-1, 0]
assert cv2.imwrite("opencv.pfm", small)
flipping = oiio.ImageSpec()
flipping.attribute("pnm:pfmflip", 1)
assert np.array_equal(oiio.ImageBuf("opencv.pfm").get_pixels(oiio.FLOAT)[:, 0, 0], upside_down)
assert np.array_equal(oiio.ImageInput.open("opencv.pfm").read_image()[:, 0, 0], upside_down)
assert oiio.ImageInput.open("opencv.pfm").read_scanline(0, 0)[0, 0] == 47
assert np.array_equal(oiio.ImageInput.open("opencv.pfm", flipping).read_image()[:, 0, 0], small[:, 0])
print("read with defaults: upside down; with pnm:pfmflip = 1: right")
for how, expected in (("float32", small[:, 0]), ("float16", upside_down), ("row by row", upside_down)):
    write("own.pfm", small, how)
    found = seen_by_opencv("own.pfm")
    print(f"written, {how}: OpenCV sees {found[:3].tolist()} ... {found[-3:].tolist()}")
    assert np.array_equal(found, expected)
buffer = oiio.ImageBuf(oiio.ImageSpec(64, 48, 1, "float"))
buffer.set_pixels(oiio.ROI(0, 64, 0, 48), small[..., None])
assert buffer.write("buffer.pfm")
assert np.array_equal(seen_by_opencv("buffer.pfm"), small[:, 0])
assert np.array_equal(oiio.ImageBuf("buffer.pfm").get_pixels(oiio.FLOAT)[:, 0, 0], upside_down)
PYTHON
