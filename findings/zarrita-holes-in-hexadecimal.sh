#!/usr/bin/env bash
# zarrita 0.7.5 (npm): holes (NaN) of a depth map that TensorStore 0.1.86 (PyPI) wrote are 4,290,772,992 m away where they fill a chunk.
#
# Guess:     a value that stands for what was never written is one for all readers. The specification of Zarr 3 gives a NaN as "NaN" if its
#            bits are the usual ones, and any other by its bits in hexadecimal, with 0xffc00000 one of four bytes. zarrita
#            says that it reads version 3; a text that it does not know it would refuse, as it refuses a type that it does not know.
# Behaviour: it knows the texts NaN, Infinity and -Infinity. Another goes into the array as it is, and JavaScript makes of it the
#            whole number that the digits spell. x86 processors make the NaN 0xffc00000 of 0 / 0 and of infinity less infinity.
#            TensorStore writes it so, and leaves out each chunk that has no other number: of the holes in one map those
#            in such chunks are the far ones, those beside depth are NaN. zarr-python reads NaN everywhere. Nothing is said.
# Seen:      4 x 12, depth 2 with one hole | holes that were written | nothing written; one chunk each, in float32
#            fill_value in zarr.json   "NaN"                    "0xffc00000"                   a card's "0x7fffffff"
#            TensorStore, zarr-python  NaN 2 | NaN | NaN        NaN 2 | NaN | NaN              NaN 2 | NaN | NaN
#            zarrita                   NaN 2 | NaN | NaN        NaN 2 | 4290772992 | 4290772992 NaN 2 | 2147483648 | 2147483648
#            in float64 "0xfff8000000000000" is 18444492273895866368
# It matters where a browser shows what Python has made: a mean or a greatest depth is that of the holes.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 tensorstore==0.1.86 zarr==3.1.6
npm install --silent --no-audit --no-fund zarrita@0.7.5
venv/bin/python - <<'PYTHON'
import json
from pathlib import Path

import numpy as np
import tensorstore
import zarr

KEPT = {"chunk_grid": {"name": "regular", "configuration": {"chunk_shape": [4, 4]}}}
for name, bits in (("usual", "NaN"), ("divided", "0xffc00000"), ("card", "0x7fffffff"), ("double", "0xfff8000000000000")):
    size = 8 if name == "double" else 4
    hole = np.nan if name == "usual" else np.array(int(bits, 16), f"u{size}").view(f"f{size}")[()]
    how = {"driver": "zarr3", "kvstore": {"driver": "file", "path": name}, "metadata": KEPT, "dtype": f"float{8 * size}"}
    store = tensorstore.open(how, create=True, shape=[4, 12], fill_value=hole).result()
    depth = np.full((4, 8), 2, f"f{size}")
    depth[0, 0] = depth[:, 4:] = hole
    store[:, :8] = depth
    written, there = json.loads(Path(name, "zarr.json").read_text())["fill_value"], sorted(Path(name, "c").glob("*/*"))
    print(name, written, [str(path) for path in there])
    assert written == bits and there == [Path(name, "c/0/0")]
    for found in (store.read().result(), zarr.open_array(name, mode="r")[:]):
        assert np.isnan(found[0, 0]) and np.isnan(found[:, 4:]).all() and np.nansum(found) == 30
PYTHON
cat > read.mjs <<'JAVASCRIPT'
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { get, open } from 'zarrita';

for (const [name, far] of [['usual', NaN], ['divided', 4290772992], ['card', 2147483648], ['double', 0xfff8000000000000]]) {
  const store = { get: (path) => readFile(name + path).catch(() => undefined) };
  const { data } = await get(await open.v3(store, { kind: 'array' }), [0, null]);
  console.log(`${name}:`, [...data].join(' '));
  assert.deepEqual([...data], [NaN, 2, 2, 2, far, far, far, far, far, far, far, far]);
}
JAVASCRIPT
node read.mjs
