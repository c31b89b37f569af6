#!/usr/bin/env bash
# image-js 1.7.0 (npm): resize moves a picture by half a new pixel to the right and down, even to the size that it has.
#
# Guess:     resize lays the new pixels over the whole picture: bilinear, which is the default, gives the same picture at the
#            same size, the mean of two at half the size, and weights of 1/4 and 3/4 at twice the size, as in OpenCV, Pillow
#            and browsers.
# Behaviour: bilinear and bicubic take what lies further to the left and up by half a pixel of the new picture: of one made
#            smaller by 8, by four pixels of the old one. What is last goes out of the picture, what is first is repeated.
#            At the same size it is a blur that moves, and it moves again each time. "nearest" takes the first of the pixels that
#            a new one covers; at the same and at twice the size that is right. transform() and transformRotate() are
#            right with every interpolation.
# Seen:      a ramp of 1000 1100 1200 ... 2500 in 16 bits
#            nearest, 16 columns      1000 1100 1200 1300 ...
#            bilinear, 16 columns     1000 1050 1150 1250 ...      right: 1000 1100 1200 1300
#            bilinear, 8 columns      1000 1150 1350 1550 ...      right: 1050 1250 1450 1650
#            bilinear, 32 columns     1000 1000 1050 1100 ...      right: 1000 1025 1075 1125
#            bilinear, 2 columns      1000 1750                    right: 1350 2150
#            bicubic, 16 columns       994 1044 1150 1250 ...      right: 1000 1100 1200 1300
#            bilinear, 8 times to 16  the middle, 1800, has become 1400: four pixels
#
# It matters where depth and its picture are brought to one size, each on its own: they no longer lie on each other.
# Fails where that changes. Needs Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund image-js@1.7.0
cat > resize.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { Image } from 'image-js';

const size = { width: 16, height: 8 };
const values = Array.from({ length: 16 }, (_, column) => 1000 + 100 * column);
const data = Uint16Array.from({ length: 16 * 8 }, (_, place) => values[place % 16]);
const ramp = new Image(16, 8, { data, colorModel: 'GREY', bitDepth: 16 });
const row = (image) => Array.from({ length: image.width }, (_, column) => image.getValue(column, 2, 0));

// The ramp at a place between pixels; beyond its first and its last one it is level.
const at = (place) => 1000 + 100 * Math.min(Math.max(place, 0), 15);
const resized = (width, interpolationType) => row(ramp.resize({ width, height: 8, interpolationType }));
for (const width of [16, 32, 24, 8, 2]) {
  const found = resized(width, 'bilinear');
  const wanted = found.map((_, column) => at(((column + 0.5) * 16) / width - 0.5));
  console.log(`${width} columns: bilinear ${found.slice(0, 4)}, right ${wanted.slice(0, 4).map(Math.round)}`);
  const moved = found.map((_, column) => at((column * 16) / width - 0.5));
  assert.ok(found.every((value, column) => Math.abs(value - moved[column]) <= 1));
}
assert.deepEqual(resized(32, 'nearest'), values.flatMap((value) => [value, value]));
assert.deepEqual(resized(16, 'nearest'), values);
assert.deepEqual(row(ramp.resize(size)), resized(16, 'bilinear'));
assert.deepEqual(resized(16, 'bilinear').slice(0, 4), [1000, 1050, 1150, 1250]);
assert.deepEqual(resized(16, 'bicubic').slice(0, 4), [994, 1044, 1150, 1250]);
let again = ramp;
for (let pass = 0; pass < 8; pass++) again = again.resize(size);
console.log(`bilinear, 8 times to 16 columns: ${row(again).slice(6, 10)}, before ${values.slice(6, 10)}`);
assert.equal(row(again)[8], 1400);
for (const interpolationType of ['bilinear', 'bicubic']) {
  const options = { interpolationType };
  assert.deepEqual(row(ramp.transform([[1, 0, 0], [0, 1, 0]], options)), values);
  assert.deepEqual(row(ramp.transformRotate(180, options)), values.toReversed());
}
JAVASCRIPT
node resize.mjs
