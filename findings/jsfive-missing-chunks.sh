#!/usr/bin/env bash
# jsfive 0.4.2 (npm): of an HDF5 file that is not full, what was never written is `undefined`, and 0 in a typed array.
#
# Guess:     what nobody has written is the fill value, as HDF5 has it: its chunks take no room in a file, and a reader puts the
#            value there that the dataset states. jsfive reads that value, and shows it as `fillvalue`; what it does not
#            support is refused, as it does compressions that it does not know.
# Behaviour: the array that `value` gives has holes where no chunk is: `undefined`, whatever the type and the fill value. Put
#            into a Uint16Array these are 0, into a Float32Array NaN, a sum of them is NaN, and JSON has null. A dataset of
#            which nothing was written is all `undefined`. Its limits in the documentation do not name it. h5wasm 0.10.3 (npm),
#            which is HDF5 itself, and h5py put the fill value there.
# Seen:      48 x 64, of which rows 0 to 15 were written; row 16
#                                              h5py, h5wasm    jsfive       in a typed array
#            uint16, fill value 65535          65535           undefined    0
#            int32, fill value -1              -1              undefined    0
#            float32, fill value 0             0               undefined    NaN
#            uint16, nothing written           65535           undefined    0
#            pictures 0 and 2 of 3, uint16     0               undefined    0
#
# It matters for recordings that were cut off or left pictures out, whose fill value says "no depth": 65535 becomes the nearest.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 h5py==3.16.0
npm install --silent --no-audit --no-fund jsfive@0.4.2 h5wasm@0.10.3
venv/bin/python - <<'PYTHON'
import json

import h5py
import numpy as np

ROWS = np.arange(1000, 1000 + 48 * 64, dtype=np.uint16).reshape(48, 64)
RECIPES = {
    "uint16": ("u2", 65535, {"chunks": (16, 16)}),
    "uint16-gzip": ("u2", 65535, {"chunks": (16, 16), "compression": "gzip", "shuffle": True}),
    "int32": ("i4", -1, {"chunks": (16, 16)}),
    "float32": ("f4", 0, {"chunks": (16, 16)}),
    "nothing": ("u2", 65535, {}),
}
for name, (kind, fill, options) in RECIPES.items():
    with h5py.File(f"{name}.h5", "w") as file:
        depth = file.create_dataset("depth", (48, 64), kind, fillvalue=fill, **options)
        if name != "nothing":
            depth[:16] = ROWS[:16]
with h5py.File("film.h5", "w") as file:
    depth = file.create_dataset("depth", (3, 48, 64), "u2", chunks=(1, 48, 64), maxshape=(None, 48, 64))
    depth[0] = depth[2] = ROWS
expected = {}
for name in (*RECIPES, "film"):
    with h5py.File(f"{name}.h5") as file:
        expected[name] = file["depth"][()].ravel().tolist()
with open("h5py.json", "w") as file:
    json.dump(expected, file)
PYTHON
cat > read.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import h5wasm from 'h5wasm/node';
import { File } from 'jsfive';

const KINDS = { int32: Int32Array, float32: Float32Array };
await h5wasm.ready;
for (const [name, right] of Object.entries(JSON.parse(readFileSync('h5py.json')))) {
  const bytes = readFileSync(`${name}.h5`);
  const dataset = new File(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)).get('depth');
  const found = dataset.value;
  const byWasm = new h5wasm.File(`${name}.h5`, 'r').get('depth').value;
  assert.deepEqual([...byWasm], right);
  const first = { nothing: 0, film: 48 * 64 }[name] ?? 16 * 64;
  const last = name === 'film' ? 2 * 48 * 64 : 48 * 64;
  const typed = (KINDS[name] ?? Uint16Array).from(found)[first];
  console.log(`${name}: h5py and h5wasm ${right[first]}, jsfive ${found[first]}, typed ${typed}; fillvalue ${dataset.fillvalue}`);
  assert.equal(found.length, right.length);
  assert.equal(dataset.fillvalue, right[first]);
  right.forEach((number, place) => assert.equal(found[place], place >= first && place < last ? undefined : number));
  assert.deepEqual(typed, name === 'float32' ? NaN : 0);
}
JAVASCRIPT
node read.mjs
