#!/usr/bin/env bash
# OpenCV 5.0.0: savePointCloud writes the colours of a picture as 65025 into a PLY whose header says bytes, and the same into OBJ as 255.
#
# Guess:     colours are documented as floats, without a range: those of a picture (uint8, or 0 to 255 as floats) are written as they are
#            into the bytes of a PLY, or refused. loadPointCloud, by its documentation, gives colours as the file has them, and raises an
#            error for what it cannot read.
# Behaviour: in a PLY every colour is multiplied by 255, and written as text, whatever becomes of it. OpenCV itself reads the
#            lowest byte of it, divided by 255: the brightest is then the darkest. trimesh does the same; plyfile and meshio refuse the
#            file. In OBJ colours are what they were. So colours from 0 to 1 are right in both, and those of a picture in OBJ alone.
#            A PLY of doubles, as an array of numpy's is by default, is no error: it comes back as None, with a line in the log.
# Seen:      orange (255 128 0), blue (0 0 255) and a dark blue (16 32 64)
#            in the PLY              65025 32640 0        0 0 65025      4080 8160 16320
#            read by OpenCV, * 255       1   128 0        0 0     1       240  224   192
#            read by trimesh             1   128 0        0 0     1       240  224   192
#            in the OBJ                255   128 0        0 0   255        16   32    64
#
# It matters since a cloud is coloured with the pixels of a picture, which are bytes.
# Fails where that changes. Needs Python 3.12 or newer (PYTHON=python3.12) and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 opencv-python-headless==5.0.0.93 plyfile==1.1.5 trimesh==5.2.0 meshio==5.3.5
OPENCV_LOG_LEVEL=SILENT venv/bin/python - <<'PYTHON'
from pathlib import Path

import cv2
import meshio
import numpy as np
import plyfile
import trimesh

PLACES = np.array([[0.1, 0.05, 1.5], [1, 2, 3], [-1, 0.5, 2.25]], np.float32)
COLOURS = np.array([[255, 128, 0], [0, 0, 255], [16, 32, 64]], np.uint8)
LOWEST_BYTES = (255 * COLOURS.astype(int)) % 256


def written(name, colours):
    cv2.savePointCloud(name, PLACES.reshape(-1, 1, 3), rgb=colours.reshape(-1, 1, 3))
    lines = [line.removeprefix("v ").split() for line in Path(name).read_text().splitlines()[-3:]]
    return np.array([line[3:] for line in lines], float)


def read(name):
    return cv2.loadPointCloud(name)[2].reshape(-1, 3)


for kind, colours in (("uint8", COLOURS), ("float32 to 255", COLOURS.astype(np.float32))):
    in_ply, in_obj = written("cloud.ply", colours), written("cloud.obj", colours)
    print(f"{kind}: in the PLY {in_ply.astype(int).tolist()}, in the OBJ {in_obj.astype(int).tolist()}")
    assert "property uchar red" in Path("cloud.ply").read_text()
    assert np.array_equal(in_ply, 255 * COLOURS.astype(int)) and np.array_equal(in_obj, COLOURS)
    by_opencv, by_trimesh = read("cloud.ply"), trimesh.load("cloud.ply").colors[:, :3]
    print(f"  read by OpenCV, times 255: {np.rint(255 * by_opencv).astype(int).tolist()}, by trimesh: {by_trimesh.tolist()}")
    assert np.allclose(255 * by_opencv, LOWEST_BYTES, atol=0.01) and np.array_equal(by_trimesh, LOWEST_BYTES)
    assert np.array_equal(read("cloud.obj"), COLOURS)
    for reader in (plyfile.PlyData.read, meshio.read):
        try:
            reader("cloud.ply")
        except OverflowError as error:
            print(f"  {reader.__module__}: {error}")
        else:
            raise AssertionError(f"{reader.__module__} reads it")

shares = COLOURS.astype(np.float32) / 255
assert np.array_equal(written("cloud.ply", shares), COLOURS) and np.allclose(read("cloud.ply"), shares)
assert np.allclose(written("cloud.obj", shares), shares, atol=1e-5)

vertices = np.array([tuple(place) for place in PLACES], [(axis, "f8") for axis in "xyz"])
plyfile.PlyData([plyfile.PlyElement.describe(vertices, "vertex")]).write("doubles.ply")
answer = cv2.loadPointCloud("doubles.ply")
print("a PLY of doubles:", answer)
assert answer == (None, None, None)
PYTHON
