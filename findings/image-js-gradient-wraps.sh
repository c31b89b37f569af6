#!/usr/bin/env bash
# image-js 1.7.0 (npm): derivativeFilter begins anew at black beyond 255: a strong edge vanishes, and 16-bit edges are noise.
#
# Guess:     derivativeFilter (Sobel, Prewitt, Scharr) shows how steep a picture is: a greater step gives a brighter line, what
#            is beyond white stays white, and 16 bits are handled as 8 bits are. gradientFilter with one kernel does so.
# Behaviour: with both kernels, as derivativeFilter always has them, the length of the gradient is written into a picture of 8
#            bits, whatever the depth of the first one, without being cut off: only its last eight bits are left. Sobel of
#            a step of 64 levels is 256, so that the edge is black, and one of 127 is as bright as one of 63. Depth
#            in 16 bits, which is accepted, gives 8 bits of the same kind. rawDirectConvolution gives the true numbers.
# Seen:      a step from one half of a picture to the other, in levels or millimetres; the pixel beside it
#            step                   10    63    64   100   128   200   255   500   512  1000
#            Sobel, 8 bits          40   252     0   144     0    32   252
#            Sobel, 16 bits         40   252     0   144     0    32   252   208     0   160, as 8 bits
#            Sobel, true            40   252   256   400   512   800  1020  2000  2048  4000
#            only the kernel for columns: 8 bits 40 252 255 255 ..., 16 bits the true numbers, as 16 bits
#
# It matters where edges of depth are looked for: objects in front of something far have none.
# Fails where that changes. Needs Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund image-js@1.7.0
cat > gradient.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { Image } from 'image-js';

const STEPS = { 8: [10, 63, 64, 100, 128, 200, 255], 16: [10, 63, 64, 100, 128, 200, 255, 500, 512, 1000] };
const SOBEL = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]];
const FACTORS = { sobel: 4, prewitt: 3, scharr: 16 }; // what a step of one is, by its kernel

function halves(step, bitDepth) {
  const data = new (bitDepth === 8 ? Uint8Array : Uint16Array)(16 * 8).map((_, place) => (place % 16 < 8 ? 0 : step));
  return new Image(16, 8, { data, colorModel: 'GREY', bitDepth });
}

for (const bitDepth of [8, 16]) {
  for (const [filter, factor] of Object.entries(FACTORS)) {
    const found = STEPS[bitDepth].map((step) => halves(step, bitDepth).derivativeFilter({ filter }));
    const values = found.map((image) => image.getValue(7, 4, 0));
    console.log(`${filter}, ${bitDepth} bits: ${values}, as ${found[0].bitDepth} bits`);
    assert.ok(found.every((image) => image.bitDepth === 8));
    assert.deepEqual(values, STEPS[bitDepth].map((step) => (factor * step) % 256));
  }
  const white = 2 ** bitDepth - 1;
  const columns = STEPS[bitDepth].map((step) => halves(step, bitDepth).gradientFilter({ kernelX: SOBEL }));
  console.log(`one kernel, ${bitDepth} bits: ${columns.map((image) => image.getValue(7, 4, 0))}`);
  for (const [number, step] of STEPS[bitDepth].entries()) {
    assert.equal(columns[number].bitDepth, bitDepth);
    assert.equal(columns[number].getValue(7, 4, 0), Math.min(4 * step, white));
    assert.equal(halves(step, bitDepth).rawDirectConvolution(SOBEL, { borderType: 'replicate' })[4 * 16 + 7], 4 * step);
  }
}
JAVASCRIPT
node gradient.mjs
