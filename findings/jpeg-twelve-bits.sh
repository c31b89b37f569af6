#!/usr/bin/env bash
# Depth of 12 bits in JPEG 2000, JPEG XL and lossless JPEG is 16 times as far in Pillow 13.0.0 and PyAV 18.1.0 as elsewhere.
#
# Guess:     a lossless picture of numbers from 0 to 4095, with 12 bits a sample as its file says, is read as these numbers,
#            as from PNG and TIFF: what they mean (millimetres) is its reader's matter, and 1500 is 1500.
# Behaviour: OpenCV and imagecodecs give the numbers. Pillow (JPEG 2000) and FFmpeg (JPEG 2000, lossless JPEG) shift them to
#            the left until the greatest one is white of 16 bits, and call it a picture of 16 bits; pillow-jxl-plugin spreads
#            4095 to 65535. What is stored with 16 bits a sample is the same in all, and
#            so is AVIF of 12 bits in PyAV, which has a pixel format for it.
# Seen:      1 100 1500 4095, written by imagecodecs without loss
#                              imagecodecs       OpenCV            Pillow                  PyAV
#            JPEG 2000         1 100 1500 4095   1 100 1500 4095   16 1600 24000 65520     16 1600 24000 65520
#            lossless JPEG     1 100 1500 4095   refused           refused                 16 1600 24000 65520
#            JPEG XL           1 100 1500 4095   refused           16 1600 24005 65535     refused
#            AVIF              1 100 1500 4095   1 100 1500 4095   0 6 93 255 (8 bits)     1 100 1500 4095
#            with 16 bits a sample, JPEG 2000 and JPEG XL: 1 100 1500 4095 in all that read them
#
# It matters where numbers of a depth camera or a scanner are kept with the bits that they have.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 imagecodecs==2026.3.6 opencv-python-headless==5.0.0.93 pillow==13.0.0 av==18.1.0 \
    pillow-jxl-plugin==1.3.8
venv/bin/python - <<'PYTHON'
from pathlib import Path

import av
import cv2
import imagecodecs
import numpy as np
import pillow_jxl  # noqa: F401
from PIL import Image

DEPTH = np.tile(np.array([1, 100, 1500, 4095], np.uint16), (64, 16))
STORED, SHIFTED, SPREAD = [1, 100, 1500, 4095], [16, 1600, 24000, 65520], [16, 1600, 24005, 65535]


def by_pyav(path):
    with av.open(path) as container:
        return next(container.decode(video=0)).to_ndarray()


READERS = {
    "imagecodecs": imagecodecs.imread,
    "OpenCV": lambda path: cv2.imread(path, cv2.IMREAD_UNCHANGED),
    "Pillow": lambda path: np.asarray(Image.open(path)),
    "PyAV": by_pyav,
}


def read(path):
    """The first numbers as each reader gives them; None where it refuses the file."""
    seen = []
    for reader in READERS.values():
        try:
            answer = reader(path)
        except (OSError, ValueError, av.FFmpegError):
            answer = None
        seen.append(None if answer is None else answer[0, :4].tolist())
    print(path, dict(zip(READERS, seen, strict=True)))
    return seen


encoded = {
    "twelve.jp2": imagecodecs.jpeg2k_encode(DEPTH, level=0, bitspersample=12, codecformat="jp2"),
    "sixteen.jp2": imagecodecs.jpeg2k_encode(DEPTH, level=0, codecformat="jp2"),
    "twelve.jpg": imagecodecs.ljpeg_encode(DEPTH, bitspersample=12),
    "twelve.jxl": imagecodecs.jpegxl_encode(DEPTH, lossless=True, bitspersample=12),
    "sixteen.jxl": imagecodecs.jpegxl_encode(DEPTH, lossless=True, bitspersample=16),
    "twelve.avif": imagecodecs.avif_encode(DEPTH, level=100, bitspersample=12, speed=8),
}
for name, content in encoded.items():
    Path(name).write_bytes(content)
assert read("twelve.jp2") == [STORED, STORED, SHIFTED, SHIFTED]
assert read("twelve.jpg") == [STORED, None, None, SHIFTED]
assert read("twelve.jxl") == [STORED, None, SPREAD, None]
assert read("twelve.avif") == [STORED, STORED, [0, 6, 93, 255], STORED]
assert read("sixteen.jp2") == [STORED] * 4
assert read("sixteen.jxl") == [STORED, None, STORED, None]
PYTHON
