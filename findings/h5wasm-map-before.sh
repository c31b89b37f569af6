#!/usr/bin/env bash
# h5wasm 0.10.3 (npm): a depth map that it cannot decompress is read as the map that was read before it.
#
# Guess:     LZF, one of the three compressions of h5py, needs a package of plugins beside h5wasm, as its README says. Without it
#            reading such a dataset throws, as h5py does where it lacks a filter, or gives null.
# Behaviour: HDF5 fails, and its report goes to the console. Its status is not checked: value, slice() and to_array() give an array
#            of the right type and size that was never filled. It holds what was there before: with pictures of one size,
#            the picture that was read last, but for a few numbers, or zeros if none was. With
#            activate_throwing_error_handler(), which the README does not mention, it throws. gzip is right.
# Seen:      a film of three pictures, 480 x 640, at 1, 2 and 3 m without compression, 0.1 m further with gzip, 0.2 m with LZF
#            LZF, the first picture, read first      0
#            then no compression, 1st picture        1000
#            then LZF, 2nd and 3rd picture           1000, 1000, where 2200 and 3200 were written
#            then gzip, 2nd picture                  2100
#            then LZF, 3rd picture                   2100
#            a map of floats at 5 m, and then one at 7 m with LZF      5, 5
#
# It matters since a viewer that goes from map to map shows one that was seen a moment ago in place of the one that was chosen.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 h5py==3.16.0
npm install --silent --no-audit --no-fund h5wasm@0.10.3
venv/bin/python - <<'PYTHON'
import h5py
import numpy as np

SIZE = 480, 640
FURTHER = {"plain": 0, "gzip": 100, "lzf": 200}
with h5py.File("depth.h5", "w") as file:
    for name, further in FURTHER.items():
        kind = {} if name == "plain" else {"compression": name}
        film = file.create_dataset(name, shape=(3, *SIZE), dtype=np.uint16, chunks=(1, *SIZE), **kind)
        for index in range(3):
            film[index] = 1000 * (index + 1) + further
    for name, metres, kind in (("map", 5, {}), ("map-lzf", 7, {"compression": "lzf"})):
        file.create_dataset(name, data=np.full(SIZE, metres, np.float32), **kind)
with h5py.File("depth.h5") as file:
    assert np.all(file["lzf"][2] == 3200) and np.all(file["map-lzf"][:] == 7)
PYTHON
cat > read.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import h5wasm from 'h5wasm/node';

const library = await h5wasm.ready;
const file = new h5wasm.File('depth.h5', 'r');

function check(what, numbers, kind, wanted) {
  assert.ok(numbers instanceof kind);
  assert.equal(numbers.length, 480 * 640);
  const share = numbers.filter((number) => number === wanted).length / numbers.length;
  console.log(`${what}: ${(100 * share).toFixed(2)} % are ${wanted}`);
  assert.ok(share > 0.999);
}

function picture(name, index, wanted) {
  const numbers = file.get(name).slice([[index, index + 1], [0, 480], [0, 640]]);
  check(`${name}, picture ${index}`, numbers, Uint16Array, wanted);
}

picture('lzf', 0, 0);
picture('plain', 0, 1000);
picture('lzf', 1, 1000);
picture('lzf', 2, 1000);
picture('gzip', 1, 2100);
picture('lzf', 2, 2100);
for (const name of ['map', 'map-lzf']) check(name, file.get(name).value, Float32Array, 5);
assert.ok(file.get('map-lzf').to_array().flat().filter((number) => number === 5).length > 0.999 * 480 * 640);
library.activate_throwing_error_handler();
assert.throws(() => file.get('map-lzf').value, /required filter 'lzf' is not registered/);
assert.equal(file.get('gzip').slice([[2, 3], [0, 1], [0, 1]])[0], 3100);
JAVASCRIPT
node read.mjs 2> console.txt || { cat console.txt; exit 1; }
grep --count "required filter 'lzf' is not registered" console.txt
