#!/usr/bin/env bash
# libvips 8.18.7 (pyvips 3.2.0, sharp 0.35.5): a flat wall in 16 bits that is made smaller comes out nearer, and in stripes.
#
# Guess:     resize keeps what is flat: the weights of a new pixel add up to one, so that a wall at 10,000 mm is at 10,000
#            mm in every size, in 16 bits as in 8 bits and floats.
# Behaviour: for whole numbers the weights are whole 4096ths, each rounded by itself: their sum is some 4096ths off, and is
#            not put right. In 8 bits that is lost in rounding. In 16 bits the answer is off by up to 0.2 % of the distance,
#            another part of it in each row and column, by a pattern that depends on the sizes: stripes and steps where
#            there is a wall. Floats are right, and so are halves and other sizes whose weights are all alike. sharp, which
#            is libvips for Node.js, does the same.
# Seen:      640 x 480 of one value, made smaller with lanczos3, the default
#            to 518 x 389 (the size of many depth networks)     3000 mm: 2996 to 3000      10000 mm: 9986 to 10000
#            to 256 x 192                                       3000 mm: 2998              10000 mm: 9990
#            to 320 x 240                                       3000 mm: 3000              10000 mm: 10000
#            floats, and 8 bits, of any size                    as before
#            a wall at 60000 in half, mitchell: 59942; mks2021: 60058; by 0.37, linear: 59882 to 59970
#
# It matters where normals or edges are taken of depth that was made smaller: they see steps of 14 mm in a plane at 10 m.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 pyvips==3.2.0 pyvips-binary==8.18.7
npm install --silent --no-audit --no-fund sharp@0.35.5
venv/bin/python - <<'PYTHON'
import numpy as np
import pyvips

assert [pyvips.version(part) for part in range(3)] == [8, 18, 7]


def ends(value, kind, scale, **options):
    """The least and the greatest of a wall of one value, made smaller."""
    wall = pyvips.Image.new_from_array(np.full((480, 640), value, kind))
    small = wall.resize(scale, **options).numpy()
    assert small.dtype == kind
    return small.min().item(), small.max().item()


for width, seen in ((518, {3000: (2996, 3000), 10000: (9986, 10000)}), (256, {3000: (2998, 2998), 10000: (9990, 9990)})):
    for value, found in seen.items():
        print(f"{value} mm to {width} columns: {ends(value, np.uint16, width / 640)}")
        assert ends(value, np.uint16, width / 640) == found
        assert ends(value, np.float32, width / 640) == (value, value)
    assert ends(200, np.uint8, width / 640) == (200, 200)
assert ends(10000, np.uint16, 320 / 640) == (10000, 10000)
for kernel, scale, found in (("mitchell", 0.5, (59942, 59942)), ("mks2021", 0.5, (60058, 60058)), ("linear", 0.37, (59882, 59970))):
    print(f"60000 by {scale}, {kernel}: {ends(60000, np.uint16, scale, kernel=kernel)}")
    assert ends(60000, np.uint16, scale, kernel=kernel) == found
    low, high = ends(60000, np.float32, scale, kernel=kernel)
    assert abs(low - 60000) < 0.1 and abs(high - 60000) < 0.1
PYTHON
cat > resize.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import sharp from 'sharp';

assert.equal(sharp.versions.vips, '8.18.7');
const wall = new Uint16Array(640 * 480).fill(10000);
for (const [width, least, greatest] of [[518, 9986, 10000], [256, 9990, 9990], [320, 10000, 10000]]) {
  const picture = sharp(wall, { raw: { width: 640, height: 480, channels: 1 } });
  const bytes = await picture.resize({ width }).toColourspace('grey16').raw({ depth: 'ushort' }).toBuffer();
  const values = [...new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2)];
  const found = [Math.min(...new Set(values)), Math.max(...new Set(values))];
  console.log(`sharp, 10000 mm to ${width} columns: ${found}`);
  assert.deepEqual(found, [least, greatest]);
}
JAVASCRIPT
node resize.mjs
