#!/usr/bin/env bash
# sharp 0.35.5 (npm): dilate() makes what is white smaller, makes depths of single bits, and leaves 16-bit depth next to black.
#
# Guess:     "Expand foreground objects using the dilate morphological operator": as in OpenCV, SciPy, scikit-image and libvips the
#            foreground is what is not 0, and of grey a pixel becomes the greatest of its neighbours, or with erode() the
#            smallest. 16-bit grey, which most of sharp's operations keep, gives the same, finer; or it is refused.
# Behaviour: the other way round: dilate() lets black grow and erode() lets white grow. Of grey the bits are combined, one by one,
#            with "and" in dilate() and with "or" in erode(): of 100 beside 155 remain 0 and 255, further than either from
#            both. 16-bit numbers are cut off at 255 before that, so that all depth beyond 255 mm is 255 mm. Nothing is said.
#            erode() of a mask that is black and white is what others call dilate.
# Seen:      a row; what dilate(1) and erode(1) make of it, and what OpenCV 5.0.0 does
#            0 0 0 0 255 0 0 0 0                            dilate  0 0 0 0 0 0 0 0 0                  OpenCV 0 0 0 255 255 255 0 0 0
#                                                           erode   0 0 0 255 255 255 0 0 0            OpenCV 0 0 0 0 0 0 0 0 0
#            100 100 100 100 155 100 100 100 100            dilate  100 100 100 0 0 0 100 100 100      OpenCV 100 100 100 155 155 155 100 100 100
#                                                           erode   100 100 100 255 255 255 100 ...    OpenCV 100 ...
#            1500 1500 1500 1500 1600 1500 1500 0 1500      dilate  255 255 255 255 255 255 0 0 0      OpenCV 1500 1500 1500 1600 1600 1600 1500 ...
#                                                           erode   255 ...                            OpenCV 1500 1500 1500 1500 1500 1500 0 0 0
#
# It matters since dilating is how holes of depth are closed and masks of objects are given a margin.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 opencv-python-headless==5.0.0.93
npm install --silent --no-audit --no-fund sharp@0.35.5
cat > rows.json <<'JSON'
[
  {"row": [0, 0, 0, 0, 255, 0, 0, 0, 0],
   "sharp": {"dilate": [0, 0, 0, 0, 0, 0, 0, 0, 0], "erode": [0, 0, 0, 255, 255, 255, 0, 0, 0]},
   "opencv": {"dilate": [0, 0, 0, 255, 255, 255, 0, 0, 0], "erode": [0, 0, 0, 0, 0, 0, 0, 0, 0]}},
  {"row": [100, 100, 100, 100, 155, 100, 100, 100, 100],
   "sharp": {"dilate": [100, 100, 100, 0, 0, 0, 100, 100, 100], "erode": [100, 100, 100, 255, 255, 255, 100, 100, 100]},
   "opencv": {"dilate": [100, 100, 100, 155, 155, 155, 100, 100, 100], "erode": [100, 100, 100, 100, 100, 100, 100, 100, 100]}},
  {"row": [1500, 1500, 1500, 1500, 1600, 1500, 1500, 0, 1500],
   "sharp": {"dilate": [255, 255, 255, 255, 255, 255, 0, 0, 0], "erode": [255, 255, 255, 255, 255, 255, 255, 255, 255]},
   "opencv": {"dilate": [1500, 1500, 1500, 1600, 1600, 1600, 1500, 1500, 1500], "erode": [1500, 1500, 1500, 1500, 1500, 1500, 0, 0, 0]}}
]
JSON
venv/bin/python - <<'PYTHON'
import json

import cv2
import numpy as np

for case in json.load(open("rows.json")):
    picture = np.array([case["row"]] * 3, np.uint16 if max(case["row"]) > 255 else np.uint8)
    for name, wanted in case["opencv"].items():
        found = getattr(cv2, name)(picture, np.ones((3, 3), np.uint8))[1].tolist()
        print(f"OpenCV {name}: {case['row']} -> {found}")
        assert found == wanted
PYTHON
cat > morph.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';

// The picture goes through a PNG, as it would from a camera, so that nothing depends on raw input.
async function morphed(row, name) {
  const Kind = Math.max(...row) > 255 ? Uint16Array : Uint8Array;
  const [space, depth] = Kind === Uint16Array ? ['grey16', 'ushort'] : ['b-w', 'uchar'];
  const raw = { width: row.length, height: 3, channels: 1 };
  const png = await sharp(Kind.from([...row, ...row, ...row]), { raw }).toColourspace(space).png().toBuffer();
  assert.equal((await sharp(png).metadata()).depth, depth);
  const changed = name ? sharp(png)[name](1) : sharp(png);
  const { buffer, byteOffset } = await changed.toColourspace(space).raw({ depth }).toBuffer();
  return [...new Kind(buffer.slice(byteOffset, byteOffset + 3 * row.length * Kind.BYTES_PER_ELEMENT))].slice(row.length, 2 * row.length);
}

for (const { row, sharp: wanted } of JSON.parse(readFileSync('rows.json'))) {
  assert.deepEqual(await morphed(row), row);
  for (const [name, numbers] of Object.entries(wanted)) {
    const found = await morphed(row, name);
    console.log(`sharp ${name}: ${row.join(' ')} -> ${found.join(' ')}`);
    assert.deepEqual(found, numbers);
  }
}
JAVASCRIPT
node morph.mjs
