#!/usr/bin/env bash
# numcodecs 0.17.1 (zarr 3.4.2): BitRound makes depth 0 of holes (NaN) as a graphics card writes them, and not of numpy's own.
#
# Guess:     BitRound rounds the mantissa to so many bits. A hole stays a hole, whichever of the many bit patterns of NaN it has.
# Behaviour: half of the last bit is added to the bits as a whole number, without a look at what they are. In 0x7fffffff, all of whose
#            mantissa is set, that carries through the exponent into the sign: -0.0. CUDA's programming guide names this
#            pattern as the NaN of float32 operations; numpy's 0x7fc00000 has room for the carry. So the same map has holes, or zeros, by
#            the machine that computed it, in float16, float32 and float64, in numcodecs alone as in an array of zarr.
# Seen:      2.5, NaN with 8 bits kept
#            numpy's NaN                       2.5, NaN
#            all bits of the mantissa set      2.5, -0
#
# It matters since BitRound is what shrinks float maps in Zarr, and networks that give depth run on graphics cards.
# Fails where that changes. Needs Python 3.12 or newer (PYTHON=python3.12) and the network; writes to a temporary folder only.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
"${PYTHON:-python3}" -m venv venv
venv/bin/pip install --quiet numpy==2.5.5 numcodecs==0.17.1 zarr==3.4.2
venv/bin/python -W ignore - <<'PYTHON'
import numpy as np
import zarr
from numcodecs import BitRound
from zarr.codecs.numcodecs import BitRound as ZarrBitRound

KEPT = 8
KINDS = {"float16": (np.uint16, 0x7FFF), "float32": (np.uint32, 0x7FFFFFFF), "float64": (np.uint64, 0x7FFFFFFFFFFFFFFF)}


def with_hole(kind, bits=None):
    depth = np.array([[2.5, np.nan]], kind)
    if bits is not None:
        depth.view(KINDS[kind][0])[0, 1] = bits
    assert np.isnan(depth[0, 1])
    return depth


def by_numcodecs(depth):
    codec = BitRound(KEPT)
    return np.asarray(codec.decode(codec.encode(depth.copy()))).view(depth.dtype)


def by_zarr(depth):
    zarr.create_array("depth.zarr", data=depth, filters=[ZarrBitRound(keepbits=KEPT)], fill_value=np.nan, overwrite=True)
    return zarr.open_array("depth.zarr", mode="r")[:]


def text(depth):
    return [f"{value:g}" for value in depth.ravel()]


for kind, (_, bits) in KINDS.items():
    for way in (by_numcodecs, by_zarr):
        answers = text(way(with_hole(kind))), text(way(with_hole(kind, bits)))
        print(kind, way.__name__, *answers)
        assert answers == (["2.5", "nan"], ["2.5", "-0"])
PYTHON
