#!/usr/bin/env bash
# OpenCV 5.0.0, PyAV 18.1.0, Pillow 13.0.0 and netpbmfile 2026.1.29 read three pictures from one PFM of disparities.
#
# Guess:     a disparity in a PFM is the float that is stored, with rows from the bottom up. The third line gives the order
#            of the bytes by its sign; its size stands for a unit, which readers leave to their caller.
# Behaviour: the writer that comes with the evaluation of Middlebury 2014, and many programs that took it over, put
#            -0.003922 there (1/255), and its reader ignores it. OpenCV and FFmpeg divide by it: disparities are
#            255 times too large, and depths as many times too small. Pillow ignores it, unless the number has more than
#            ten characters: it then refuses the file. netpbmfile ignores it too, and lays the picture upside down.
# Seen:      stored, first row: 10.5 11.5 12.5 13.5
#            scale -1            OpenCV, PyAV, Pillow the same
#            scale -0.003922     OpenCV and PyAV 2677.2 2932.2 3187.2 3442.1; Pillow the same as stored
#            scale -0.00392157   OpenCV and PyAV 2677.5 ...; Pillow: Token too long in file header
#            netpbmfile, any     18.5 19.5 20.5 21.5, which is the last row
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 opencv-python-headless==5.0.0.93 av==18.1.0 pillow==13.0.0 netpbmfile==2026.1.29
venv/bin/python - <<'PYTHON'
from pathlib import Path

import av
import cv2
import netpbmfile
import numpy as np
from PIL import Image

STORED = np.arange(12, dtype="<f4").reshape(3, 4) + 10.5


def by_pyav(path):
    with av.open(path) as container:
        return next(container.decode(video=0)).to_ndarray()


def by_pillow(path):
    try:
        return np.asarray(Image.open(path))
    except ValueError as error:
        return str(error)


READERS = {
    "OpenCV": lambda path: cv2.imread(path, cv2.IMREAD_UNCHANGED),
    "PyAV": by_pyav,
    "Pillow": by_pillow,
    "netpbmfile": netpbmfile.imread,
}
for scale in ("-1", "-0.003922", "-0.00392157"):
    Path("disparity.pfm").write_bytes(f"Pf\n4 3\n{scale}\n".encode() + STORED[::-1].tobytes())
    seen = {name: read("disparity.pfm") for name, read in READERS.items()}
    for name, answer in seen.items():
        told = answer if isinstance(answer, str) else np.round(answer[0], 1).tolist()
        print(f"scale {scale}, {name}: {told}")
    for name in ("OpenCV", "PyAV"):
        assert np.allclose(seen[name], STORED / abs(float(scale)), rtol=1e-5)
    if len(scale) > 10:
        assert "Token too long" in seen["Pillow"]
    else:
        assert np.array_equal(seen["Pillow"], STORED)
    assert np.array_equal(seen["netpbmfile"], STORED[::-1])
PYTHON
