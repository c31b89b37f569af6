#!/usr/bin/env bash
# Pillow 13.0.0: 16-bit depth turned or warped with bilinear or bicubic comes out as noise below 256.
#
# Guess:     what Pillow cannot do with the mode I;16, as 16-bit PNGs open, it refuses: blur, blend and reduce say "image has
#            wrong mode". What it does is right, as resize is since Pillow 11: it interpolates numbers of 16 bits.
# Behaviour: rotate() and transform() with BILINEAR or BICUBIC interpolate the single bytes of neighbouring numbers, and write
#            one of two bytes: every value is below 256. NEAREST is right; so are the modes I and F with every filter.
#            resize() of I;16B, the mode of big-endian TIFFs and arrays, is wrong by up to the whole range, while I;16
#            is right.
# Seen:      rows of 200 1200 2200 ..., moved by half a pixel: its 4th to 6th value
#            F, bilinear         3700 4700 5700      I;16, bilinear     78 80 68
#            F, bicubic          3700 4700 5700      I;16, bicubic      74 83 64
#            halved, bilinear: I;16 begins with 914 2700 4700, I;16B with 57014 2700 4700
#
# It matters where depth is augmented together with its picture: the picture is turned, and its depth is gone.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pillow==13.0.0
venv/bin/python - <<'PYTHON'
import io

import numpy as np
from PIL import Image, ImageFilter
from PIL.Image import Resampling, Transform

depth = np.tile(np.arange(16, dtype=np.uint16) * 1000 + 200, (16, 1))
file = io.BytesIO()
Image.fromarray(depth).save(file, "PNG")
grey = Image.open(file)
assert grey.mode == "I;16"
floats, wide = Image.fromarray(depth.astype(np.float32)), Image.fromarray(depth.astype(np.int32))
assert (floats.mode, wide.mode) == ("F", "I")
for refused in (lambda: grey.filter(ImageFilter.GaussianBlur(1)), lambda: Image.blend(grey, grey, 0.5)):
    try:
        refused()
    except ValueError as error:
        print("refused:", error)
    else:
        raise AssertionError("not refused")


def moved(image, way):
    """The image half a pixel to the left."""
    return np.asarray(image.transform(image.size, Transform.AFFINE, (1, 0, 0.5, 0, 1, 0), resample=way))[8]


for way, wrong in ((Resampling.BILINEAR, [78, 80, 68]), (Resampling.BICUBIC, [74, 83, 64])):
    true, found = moved(floats, way)[3:6].tolist(), moved(grey, way)[3:6].tolist()
    print(f"{way.name}: F {true}, I;16 {found}")
    assert true == moved(wide, way)[3:6].tolist() == [3700, 4700, 5700]
    assert found == wrong
    turned = np.asarray(grey.rotate(5, resample=way))
    assert turned.max() < 256
    assert np.asarray(wide.rotate(5, resample=way)).max() > 15000
assert np.array_equal(np.asarray(grey.rotate(5)), np.asarray(wide.rotate(5)))

big = Image.fromarray(depth.astype(">u2"))
assert big.mode == "I;16B"
assert np.array_equal(np.asarray(big), depth)
little, large = (np.asarray(one.resize((8, 8), Resampling.BILINEAR))[4, :3].tolist() for one in (grey, big))
print(f"halved: I;16 {little}, I;16B {large}")
assert (little, large) == ([914, 2700, 4700], [57014, 2700, 4700])
PYTHON
