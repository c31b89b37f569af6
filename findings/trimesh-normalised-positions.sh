#!/usr/bin/env bash
# trimesh 5.2.0: a model that gltfpack 1.3.0 (npm) has packed with normalised positions is 65535 times as large.
#
# Guess:     a glTF that requires KHR_mesh_quantization is read with the positions that it had before, to the precision of its
#            bits, or refused, as a reader must that does not know what is required.
# Behaviour: trimesh looks neither at what a file requires nor at "normalized" of an accessor: 65535, which stands for 1, is
#            taken for 65535. What gltfpack does by default, whole numbers and a scale, is right, and so are floats.
# Seen:      a relief of 8 x 8 points, x from -1 to 1, y from -0.5 to 0.5, z from 1 to 1.7; the extents as trimesh reads them
#            as it was               2  1  0.7
#            gltfpack                2  1  0.7
#            gltfpack -vpf           2  1  0.7
#            gltfpack -vpn           131070  65539  45874
#            the same by the words of glTF      2  1  0.7
#
# It matters where clouds and reliefs made of depth are packed for a page and measured in Python.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 trimesh==5.2.0
npm install --silent --no-audit --no-fund gltfpack@1.3.0
cat > relief.py <<'PYTHON'
import json
import struct
import subprocess
import sys

import numpy as np
import trimesh

SIZE = np.array([2, 1, 0.7])
ramp = np.linspace(0, 1, 8)
column, row = (one.ravel() for one in np.meshgrid(ramp, ramp, indexing="ij"))
places = np.arange(64).reshape(8, 8)
one, right, below, last = (part.ravel() for part in (places[:-1, :-1], places[:-1, 1:], places[1:, :-1], places[1:, 1:]))
faces = np.concatenate([np.stack([one, right, below], 1), np.stack([right, last, below], 1)])
points = np.stack([column, row, column], 1) * SIZE + [-1, -0.5, 1]
trimesh.Trimesh(points, faces, process=False).export("relief.glb")


def by_the_words(path):
    """Extents as glTF defines them: normalised whole numbers of 16 bits are of 0 to 1, and the node scales them."""
    data = open(path, "rb").read()
    (length,) = struct.unpack("<I", data[12:16])
    header = json.loads(data[20 : 20 + length])
    primitive = header["meshes"][0]["primitives"][0]
    position = header["accessors"][primitive["attributes"]["POSITION"]]
    assert header["extensionsRequired"] == ["KHR_mesh_quantization"]
    assert (position["componentType"], position["normalized"]) == (5123, True)
    (node,) = (node for node in header["nodes"] if "mesh" in node)
    return (np.array(position["max"]) - position["min"]) / 65535 * node["scale"]


for options, factor in (([], 1), (["-vpf"], 1), (["-vpn"], 65535)):
    subprocess.run([sys.argv[1], "-i", "relief.glb", "-o", "packed.glb", *options], check=True)
    found = trimesh.load("packed.glb").extents
    print(f"gltfpack {' '.join(options)}: {found.round(3).tolist()}")
    assert np.allclose(found, SIZE * factor, rtol=0.001)
    if factor > 1:
        print(f"by the words of glTF: {by_the_words('packed.glb').round(3).tolist()}")
        assert np.allclose(by_the_words("packed.glb"), SIZE, rtol=0.001)
assert np.allclose(trimesh.load("relief.glb").extents, SIZE)
PYTHON
venv/bin/python relief.py node_modules/.bin/gltfpack
