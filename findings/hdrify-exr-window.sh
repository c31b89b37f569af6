#!/usr/bin/env bash
# hdrify 1.2.1 (npm), written with OpenEXR 3.5.3 (PyPI): a part of an EXR moves down by where it lay, and infinity comes nearest.
#
# Guess:     a file whose data window begins elsewhere than at (0, 0), as renderers write a region, gives the pixels of that
#            window: the picture has its size, and the window is in the metadata. Infinity, the sky of a depth map, is the
#            greatest number there is: as such, or as 65504, it is still behind all else.
# Behaviour: each row is put where its own number says, in a picture that begins at 0 and has the height of the window: rows from 10 on
#            are 10 rows of 0, then the first rows; the last 10 are lost. With ZIP and without compression nothing is said, by B44 the last
#            rows are of another colour; RLE, ZIPS, PIZ, PXR24 and DWA stop with an error about something else ("invalid zlib data"). Columns
#            are right. Infinity, NaN and what is below zero are read as 0. Written with a compression, numbers become half floats, also
#            by PXR24: what is beyond 65504, as millimetres are, goes to infinity, and comes back as 0. sanitize: false keeps all these.
# Seen:      48 rows of 1 to 48
#            the window from row 0                    1 to 48, in each compression
#            from row 10: none, ZIP                   0 ten times, 1 to 38
#            from row 10: B44                         0 ten times, 1 to 32, then 133 to 138, of green
#            from row -10: none, ZIP, RLE, PXR24      11 to 48, 0 ten times
#            from row 52: none, ZIP                   0
#            1.5, inf, 70000 read                     1.5 0 70000; written and read anew by ZIP: 1.5 0 0
#
# It matters where one program renders depth in regions or for large places, and another shows it in a browser.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 OpenEXR==3.5.3
npm install --silent --no-audit --no-fund hdrify@1.2.1
venv/bin/python - <<'PYTHON'
import numpy as np
import OpenEXR


def write(path, picture, compression, top):
    (height, width), box = picture.shape, [np.array(corner, np.int32) for corner in ((0, 0), (99, 99))]
    data = np.array([3, top], np.int32), np.array([2 + width, top + height - 1], np.int32)
    header = {"type": OpenEXR.scanlineimage, "compression": compression, "dataWindow": data, "displayWindow": tuple(box)}
    OpenEXR.File(header, {name: picture + np.float16(100 * place) for place, name in enumerate("RGB")}).write(path)
    assert np.array_equal(OpenEXR.File(path).channels()["RGB"].pixels[..., 0], picture, equal_nan=True)


rows = np.repeat(np.arange(1, 49, dtype=np.float16)[:, None], 6, 1)
for name in ("NO", "RLE", "ZIPS", "ZIP", "PIZ", "PXR24", "B44"):
    for top in (0, 10, -10, 52):
        write(f"{name}{top}.exr", rows, getattr(OpenEXR, f"{name}_COMPRESSION"), top)
write("far.exr", np.array([[1.5, np.inf, 70000, np.nan, -2]], np.float32), OpenEXR.ZIP_COMPRESSION, 0)
PYTHON
cat > read.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readExr, writeExr } from 'hdrify';

const read = (name, how) => readExr(new Uint8Array(readFileSync(`${name}.exr`)), how);
const red = (image, step) => Array.from({ length: image.data.length / step }, (_, place) => image.data[step * place]);
const count = (first, last) => Array.from({ length: last - first + 1 }, (_, place) => first + place);
const none = (number) => Array(number).fill(0);
const later = [...none(10), ...count(1, 38)];
const earlier = [...count(11, 48), ...none(10)];
const expected = { NO10: later, ZIP10: later, B4410: [...none(10), ...count(1, 32), ...count(133, 138)], NO52: none(48), ZIP52: none(48) };
for (const name of ['NO', 'ZIP', 'RLE', 'PXR24']) expected[`${name}-10`] = earlier;
for (const name of ['NO', 'RLE', 'ZIPS', 'ZIP', 'PIZ', 'PXR24', 'B44']) expected[`${name}0`] = count(1, 48);
for (const [name, rows] of Object.entries(expected)) {
  const image = read(name);
  console.log(`${name}: ${red(image, 24).join(' ')}`);
  assert.deepEqual([image.width, image.height, red(image, 24)], [6, 48, rows]);
}
for (const name of ['RLE', 'ZIPS', 'PIZ', 'PXR24']) assert.throws(() => read(`${name}10`));
assert.deepEqual(red(read('far'), 4), [1.5, 0, 70000, 0, 0]);
assert.deepEqual(red(read('far', { sanitize: false }), 4), [1.5, Infinity, 70000, NaN, -2]);
for (const [compression, back] of [['none', 70000], ['zip', 0], ['pxr24', 0]]) {
  const again = red(readExr(writeExr(read('far'), { compression })), 4);
  console.log(`written by ${compression}: ${again.join(' ')}`);
  assert.deepEqual(again.slice(0, 3), [1.5, 0, back]);
}
JAVASCRIPT
node read.mjs
