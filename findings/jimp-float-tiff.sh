#!/usr/bin/env bash
# jimp 1.6.1 and utif2 4.1.0 (npm): a TIFF of floats begins anew at black at each whole number, or is black if one is below zero.
#
# Guess:     a picture of floats is shown from 0 to 1 in 8 bits, what is beyond 1 is white and what is below 0 is black, in grey as
#            in colour, or the file is refused, as image-js refuses it; doubles are floats too.
# Behaviour: in colour it is so, with a curve for screens, as long as no number is below zero: one, wherever it is, is taken for a
#            sign of the other byte order, so that the bytes are turned round and the whole picture is black. In grey
#            the number times 255 is cut to its last eight bits, without a curve: depth in metres becomes rings, one for each
#            metre, what is just below zero is bright, and 100.5 is 28. Of grey doubles each pixel shows a byte of another
#            number. Nothing is said.
# Seen:                                      0 0.25 0.5 1 1.25 1.5 2 2.25 -0.25 100.5
#            float32, grey                   0  64 128 255  63 127 254  62 193  28
#            float32, colour, 0 for -0.25    0 137 188 255 255 255 255 255   0 255
#            float32, colour                 0 everywhere
#            float64, grey                   0   0   0 158   0 190   0 222   0 230
#
# It matters since jimp is what previews pictures in many programs of Node.js, and depth in metres lies in such files.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 tifffile==2026.3.3
npm install --silent --no-audit --no-fund jimp@1.6.1 utif2@4.1.0 image-js@1.7.0
venv/bin/python - <<'PYTHON'
import numpy as np
import tifffile

ROW = np.array([0, 0.25, 0.5, 1, 1.25, 1.5, 2, 2.25, -0.25, 100.5], np.float32)
GREY = np.tile(ROW, (8, 1))
tifffile.imwrite("grey.tif", GREY, photometric="minisblack")
tifffile.imwrite("zlib.tif", GREY, photometric="minisblack", compression="zlib")
tifffile.imwrite("doubles.tif", GREY.astype(np.float64), photometric="minisblack")
tifffile.imwrite("colour.tif", np.stack([np.maximum(GREY, 0)] * 3, 2), photometric="rgb")
tifffile.imwrite("below.tif", np.stack([GREY] * 3, 2), photometric="rgb")
PYTHON
cat > read.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decode } from 'image-js';
import { Jimp } from 'jimp';
import UTIF from 'utif2';

const GREY = [0, 64, 128, 255, 63, 127, 254, 62, 193, 28];
const EXPECTED = {
  grey: GREY,
  zlib: GREY,
  doubles: [0, 0, 0, 158, 0, 190, 0, 222, 0, 230],
  colour: [0, 137, 188, 255, 255, 255, 255, 255, 0, 255],
  below: GREY.map(() => 0),
};
const log = console.log;

function byUtif(path) {
  const bytes = readFileSync(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const [page] = UTIF.decode(file);
  console.log = () => {}; // utif2 prints the tags that it does not know.
  UTIF.decodeImage(file, page);
  console.log = log;
  return UTIF.toRGBA8(page);
}

for (const [name, expected] of Object.entries(EXPECTED)) {
  const picture = (await Jimp.read(`${name}.tif`)).bitmap;
  assert.deepEqual([picture.width, picture.height], [10, 8]);
  assert.deepEqual([...byUtif(`${name}.tif`)], [...picture.data]);
  const row = GREY.map((_, column) => picture.data[4 * column]);
  console.log(`${name}: ${row.join(' ')}`);
  assert.deepEqual(row, expected);
}
assert.throws(() => decode(readFileSync('grey.tif')), /Float TIFF data is not supported/);
JAVASCRIPT
node read.mjs
