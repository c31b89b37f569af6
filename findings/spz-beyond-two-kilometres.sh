#!/usr/bin/env bash
# @playcanvas/splat-transform 3.7.0 and spz-js 1.2.5 (npm): a splat 3000 m ahead is 1096 m behind once it was in an SPZ.
#
# Guess:     SPZ keeps a place as a whole number of 1/4096, in 24 bits: what does not fit, beyond 2048 to each side, is put at the edge, kept
#            in coarser steps, or refused, as the same tool's SOG and compressed PLY keep all there is in steps that fit.
# Behaviour: the upper bits are cut off: a place comes back less 4096, or 8192, and so on, to the nearest 1/4096 and on the other side. Only the
#            axis that is too long is concerned. Both writers do so, and nothing is said; what the two read is the same.
# Seen:      x in the PLY         100.3  2047.9   2048.1    2049     3000     5000    20000
#            SPZ, both            100.3  2047.9  -2047.9   -2047    -1096      904     -480
#            SOG                  100.3  2047.7   2048.0    2049     3000   4999.7    20000
#            compressed PLY        97.7  2051.8   2051.8  2051.8   2999.5   5002.4    20000
#            y and z keep their places
#
# It matters since the sky and the hills of a scene in metres lie that far out, and so does all in coordinates of a map.
# Fails where that changes. Needs Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund @playcanvas/splat-transform@3.7.0 spz-js@1.2.5
cat > far.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { loadPly, loadSpz, serializeSpz } from 'spz-js';

const FAR = [0, 100.3, 2047.9, 2048.1, 2049, 3000, 5000, 20000];
const WRAPPED = [0, 100.3, 2047.9, -2047.9, -2047, -1096, 904, -480];
const NAMES = 'x y z f_dc_0 f_dc_1 f_dc_2 opacity scale_0 scale_1 scale_2 rot_0 rot_1 rot_2 rot_3'.split(' ');
const header = ['ply', 'format binary_little_endian 1.0', `element vertex ${FAR.length}`, ...NAMES.map((name) => `property float ${name}`), 'end_header', ''];
const numbers = Float32Array.from(FAR.flatMap((x, place) => [x, 1.5, place, 0.1, 0.2, 0.3, 2, -3, -4, -5, 1, 0, 0, 0]));
writeFileSync('far.ply', Buffer.concat([Buffer.from(header.join('\n')), Buffer.from(numbers.buffer)]));

const convert = (from, to) => execFileSync('node_modules/.bin/splat-transform', ['-w', from, to], { stdio: 'pipe' });
function read(path) {
  convert(path, 'read.csv');
  const [names, ...rows] = readFileSync('read.csv', 'utf8').trim().split('\n').map((line) => line.split(','));
  return ['x', 'y', 'z'].map((name) => rows.map((row) => Number(row[names.indexOf(name)])));
}
function check(name, [x, y, z], expected, most) {
  console.log(`${name}: ${x.map((number) => Number(number.toFixed(1))).join(' ')}`);
  expected.forEach((number, place) => assert.ok(Math.abs(x[place] - number) <= most, `${x[place]} for ${number}`));
  y.forEach((number) => assert.ok(Math.abs(number - 1.5) < 0.01));
  z.forEach((number, place) => assert.ok(Math.abs(number - place) < 0.01));
}
const axes = ({ positions }) => [0, 1, 2].map((axis) => FAR.map((_, place) => positions[3 * place + axis]));

check('PLY', read('far.ply'), FAR, 0.001);
convert('far.ply', 'far.spz');
check('SPZ by splat-transform', read('far.spz'), WRAPPED, 0.001);
writeFileSync('other.spz', Buffer.from(await serializeSpz(await loadPly(new Blob([readFileSync('far.ply')]).stream()))));
check('SPZ by spz-js', axes(await loadSpz(readFileSync('other.spz'))), WRAPPED, 0.001);
check('the same, read by splat-transform', read('other.spz'), WRAPPED, 0.001);
for (const [name, most] of [['far.sog', 2], ['far.compressed.ply', 10]]) {
  convert('far.ply', name);
  check(name, read(name), FAR, most);
}
JAVASCRIPT
node far.mjs
