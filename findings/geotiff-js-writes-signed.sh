#!/usr/bin/env bash
# geotiff.js 3.0.5 (npm): of whole numbers with a sign writeArrayBuffer() keeps the lowest byte, and says that they are whole.
#
# Guess:     since it takes typed arrays (version 3), the array says what is written: Int16Array and Int32Array as numbers with a
#            sign of 16 and 32 bits, as the unsigned ones and floats; what it cannot write it refuses.
# Behaviour: the file states 16 or 32 bits and a sign, and has room for them, but in that room lies one byte for each number, its
#            lowest; the rest are zeros. Readers put two or four of these bytes together. No error;
#            GDAL and tifffile read the same as geotiff.js itself. Uint8, Uint16, Uint32, Float32 and Float64 are right.
# Seen:      4 x 3 numbers from 1500 on, the fourth -5
#            Uint16Array, Uint32Array, floats    as they were (without the -5)
#            Int16Array                          -8995 -8453 -7967 -7453 -6939 -6425 0 0 0 0 0 0
#            Int32Array                          -589439237 -522067229 -454695193 0 0 0 0 0 0 0 0 0
#
# It matters for heights below the sea, differences of depth, and depth by cameras that mark holes with -1.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 tifffile==2026.3.3 rasterio==1.4.4
npm install --silent --no-audit --no-fund geotiff@3.0.5
cat > write.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { fromArrayBuffer, writeArrayBuffer } from 'geotiff';

for (const kind of [Uint8Array, Uint16Array, Uint32Array, Float32Array, Float64Array, Int16Array, Int32Array]) {
  const isSigned = kind.name.startsWith('Int');
  const first = kind === Uint8Array ? 0 : 1500;
  const numbers = kind.from({ length: 12 }, (_, place) => (isSigned && place === 3 ? -5 : first + place));
  const file = await writeArrayBuffer(numbers, { width: 4, height: 3 });
  writeFileSync(`${kind.name}.tif`, Buffer.from(file));
  const [found] = await (await (await fromArrayBuffer(file)).getImage()).readRasters();
  console.log(`${kind.name}: ${[...found].join(' ')}`);
  const lowest = Buffer.alloc(12 * kind.BYTES_PER_ELEMENT);
  lowest.set([...numbers].map((number) => number & 255));
  const put = (_, place) => lowest.readIntBE(place * kind.BYTES_PER_ELEMENT, kind.BYTES_PER_ELEMENT);
  assert.deepEqual([found.constructor, [...found]], [kind, isSigned ? Array.from({ length: 12 }, put) : [...numbers]]);
}
JAVASCRIPT
node write.mjs
venv/bin/python - <<'PYTHON'
import warnings

import numpy as np
import rasterio
import tifffile

warnings.simplefilter("ignore", rasterio.errors.NotGeoreferencedWarning)
NUMBERS = np.arange(1500, 1512)
SIGNED = np.where(NUMBERS == 1503, -5, NUMBERS)
for name, kind in (("Uint16", np.uint16), ("Float32", np.float32), ("Int16", np.int16), ("Int32", np.int32)):
    expected = NUMBERS.astype(kind)
    if name.startswith("Int"):
        stored = (SIGNED & 255).astype(np.uint8)
        expected = np.pad(stored, (0, 12 * (np.dtype(kind).itemsize - 1))).view(np.dtype(kind).newbyteorder(">"))
        assert not np.any(expected == SIGNED)
    with rasterio.open(f"{name}Array.tif") as file:
        by_gdal = file.read(1).ravel()
    print(f"{name}, GDAL: {by_gdal[:4].tolist()}")
    assert by_gdal.dtype == kind
    assert np.array_equal(by_gdal, expected)
    assert np.array_equal(tifffile.imread(f"{name}Array.tif").ravel(), expected)
PYTHON
