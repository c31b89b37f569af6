#!/usr/bin/env bash
# DracoPy 2.2.0: a cloud of points in whole millimetres is stored as other numbers: 1000 becomes 1148846080.
#
# Guess:     encode() takes "a list or numpy array of points" and makes floats of it, as it says; points that are whole numbers
#            are these numbers as floats, to the precision of quantization_bits, or are kept as whole numbers. They are, as
#            vertices of a mesh.
# Behaviour: of a cloud without faces the floats are made, and their bits are stored as whole numbers, under the name of a type of
#            whole numbers, signed or not. That is what is in the file: DracoPy's decoder and Google's own (draco3d) give
#            the same. quantization_bits changes nothing. Lists of Python's ints and every dtype of whole numbers are
#            concerned; nothing is said. Floats, other attributes (colours, generic ones) and meshes are right, and
#            what draco3d writes as whole numbers DracoPy reads rightly.
# Seen:      points (0, 0, 1000), (100, 50, 1500), (7, 900, 2000), (3, 4, 5); the first three numbers after the zeros
#            float32                                   1000 100 50, to 0.02
#            uint16, uint32, int32, int64, lists       1148846080 1120403456 1112014848
#            the same as a mesh, with faces            1000 100 50
#            written by draco3d, read by DracoPy       1000 100 50
#
# It matters since 16-bit depth is in whole millimetres: points that are made of it without a factor are of this kind.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 dracopy==2.2.0
npm install --silent --no-audit --no-fund draco3d@1.5.9
cat > google.mjs <<'JAVASCRIPT'
import draco from 'draco3d';
import { readFileSync, writeFileSync } from 'node:fs';

const decoders = await draco.createDecoderModule({});
const encoders = await draco.createEncoderModule({});
for (const name of process.argv.slice(2)) {
  const bytes = new Int8Array(readFileSync(name));
  const buffer = new decoders.DecoderBuffer();
  buffer.Init(bytes, bytes.length);
  const decoder = new decoders.Decoder();
  const cloud = new decoders.PointCloud();
  if (!decoder.DecodeBufferToPointCloud(buffer, cloud).ok()) throw new Error(name);
  const places = decoder.GetAttribute(cloud, decoder.GetAttributeId(cloud, decoders.POSITION));
  const values = new decoders.DracoFloat32Array();
  decoder.GetAttributeFloatForAllPoints(cloud, places, values);
  const numbers = Array.from({ length: values.size() }, (_, place) => values.GetValue(place));
  writeFileSync(`${name}.json`, JSON.stringify(numbers));
}
const cloud = new encoders.PointCloud();
const points = Int32Array.from([0, 0, 1000, 100, 50, 1500, 7, 900, 2000, 3, 4, 5]);
new encoders.PointCloudBuilder().AddInt32Attribute(cloud, encoders.POSITION, 4, 3, points);
const encoder = new encoders.Encoder();
encoder.SetEncodingMethod(encoders.POINT_CLOUD_SEQUENTIAL_ENCODING);
const made = new encoders.DracoInt8Array();
const length = encoder.EncodePointCloudToDracoBuffer(cloud, false, made);
writeFileSync('google.drc', Buffer.from(Array.from({ length }, (_, place) => made.GetValue(place) & 255)));
JAVASCRIPT
cat > points.py <<'PYTHON'
import json
import subprocess

import DracoPy
import numpy as np

POINTS = np.array([[0, 0, 1000], [100, 50, 1500], [7, 900, 2000], [3, 4, 5]])
BITS = POINTS.astype(np.float32).view(np.uint32)
WHOLE = ("uint16", "uint32", "int32", "int64", "list")
FACES = np.array([[0, 1, 2], [1, 2, 3]], np.uint32)


def points_of(kind):
    return POINTS.tolist() if kind == "list" else POINTS.astype(kind)


def read(name):
    with open(name, "rb") as file:
        return np.asarray(DracoPy.decode(file.read()).points)


names = []
for kind in ("float32", *WHOLE):
    for bits in (16, 30):
        names.append(f"{kind}-{bits}.drc")
        with open(names[-1], "wb") as file:
            file.write(DracoPy.encode(points_of(kind), preserve_order=True, quantization_bits=bits))
subprocess.run(["node", "google.mjs", *names], check=True)
for name in names:
    with open(f"{name}.json") as file:
        by_google = np.reshape(json.load(file), POINTS.shape)
    found = read(name)
    print(f"{name}: {found[0].tolist()} {found[1].tolist()}")
    assert np.array_equal(by_google, found)
    if name.startswith("float32"):
        assert np.abs(found - POINTS).max() < 0.02
    else:
        assert np.array_equal(found, BITS)
for kind in WHOLE:
    mesh = DracoPy.decode(DracoPy.encode(points_of(kind), faces=FACES, preserve_order=True))
    assert np.array_equal(mesh.points, POINTS)
beside = DracoPy.encode(POINTS.astype(np.float32), preserve_order=True, generic_attributes={7: POINTS.astype(np.uint32)})
assert any(np.array_equal(one["data"], POINTS) for one in DracoPy.decode(beside).attributes)
print(f"written by draco3d: {read('google.drc').tolist()}")
assert np.array_equal(read("google.drc"), POINTS)
PYTHON
venv/bin/python points.py
