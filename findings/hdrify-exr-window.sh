#!/usr/bin/env bash
# hdrify 1.2.1 (npm), written with OpenEXR 3.5.3 (PyPI): a part of an EXR moves down by where it lay, and infinity comes nearest.
#
# Guess:     a file whose data window begins elsewhere than at (0, 0), as renderers write a region, gives the pixels of that
#            window: the picture has its size, and the window is in the metadata. Infinity, the sky of a depth map, is the
#            greatest number there is: as such, or as 65504, it is still behind all else.
# Behaviour: each row is put where its own number says, in a picture that begins at 0 and has the height of the window: rows from 10 on
#            are 10 rows of 0, then the first rows; the last 10 are lost. With ZIP and without compression nothing is said, by B44 the
#            last rows are of another colour, the others stop with an error about something else. Infinity, NaN and what is below zero are
#            read as 0. Written with a compression, also PXR24, numbers become half floats: 70000 goes to infinity, and comes back as 0.
# Seen:      48 rows of 1 to 48; the window from row 0 gives them in each compression
#            from row 10: none, ZIP                   0 ten times, 1 to 38; B44: 1 to 32, then 133 to 138, of green
#            from row -10: none, ZIP, RLE, PXR24      11 to 48, 0 ten times; from row 52: none 0
#            1.5, inf, 70000 read                     1.5 0 70000; written and read anew by ZIP: 1.5 0 0
# It matters where one program renders depth in regions, and another shows it in a browser.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 OpenEXR==3.5.3
npm install --silent --no-audit --no-fund hdrify@1.2.1
venv/bin/python - <<'PYTHON'
import itertools

import numpy as np
import OpenEXR


def write(path, picture, compression, top):
    window = np.array([0, top], np.int32), np.array([picture.shape[1] - 1, top + picture.shape[0] - 1], np.int32)
    header = {"type": OpenEXR.scanlineimage, "compression": compression, "dataWindow": window}
    OpenEXR.File(header, {name: picture + np.float16(100 * place) for place, name in enumerate("RGB")}).write(path)


rows = np.repeat(np.arange(1, 49, dtype=np.float16)[:, None], 6, 1)
for name, top in itertools.product(("NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44"), (0, 10, -10, 52)):
    write(f"{name}{top}.exr", rows, getattr(OpenEXR, f"{name}_COMPRESSION"), top)
write("far.exr", np.array([[1.5, np.inf, 70000, np.nan, -2]], np.float32), OpenEXR.ZIP_COMPRESSION, 0)
PYTHON
cat > read.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readExr, writeExr } from 'hdrify';

const read = (name, how) => readExr(new Uint8Array(readFileSync(`${name}.exr`)), how);
const red = (image, step) => Array.from({ length: image.data.length / step }, (_, place) => image.data[step * place]);
const [rows, none] = [Array.from({ length: 48 }, (_, place) => place + 1), Array(10).fill(0)];
const expected = { B440: rows, PIZ0: rows, ZIPS0: rows, NO52: Array(48).fill(0), B4410: [...none, ...rows.slice(0, 32), 133, 134, 135, 136, 137, 138] };
for (const name of ['NO', 'ZIP']) expected[`${name}10`] = [...none, ...rows.slice(0, 38)];
for (const name of ['NO', 'ZIP', 'RLE', 'PXR24']) Object.assign(expected, { [`${name}0`]: rows, [`${name}-10`]: [...rows.slice(10), ...none] });
for (const [name, right] of Object.entries(expected)) assert.deepEqual(red(read(name), 24), right, name);
for (const name of ['RLE', 'ZIPS', 'PIZ', 'PXR24']) assert.throws(() => read(`${name}10`));
assert.deepEqual(red(read('far'), 4), [1.5, 0, 70000, 0, 0]);
assert.deepEqual(red(read('far', { sanitize: false }), 4), [1.5, Infinity, 70000, NaN, -2]);
for (const [compression, back] of [['none', 70000], ['zip', 0], ['pxr24', 0]])
  assert.deepEqual(red(readExr(writeExr(read('far'), { compression })), 4), [1.5, 0, back, 0, 0]);
JAVASCRIPT
node read.mjs
