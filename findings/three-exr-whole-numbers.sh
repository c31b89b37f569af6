#!/usr/bin/env bash
# three 0.187.0 (npm): an EXR with a channel of whole numbers beside its colours loses them from the second row on.
#
# Guess:     EXRLoader takes R, G and B and passes over what it does not show, as it does with a channel Z of floats: a file
#            is read, or refused as one of "unsupported data channels".
# Behaviour: rows are laid out as if the channel of whole numbers (UINT) were not there, although its bytes are: the first row
#            is right, and each row after it begins earlier, among the numbers and the colours of another. It is so
#            of compressed files (ZIP, PIZ), with colours as floats and as half floats. FFmpeg 8.1 (PyAV 18.1.0) reads the
#            same files of floats rightly.
# Seen:      8 x 6, red from 1 to 48, green 100 more, blue 200 more; first and last row
#            with Z (float)     1 101 201 ... and 41 141 241 ...
#            with id (uint)     1 101 201 ... and 133 233 0 ...; colours as half floats 25 125 225 ...
#            with id, and no compression: as with Z
#
# It matters since the number of an object or a material is what renderers write beside colour and depth.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.4.6 openexr==3.5.3 av==18.1.0
npm install --silent --no-audit --no-fund three@0.187.0
venv/bin/python - <<'PYTHON'
import av
import numpy as np
import OpenEXR

red = np.arange(1, 49, dtype=np.float32).reshape(6, 8)
colours = {"R": red, "G": red + 100, "B": red + 200}
for name, beside in (("float", {"Z": red + 300}), ("uint", {"id": red.astype(np.uint32)})):
    for compression in ("NO", "ZIP", "PIZ"):
        for size in (np.float16, np.float32):
            header = {"compression": getattr(OpenEXR, f"{compression}_COMPRESSION"), "type": OpenEXR.scanlineimage}
            path = f"{name}-{compression}-{size.__name__}.exr"
            OpenEXR.File(header, {one: each.astype(size) for one, each in colours.items()} | beside).write(path)
            if size is np.float16:
                continue
            with av.open(path) as container:
                assert np.array_equal(next(container.decode(video=0)).to_ndarray()[..., 0], red)
PYTHON
cat > read.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { FloatType } from 'three';
import { EXRLoader } from 'three/examples/jsm/loaders/EXRLoader.js';

for (const path of readdirSync('.').filter((name) => name.endsWith('.exr')).sort()) {
  const bytes = readFileSync(path);
  const loader = new EXRLoader().setDataType(FloatType);
  const { data, width, height } = loader.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const start = (row) => [...data.slice((height - 1 - row) * width * 4, (height - 1 - row) * width * 4 + 3)];
  console.log(`${path}: first row ${start(0)}, last row ${start(height - 1)}`);
  assert.deepEqual(start(0), [1, 101, 201]);
  const wrong = path.endsWith('16.exr') ? [25, 125, 225] : [133, 233];
  const expected = path.startsWith('float') || path.includes('-NO-') ? [41, 141, 241] : wrong;
  assert.deepEqual(start(height - 1).slice(0, expected.length), expected);
}
JAVASCRIPT
node read.mjs
