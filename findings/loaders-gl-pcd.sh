#!/usr/bin/env bash
# @loaders.gl/pcd 4.4.2 (npm): a cloud has red for blue, is nearly black if compressed, and elsewhere if it is of doubles.
#
# Guess:     PCDLoader reads "ascii", "binary" and "binary_compressed": the same cloud is the same points and colours in all
#            three. SIZE and TYPE of the header say what a number is: doubles are read as such, or refused.
# Behaviour: colours lie in the file as blue, green and red (0x00RRGGBB, the lowest byte first) and are handed on in that
#            order as red, green and blue. Compressed they are divided by 255 besides, and put into whole numbers: what is
#            not full is 0, what is full is 1. SIZE and TYPE are not looked at: the first half of a double is taken for a
#            float, and so are millimetres in whole numbers. Only text is read as what it says. Nothing is said.
# Seen:      one point at (0.1, 0.05, 1.5) m, orange (255, 128, 0)
#            float, ascii                   0.1 0.05 1.5            0 128 255
#            float, binary                  0.1 0.05 1.5            0 128 255
#            float, binary_compressed       0.1 0.05 1.5            0 0 1
#            double, ascii                  0.1 0.05 1.5            0 128 255
#            double, binary and compressed  -1.6e-23 -1.6e-23 0     the same colours as floats
#            whole millimetres (int32)      1.4e-43 7.0e-44 2.1e-42
#
# It matters since a cloud of 64-bit points is what numpy makes by default. Of 1.5 m nothing is left, since the first half
# of that double is zero; of a measured number it is noise.
# Fails where that changes. Needs Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @loaders.gl/core@4.4.5 @loaders.gl/pcd@4.4.2
cat > cloud.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { parse } from '@loaders.gl/core';
import { PCDLoader } from '@loaders.gl/pcd';

const POINT = [0.1, 0.05, 1.5];
const ORANGE = (255 << 16) | (128 << 8) | 0;
const WRITERS = {
  float: [4, 'F', (view, place, value) => view.setFloat32(place, value, true)],
  double: [8, 'F', (view, place, value) => view.setFloat64(place, value, true)],
  millimetres: [4, 'I', (view, place, value) => view.setInt32(place, Math.round(value * 1000), true)],
};

// One point, so that the fields of all points one after another, as compressed files have them, are the same bytes.
function cloud(kind, data) {
  const [size, type, write] = WRITERS[kind];
  const body = new DataView(new ArrayBuffer(3 * size + 4));
  POINT.forEach((value, axis) => write(body, axis * size, value));
  body.setUint32(3 * size, ORANGE, true);
  const bytes = Buffer.from(body.buffer);
  const header = [
    'VERSION 0.7', 'FIELDS x y z rgb', `SIZE ${size} ${size} ${size} 4`, `TYPE ${type} ${type} ${type} F`, 'COUNT 1 1 1 1',
    'WIDTH 1', 'HEIGHT 1', 'VIEWPOINT 0 0 0 1 0 0 0', 'POINTS 1', `DATA ${data}`, '',
  ].join('\n');
  const numbers = `${[...POINT, body.getFloat32(3 * size, true)].join(' ')}\n`;
  const sizes = Buffer.alloc(8);
  sizes.writeUInt32LE(bytes.length + 1, 0); // LZF: up to 32 bytes as they are, behind their number less one
  sizes.writeUInt32LE(bytes.length, 4);
  const bodies = { ascii: [numbers], binary: [bytes], binary_compressed: [sizes, [bytes.length - 1], bytes] };
  return Uint8Array.from(Buffer.concat([header, ...bodies[data]].map((part) => Buffer.from(part)))).buffer;
}

async function read(kind, data) {
  const { attributes } = await parse(cloud(kind, data), PCDLoader, { core: { worker: false }, worker: false });
  const found = [attributes.POSITION, attributes.COLOR_0].map((attribute) => [...attribute.value]);
  console.log(`${kind}, ${data}: ${found[0].map((value) => value.toPrecision(2))}, colour ${found[1]}`);
  return found;
}

for (const data of ['ascii', 'binary', 'binary_compressed']) {
  const colour = data === 'binary_compressed' ? [0, 0, 1] : [0, 128, 255];
  assert.deepEqual(await read('float', data), [POINT.map(Math.fround), colour]);
  const [place, other] = await read('double', data);
  assert.deepEqual(other, colour);
  if (data === 'ascii') assert.deepEqual(place, POINT.map(Math.fround));
  else assert.ok(place.every((value) => Math.abs(value) < 1e-20));
}
const [place] = await read('millimetres', 'binary');
assert.ok(place.every((value) => Math.abs(value) < 1e-40));
JAVASCRIPT
node cloud.mjs
