#!/usr/bin/env bash
# pycolmap 4.2.1: the normals of a COLMAP normal map are other normals in Python, and an array becomes another map.
#
# Guess:     NormalMap.read() and to_array() give what COLMAP's own script for Python reads from the same file, "with shape
#            (H, W, 3) where the 3 channels represent the x, y, z components", and from_array() and write() give COLMAP such
#            a file: DepthMap does so.
# Behaviour: COLMAP keeps a map as three pictures one after another, of x, of y and of z, in memory and in its files. to_array()
#            and from_array() take the same memory for x, y, z of one pixel after another. A flat wall has three
#            "normals", a third of the picture each, none of which is its own. From array to array nothing is seen, as the
#            two are wrong alike, but what is in between is COLMAP's: rescale(), downsize(), to_bitmap() and files.
# Seen:      a wall of 64 x 48, all normals (0.6, 0, -0.8)
#            COLMAP's file, read() and to_array()        (0.6, 0.6, 0.6), (0, 0, 0), (-0.8, -0.8, -0.8)
#            from_array(), write(), read as a file       the same three, from column to column
#            from_array(), downsize(), to_array()        no (0.6, 0, -0.8), but (-0.58, 0.58, -0.58) and others
#            from_array(), to_array()                    (0.6, 0, -0.8)
#            to_bitmap() of COLMAP's file                one colour; of from_array() three
#            depth of the same way there and back        as it was
#
# It matters where normals of a network are given to COLMAP for its fusion, or COLMAP's are used to train or judge one.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pycolmap==4.2.1
venv/bin/python - <<'PYTHON'
import numpy as np
import pycolmap

WALL = np.full((48, 64, 3), (0.6, 0, -0.8), np.float32)
DEPTH = np.linspace(1, 5, 48 * 64, dtype=np.float32).reshape(48, 64)


def write_file(values, path):
    """COLMAP's format: width&height&channels&, then x fastest, then y, then the channel."""
    height, width, channels = values.shape
    with open(path, "wb") as file:
        file.write(f"{width}&{height}&{channels}&".encode())
        file.write(values.transpose(2, 0, 1).astype("<f4").tobytes())


def read_file(path):
    with open(path, "rb") as file:
        *sizes, values = file.read().split(b"&", 3)
    width, height, channels = map(int, sizes)
    return np.frombuffer(values, "<f4").reshape(channels, height, width).transpose(1, 2, 0)


def kinds(normals):
    """The different normals that are there, and for how many pixels each."""
    found, counts = np.unique(np.round(normals.reshape(-1, 3), 2) + 0.0, axis=0, return_counts=True)
    return {tuple(round(float(part), 2) for part in one): int(count) for one, count in zip(found, counts, strict=True)}


def show(name, normals):
    found = kinds(normals)
    print(f"{name}: {found}")
    return found


write_file(WALL, "normals.bin")
theirs = pycolmap.NormalMap()
theirs.read("normals.bin")
wrong = {(-0.8, -0.8, -0.8): 1024, (0.0, 0.0, 0.0): 1024, (0.6, 0.6, 0.6): 1024}
assert show("COLMAP's file, read and to_array", theirs.to_array()) == wrong
ours = pycolmap.NormalMap.from_array(WALL)
assert kinds(ours.to_array()) == {(0.6, 0.0, -0.8): 3072}
ours.write("ours.bin")
assert show("from_array and write, read as a file", read_file("ours.bin")) == wrong
print(f"to_bitmap: {len(kinds(theirs.to_bitmap().to_array()))} colour, {len(kinds(ours.to_bitmap().to_array()))} colours")
assert len(kinds(theirs.to_bitmap().to_array())) == 1 and len(kinds(ours.to_bitmap().to_array())) == 3
ours.downsize(32, 24)
smaller = show("from_array and downsize", ours.to_array())
assert (0.6, 0.0, -0.8) not in smaller and (-0.58, 0.58, -0.58) in smaller

write_file(DEPTH[..., None], "depth.bin")
depth = pycolmap.DepthMap()
depth.read("depth.bin")
assert np.array_equal(depth.to_array(), DEPTH)
pycolmap.DepthMap.from_array(DEPTH, 0, 10).write("ours.bin")
assert np.array_equal(read_file("ours.bin")[..., 0], DEPTH)
PYTHON
