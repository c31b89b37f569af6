#!/usr/bin/env bash
# @huggingface/transformers 4.3.1 (npm, in Node.js): photos are made smaller by leaving pixels out, and larger with a black edge.
#
# Guess:     an image processor prepares a photo as the Python library does that the network was trained with: "resample" is
#            a number of Pillow's, whose bilinear and bicubic take the mean of all that a smaller pixel covers.
# Behaviour: RawImage.resize() hands nearest, bilinear and bicubic to an affine map of sharp's: pixel i of the answer is taken
#            from i / scale, between the two or four pixels around that place. What lies between the places is not looked at:
#            where the scale is a whole factor, all three are nearest. Everything moves to the right and down, at a quarter of
#            the size by 1.5 pixels of the photo. Made larger, the last row and column are mixed with black. lanczos goes another
#            way and is right. Nothing is said, and the documentation only names the methods.
# Seen:      DPTImageProcessor (DPT, MiDaS, Depth Anything), 640 x 480 to 160 x 120, in levels; Pillow 13.0.0 beside it
#                                                            resample 2 and 3        Pillow
#            one column in four white, the others black       255 everywhere          64 everywhere
#            a ramp of two levels for 5 pixels, from 64       64 65 67 68 70          64 66 67 69 71
#            a wall of 200, made larger to 1280 x 960         last row, column 100    200 everywhere
#
# It matters since depth networks in Node.js see the noise and the fences that training never showed them.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pillow==13.0.0
npm install --silent --no-audit --no-fund --ignore-scripts @huggingface/transformers@4.3.1
venv/bin/python - <<'PYTHON'
import json

import numpy as np
from PIL import Image

RAMP = np.tile(np.arange(640) * 2 // 5, (480, 1)).astype(np.uint8)
FENCE = np.tile(np.where(np.arange(640) % 4 == 0, 255, 0), (480, 1)).astype(np.uint8)
WALL = np.full((480, 640), 200, np.uint8)
METHODS = {2: Image.Resampling.BILINEAR, 3: Image.Resampling.BICUBIC}


def smaller(picture, method):
    found = np.asarray(Image.fromarray(picture).resize((160, 120), METHODS[method]))
    return [*found[60, 40:45].tolist(), *found[60, 110:115].tolist()]


for method in METHODS:
    assert smaller(FENCE, method)[3] in range(63, 66)
    assert np.ptp(np.asarray(Image.fromarray(WALL).resize((1280, 960), METHODS[method]))) == 0
with open("pillow.json", "w") as file:
    json.dump({str(method): {"ramp": smaller(RAMP, method), "fence": smaller(FENCE, method)} for method in METHODS}, file)
PYTHON
cat > shrink.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DPTImageProcessor, RawImage } from '@huggingface/transformers';

const [WIDTH, HEIGHT] = [640, 480];
const pillow = JSON.parse(readFileSync('pillow.json'));

function photo(level) {
  const pixels = new Uint8ClampedArray(WIDTH * HEIGHT * 3);
  for (let place = 0; place < WIDTH * HEIGHT; place++) pixels.fill(level(place % WIDTH), place * 3, place * 3 + 3);
  return new RawImage(pixels, WIDTH, HEIGHT, 3);
}

// The first channel of what the network is given, in levels, as a function of row and column.
async function prepared(picture, resample, width, height) {
  const settings = { do_resize: true, size: { width, height }, resample, do_rescale: true, rescale_factor: 1 / 255 };
  const process = new DPTImageProcessor({ ...settings, keep_aspect_ratio: false, do_normalize: false });
  const { pixel_values: values } = await process(picture);
  assert.deepEqual(values.dims, [1, 3, height, width]);
  return (row, column) => Math.round(values.data[row * width + column] * 255);
}

const RAMP = photo((x) => Math.floor((x * 2) / 5));
const FENCE = photo((x) => (x % 4 === 0 ? 255 : 0));
const WALL = photo(() => 200);
const places = [...Array(5).keys()];
for (const resample of [0, 2, 3]) {
  const ramp = await prepared(RAMP, resample, 160, 120);
  const fence = await prepared(FENCE, resample, 160, 120);
  const columns = [...places.map((i) => 40 + i), ...places.map((i) => 110 + i)];
  const found = { ramp: columns.map((x) => ramp(60, x)), fence: columns.map((x) => fence(60, x)) };
  console.log(`resample ${resample}`, JSON.stringify(found), 'Pillow', JSON.stringify(pillow[resample] ?? 'not asked'));
  assert.deepEqual(found.ramp, columns.map((x) => Math.floor((x * 8) / 5)));
  assert.deepEqual(found.fence, columns.map(() => 255));
  if (!resample) continue;
  assert.ok(pillow[resample].ramp.every((level, i) => level >= found.ramp[i]));
  const wall = await prepared(WALL, resample, 1280, 960);
  console.log('resample', resample, 'a wall made larger', wall(480, 640), 'its edge', wall(480, 1279), wall(959, 640));
  assert.deepEqual([wall(480, 640), wall(480, 1279), wall(959, 640)], [200, 100, 100]);
}
const right = await prepared(FENCE, 1, 160, 120);
console.log('resample 1 (lanczos), fence', JSON.stringify(places.map((i) => right(60, 40 + i))));
assert.ok(places.every((i) => Math.abs(right(60, 40 + i) - 64) <= 2));
JAVASCRIPT
node shrink.mjs
