#!/usr/bin/env bash
# apache-arrow 21.2.0 (npm), read with PyArrow 26.0.1: as half floats 7.999 m becomes 4 m, and what is 70,000 away is at 2.13.
#
# Guess:     a column of Float16 made from numbers holds the nearest half float of each, and infinity beyond 65504, as NumPy's: the code
#            of the conversion calls NumPy's its model, and the Python library for the same format has these numbers.
# Behaviour: what is rounded up to a power of two loses the carry where that would change the last bit of the exponent: just
#            below 0.5, 2, 8, 32 and 128 the number is halved, with either sign. From 65536 on it begins anew at 2 where the lower half of
#            its double is 0, as of each whole number here; 70,000.1 is infinite. Below 0.00000003 it is anything up to 0.00006, NaN or minus
#            infinity. vectorFromArray(), a builder and set() all do so; get() reads what is in the file, and of infinity and
#            NaN all is right. Nothing is said.
# Seen:      metres         1.9999   7.999   8      31.995   -7.999   65504   65536   70000    1000000   infinity
#            apache-arrow   1        4       8      16       -4       65504   2       2.1348   3.8145    infinity
#            NumPy          2        8       8      32       -8       65504   inf     inf      inf       infinity
#            0.00000001 and 0.00006102 are minus infinity, 0.000000001 is 0.00004196
#            of the 130,000 whole millimetres to 130 m 39 are halved: 1 below 8 m, 7 below 32 m, 31 below 128 m; all others are as NumPy's
#
# It matters where depth goes to or comes from a browser: a wall at 8 m has single points at 4 m, and a "very far" of 1e6 is next to the lens.
# Fails where that changes. Needs Python 3.11 or newer, Node.js, npm and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 pyarrow==26.0.1
npm install --silent --no-audit --no-fund apache-arrow@21.2.0
cat > write.mjs <<'JAVASCRIPT'
import { writeFileSync } from 'node:fs';
import { Float16, makeBuilder, Table, tableToIPC, vectorFromArray } from 'apache-arrow';

const some = [1.9999, 7.999, 8, 31.995, -7.999, 65504, 65536, 70000, 1e6, Infinity, NaN, 0.49999, 70000.1, 1e-5, 1e-8, 6.102e-5, 1e-9];
const steps = Array.from({ length: 130000 }, (_, index) => (index + 1) / 1000);
const [builder, anew] = [makeBuilder({ type: new Float16() }), vectorFromArray(some.map(() => 0), new Float16())];
some.forEach((number, index) => { builder.append(number); anew.set(index, number); });
const columns = { some: vectorFromArray(some, new Float16()), built: builder.finish().toVector(), set: anew };
columns.steps = vectorFromArray(steps, new Float16());
for (const [name, column] of Object.entries(columns)) {
  if (name !== 'steps') console.log(`${name}, by get():`, [...column].join(' '));
  writeFileSync(`${name}.arrow`, tableToIPC(new Table({ [name]: column }), 'file'));
}
JAVASCRIPT
node write.mjs
venv/bin/python - <<'PYTHON'
import numpy as np
from pyarrow import ipc

SOME = np.array([1.9999, 7.999, 8, 31.995, -7.999, 65504, 65536, 70000, 1e6, np.inf, np.nan, 0.49999, 70000.1, 1e-5, 1e-8, 6.102e-5, 1e-9])
SEEN = [1, 4, 8, 16, -4, 65504, 2, 2.134765625, 3.814453125, np.inf, np.nan, 0.25, np.inf, 1e-5, -np.inf, -np.inf, 4.196e-5]
with np.errstate(over="ignore"):
    print("NumPy:", SOME.astype(np.float16))
for name in ("some", "built", "set"):
    found = ipc.open_file(f"{name}.arrow").read_all()[name].to_numpy()
    print(f"{name}, by PyArrow:", found)
    assert found.dtype == np.float16 and np.array_equal(found, np.array(SEEN, np.float16), equal_nan=True)
steps = np.arange(1, 130_001) / 1000
nearest, found = steps.astype(np.float16), ipc.open_file("steps.arrow").read_all()["steps"].to_numpy()
halved = steps[found != nearest]
print("halved:", halved)
assert np.array_equal(found[found != nearest] * 2, nearest[found != nearest])
assert [np.sum((halved > edge - 1) & (halved < edge)) for edge in (8, 32, 128)] == [1, 7, 31] and len(halved) == 39
PYTHON
