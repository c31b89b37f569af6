#!/usr/bin/env bash
# pureini 0.10.0 (PyPI): a northing of 5,400,000 m is kept or put at 2147 km, as one or three floats of a point are compressed.
#
# Guess:     a field of floats with a resolution of 1 mm comes back to the half of that, or to what a float can tell; what does not fit into
#            the steps is refused or kept without loss. Which fields lie beside it makes no difference, and infinity, "nothing
#            hit", stays apart from NaN, "not measured".
# Behaviour: x, y and z, also with a fourth, are taken as a vector, in whole numbers of 32 bits: what is beyond 2^31 steps to either side is
#            put at the edge, so that all points of a map are one. One or two floats, and doubles, have more room and keep their places.
#            What lies half way between two steps goes to the even one in a vector, and away from 0 alone. Infinity comes back as NaN,
#            in each lossy field. All versions of the format that it writes (2 to 5) do so. Nothing is said.
# Seen:      metres                          5,400,000    5,400,100   -3,000,000    2,000,000     infinity
#            x; x y (float32, 1 mm)          5,399,999.5  5,400,100   -3,000,000    2,000,000     NaN   (a float goes in steps of 0.5 m)
#            x y z; x y z and intensity      2147483.75   2147483.75  -2147483.75   2,000,000     NaN
#            x y z, 10 mm                    5,400,000    5,400,099.5 -3,000,000    2,000,000     NaN
#            x y z, float64, 1 mm            5,400,000    5,400,100   -3,000,000    2,000,000     NaN
#            0.5 and 1.5 steps of 1/1024 m   x: 1, 2      x y z: 0, 2
#
# It matters where clouds are recorded in coordinates of a map: northings begin to be beyond 2147 km 20 degrees from the equator.
# Fails where that changes. Needs Python 3.11 or newer and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet --no-compile numpy==2.4.6 pureini==0.10.0
venv/bin/python - <<'PYTHON'
import numpy as np
import pureini

PLACES = np.array([5_400_000, 5_400_100, -3_000_000, 2_000_000, np.inf])
EDGE = [2147483.75, 2147483.75, -2147483.75, 2_000_000, np.nan]
KEPT = [*PLACES[:4], np.nan]


def through(places, names, step=0.001, kind=np.float32, version=5):
    """The same places in each of the fields: what comes back of the first, if it comes back of all."""
    cloud = np.stack([places] * len(names), axis=1).astype(kind)
    size = cloud.itemsize
    known = pureini.FieldType.FLOAT32 if kind is np.float32 else pureini.FieldType.FLOAT64
    fields = [pureini.PointField(name, size * index, known, step) for index, name in enumerate(names)]
    how = {"encoding_opt": pureini.EncodingOptions.LOSSY, "compression_opt": pureini.CompressionOption.ZSTD, "version": version}
    info = pureini.EncodingInfo(fields, width=len(places), point_step=size * len(names), **how)
    data, _ = pureini.PointcloudDecoder().decode(pureini.PointcloudEncoder(info).encode(cloud.tobytes()))
    back = np.frombuffer(data, kind).reshape(cloud.shape)
    assert np.array_equal(back, back[:, :1].repeat(len(names), axis=1), equal_nan=True)
    return back[:, 0]


for version in (2, 3, 4, 5):
    for names, expected in (("x", KEPT), ("xy", KEPT), ("xyz", EDGE), ("xyzi", EDGE)):
        found = through(PLACES, names, version=version)
        print(f"version {version}, {names}:", found.tolist())
        assert np.allclose(found, expected, rtol=0, atol=0.5, equal_nan=True)
for step, kind in ((0.01, np.float32), (0.001, np.float64)):
    found = through(PLACES, "xyz", step, kind)
    print(f"{step} m, {kind.__name__}:", found.tolist())
    assert np.allclose(found, KEPT, rtol=0, atol=0.5, equal_nan=True)
for names, expected in (("x", [1, 2]), ("xyz", [0, 2])):
    assert (through(np.array([0.5, 1.5]) / 1024, names, 1 / 1024) * 1024).tolist() == expected
PYTHON
