#!/usr/bin/env bash
# OpenCV 5.0.0 takes two gigabytes and seconds for a PNG of 149 bytes: as much as one of its chunks says that it holds.
#
# Guess:     what a chunk of a PNG says of its length is held against what is left of the buffer, as libpng does when it
#            reads from a stream; a file that is cut off costs nothing.
# Behaviour: cv2.imdecode makes room for the length that stands before IDAT (up to 2^31 - 1 bytes) and fills it with
#            zeros before it looks whether so much is there. It then says "PNG input buffer is incomplete" and gives None.
#            So any program that decodes what others upload can be made to take 2 GB a request.
# Seen:      149 bytes, of which one chunk claims 2000000000: None after 3.1 s, 1907 MB more
#
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 opencv-python-headless==5.0.0.93
venv/bin/python - <<'PYTHON'
import resource
import struct
import time

import cv2
import numpy as np


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


data = bytearray(cv2.imencode(".png", np.zeros((48, 64, 3), np.uint8))[1])
struct.pack_into(">I", data, data.index(b"IDAT") - 4, 2_000_000_000)
before, began = peak(), time.perf_counter()
image = cv2.imdecode(np.frombuffer(bytes(data), np.uint8), cv2.IMREAD_UNCHANGED)
seconds, more = time.perf_counter() - began, peak() - before
print(f"{len(data)} bytes, of which one chunk claims 2000000000: {image} after {seconds:.1f} s, {more} MB more")
assert image is None
assert more > 1500
PYTHON
echo "OpenCV 5.0.0 still takes the memory that a chunk claims"
