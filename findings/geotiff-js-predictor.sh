#!/usr/bin/env bash
# geotiff.js 3.0.5 and utif2 4.1.0 (npm) undo the predictor of TIFFs wrongly: depth jumps by 256, or is no depth at all.
#
# Guess:     a predictor (differences of neighbours, which compress better) is undone in the byte order and the size that the file
#            states, or the file is refused: geotiff.js names support for both predictors, and reads both byte orders; utif2 gives
#            the numbers of 8, 16 and 32 bits.
# Behaviour: geotiff.js adds differences up as numbers of the machine's order, whatever the file's: of big-endian files a
#            carry into the upper byte goes elsewhere, so that the first numbers of a row are right and the next are off by 256
#            or more; floats are put together in the wrong order and are next to zero. utif2 adds up 32 bits byte by byte,
#            without the carry, and does not know the predictor of floats, which it passes over. Nothing is said. GDAL
#            and tifffile agree with each other, and both packages are right without a predictor.
# Seen:      64 x 48 from 1062 mm to 6469 mm, and in metres, by GDAL with deflate; how many numbers are wrong, and the first ones
#                                      geotiff.js                         utif2
#            little-endian
#            uint16, predictor 2       0 %                                0 %
#            uint32, predictor 2       0 %                                96 %   1062 1125 1188 1250 1056 1119 for 1312 1375
#            float32, predictor 3      0 %                                100 %  8.8e-44 0 0 2.4e-38
#            big-endian
#            uint16 and uint32, 2      96 %   1062 1125 1188 1250 1056    not asked
#            float32, predictor 3      100 %  4.9e-41 5.2e-41 5.5e-41
#
# It matters since predictors are what is advised for heights and depth; jimp (npm) reads its TIFFs by utif2.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 tifffile==2026.3.3 imagecodecs==2026.3.6 rasterio==1.4.4
npm install --silent --no-audit --no-fund geotiff@3.0.5 utif2@4.1.0
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
import rasterio
import tifffile

warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
METRES = (np.arange(64) + 1) / 16 + np.arange(48)[:, None] / 32 + 1
DEPTHS = {
    "uint16": np.rint(METRES * 1000).astype(np.uint16),
    "uint32": np.rint(METRES * 1000).astype(np.uint32),
    "float32": METRES.astype(np.float32),
}
for name, depth in DEPTHS.items():
    depth.tofile(f"{name}.raw")
    for predictor in (1, 3 if name == "float32" else 2):
        for order in ("LITTLE", "BIG"):
            path = f"{name}-{predictor}-{order}.tif"
            options = {"compress": "deflate", "predictor": predictor, "ENDIANNESS": order}
            with rasterio.open(path, "w", driver="GTiff", width=64, height=48, count=1, dtype=name, **options) as file:
                file.write(depth, 1)
            with rasterio.open(path) as file:
                assert np.array_equal(file.read(1), depth)
            with tifffile.TiffFile(path) as file:
                assert file.byteorder == (">" if order == "BIG" else "<")
                assert file.pages[0].predictor == predictor
                assert np.array_equal(file.asarray(), depth)
PYTHON
cat > read.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fromArrayBuffer } from 'geotiff';
import UTIF from 'utif2';

const KINDS = { uint16: Uint16Array, uint32: Uint32Array, float32: Float32Array };
// What share of the numbers is wrong, within so much: from, to.
const WRONG = {
  'geotiff uint16-2-BIG': [0.9, 1], 'geotiff uint32-2-BIG': [0.9, 1], 'geotiff float32-3-BIG': [1, 1],
  'utif uint32-2-LITTLE': [0.9, 1], 'utif float32-3-LITTLE': [1, 1],
};

function bytes(path) {
  const file = readFileSync(path);
  return file.buffer.slice(file.byteOffset, file.byteOffset + file.length);
}

async function byGeotiff(file) {
  return (await (await (await fromArrayBuffer(file)).getImage()).readRasters())[0];
}

function byUtif(file, kind) {
  const [page] = UTIF.decode(file);
  UTIF.decodeImage(file, page);
  return new kind(page.data.slice().buffer);
}

const log = console.log;
for (const [name, kind] of Object.entries(KINDS)) {
  const depth = new kind(bytes(`${name}.raw`));
  for (const predictor of [1, name === 'float32' ? 3 : 2]) {
    for (const order of ['LITTLE', 'BIG']) {
      const file = bytes(`${name}-${predictor}-${order}.tif`);
      const found = { geotiff: await byGeotiff(file) };
      console.log = () => {}; // utif2 prints the tags that it does not know.
      if (order === 'LITTLE') found.utif = byUtif(file, kind);
      console.log = log;
      for (const [reader, numbers] of Object.entries(found)) {
        assert.equal(numbers.length, depth.length);
        const share = numbers.filter((number, place) => number !== depth[place]).length / depth.length;
        const key = `${reader} ${name}-${predictor}-${order}`;
        console.log(`${key}: ${(100 * share).toFixed(1)} % wrong, ${[...numbers.slice(0, 6)].join(' ')}`);
        const [least, most] = WRONG[key] ?? [0, 0];
        assert.ok(least <= share && share <= most, key);
      }
    }
  }
}
JAVASCRIPT
node read.mjs
